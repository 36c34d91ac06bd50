package cam

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A departure is what a peer computes where it leaves its paper, as
// testdata/peers.py calls the map; Tomo's own follows the paper.
type departure func(context.Context, *probe, stack) (attribution.Field, error)

// pure is a departure that needs the layer alone.
func pure(weigh func(s stack) []float32) departure {
	return func(_ context.Context, _ *probe, s stack) (attribution.Field, error) { return s.field(weigh(s)), nil }
}

func probing(make func(context.Context, *probe) (attribution.Field, error)) departure {
	return func(ctx context.Context, p *probe, _ stack) (attribution.Field, error) { return make(ctx, p) }
}

var departures = map[string]departure{
	"torchcam/gradcam++":       pure(undividedGradCAMpp),
	"torchcam/smoothgradcam++": probing(peersSmoothGradCAMpp),
	"torchcam/iscam":           probing(peersIntegratedScoreCAM),
	"gradcam/gradcam++":        pure(paddedGradCAMpp),
	"gradcam/scorecam":         probing(peersScoreCAM),
	"gradcam/ablationcam":      probing(peersAblationCAM),
}

// TestPeers compares all variants with TorchCAM and pytorch-grad-cam on small
// networks of nine kinds; see testdata/peers.py.
func TestPeers(t *testing.T) {
	for _, name := range []string{"vgg", "dense", "mobile", "silu", "plain", "vit", "group", "signal", "volume"} {
		t.Run(name, func(t *testing.T) {
			m, err := model.Open(filepath.Join("testdata", "peers", name+".onnx"), model.Options{})
			if err != nil {
				t.Fatal(err)
			}
			arrays, err := tensor.OpenNPZ(filepath.Join("testdata", "peers", name+".npz"))
			if err != nil {
				t.Fatal(err)
			}
			p := peers{t, m, arrays["input"], nil}
			for key := range arrays {
				if parts := strings.Split(key, "/"); len(parts) == 3 && parts[0] == "gradcam" && parts[1] == "gradcam" && parts[2] != "fused" {
					p.layers = append(p.layers, parts[2])
				}
			}
			for key, want := range arrays {
				if parts := strings.Split(key, "/"); len(parts) > 1 {
					p.compare(parts, want.F32())
				}
			}
		})
	}
}

// peers compares with them on one network.
type peers struct {
	*testing.T
	model  *model.Model
	input  *tensor.Tensor
	layers []string // that there are references for
}

// compare compares one map: peer/method, peer/method/layer,
// peer/method/fused, or peer/method/wrapper/layer.
func (p *peers) compare(key []string, want []float32) {
	p.Helper()
	what := strings.Join(key, " ")
	last := key[len(key)-1]
	layers, o := []string{last}, Options{Samples: 3}
	switch {
	case len(key) == 2:
		layers = nil
	case last == "fused":
		layers, o.Fuse = p.layers, "mean"
	case len(key) == 4:
		o.Augment, o.EigenSmooth = key[2] == "augmented", key[2] == "smoothed"
	}
	got, err := p.make(key[0]+"/"+key[1], Variant(key[1]), layers, o)
	if err != nil {
		p.Errorf("%s: %v", what, err)
		return
	}
	if strings.Contains(key[1], "eigen") || o.EigenSmooth {
		want = relu(turned(want, got))
	}
	if key[1] == "fullgrad" {
		got = attribution.Normalize(got)
	}
	if scale := largest(want); scale > rounding {
		compare(p.T, what, got, want, scale)
	} else if d := largest(got); d > rounding {
		p.Errorf("%s: %v where the peer's map is zero", what, d)
	}
}

// rounding is what maps hold that are zero.
const rounding = 1e-6

// turned gives a component the sign with which it is nearer to a map.
func turned(component, to []float32) []float32 {
	other := make([]float32, len(component))
	for i, v := range component {
		other[i] = -v
	}
	if distance(relu(slices.Clone(other)), to) < distance(relu(slices.Clone(component)), to) {
		return other
	}
	return component
}

// make makes the map as the peer does.
func (p *peers) make(peer string, v Variant, names []string, o Options) ([]float32, error) {
	target := attribution.OfClass(p.model, class, attribution.Logit)
	layers, err := pickLayers(p.model, names, target.Value, p.input.Shape()...)
	if err != nil {
		return nil, err
	}
	look, err := Look(p.Context(), p.model, p.input, layers, target.Value)
	if err != nil {
		return nil, err
	}
	d, ok := departures[peer]
	if !ok {
		all := make([]int, len(layers))
		for i := range all {
			all[i] = i
		}
		f, err := look.wrapped(p.Context(), all, target, v.entry(), o)
		return f.Values, err
	}
	g, err := look.gradient(p.Context(), 0, target)
	if err != nil {
		return nil, err
	}
	f, err := d(p.Context(), look.newProbe(0, target, o, "test"), newStack(look.Grids[0], look.Acts[0], g))
	return f.Values, err
}

// undividedGradCAMpp is TorchCAM's, which loses the division by α's denominator.
func undividedGradCAMpp(s stack) []float32 {
	return relu(s.sum(func(k int) float64 {
		_, g := s.channel(k)
		w := 0.0
		for _, v := range g {
			w += float64(v) * float64(v) * math.Max(float64(v), 0)
		}
		return w
	}))
}

// paddedGradCAMpp is pytorch-grad-cam's, which adds 1e-6 to α's denominator:
// much, where gradients are small.
func paddedGradCAMpp(s stack) []float32 {
	return relu(s.sum(func(k int) float64 {
		a, g := s.channel(k)
		total, w := 0.0, 0.0
		for _, v := range a {
			total += float64(v)
		}
		for _, v := range g {
			g := float64(v)
			w += g * g / (2*g*g + total*g*g*g + 1e-6) * max(g, 0)
		}
		return w
	}))
}

// peersScoreCAM is pytorch-grad-cam's, which enlarges channels with their
// corners on the picture's corners, and scales them after that.
func peersScoreCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	s, in := p.stack(), p.Grid(p.Main)
	scores, err := p.scores(ctx, p.Main, s.channels, func(k int, row []float32) {
		a, _ := s.channel(k)
		mask := attribution.Normalize(cornered(a, s.grid, in))
		for i := range row {
			row[i] = mask[i%in.Places()] * p.Input.F32()[i]
		}
	})
	if err != nil {
		return attribution.Field{}, err
	}
	return p.weighted(softmax(scores)), nil
}

// cornered enlarges a map so that its corners lie on those of the picture
// (align_corners=True of PyTorch).
func cornered(values []float32, from, to model.Grid) []float32 {
	at := func(i, n, m int) (int, int, float64) {
		x := float64(i) * float64(n-1) / float64(m-1)
		low := int(x)
		return low, min(low+1, n-1), x - float64(low)
	}
	out := make([]float32, 0, to.Places())
	for v := range to.H {
		y0, y1, fy := at(v, from.H, to.H)
		for u := range to.W {
			x0, x1, fx := at(u, from.W, to.W)
			mix := func(y int) float64 {
				return (1-fx)*float64(values[y*from.W+x0]) + fx*float64(values[y*from.W+x1])
			}
			out = append(out, float32((1-fy)*mix(y0)+fy*mix(y1)))
		}
	}
	return out
}

// peersAblationCAM is pytorch-grad-cam's. Where a layer's output may be
// negative it has no zeros in a channel's place but the least number of the
// batch, those of the channels before included, less 1e7.
func peersAblationCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	acts := p.acts().F32()
	least := slices.Min(acts)
	if least == 0 {
		return ablationCAM(ctx, p)
	}
	s, clean := p.stack(), p.Score(p.target)
	const batch = 32
	low := float32(0)
	scores, err := p.scores(ctx, p.Layers[p.layer].Value, s.channels, func(k int, row []float32) {
		if k%batch == 0 {
			low = least
		}
		low -= 1e7
		for i := range row {
			row[i] = acts[i]
			if i/s.grid.DC%s.grid.Channels == k {
				row[i] = low
			}
		}
	})
	for k, without := range scores {
		scores[k] = (clean - without) / clean
	}
	return p.weighted(scores), err
}

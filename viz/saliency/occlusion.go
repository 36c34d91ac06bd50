package saliency

import (
	"context"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// occlusion gives every place the mean fall of the score over the windows that
// hide it: they slide over the input in all its directions, and those that pass its
// end are cut off.
// Zeiler and Fergus, arXiv 1311.2901, section 4.2; summed up as in Captum.
func occlusion(ctx context.Context, p *probe) (attribution.Field, error) {
	o := p.newOccluder()
	scores, err := o.scores(ctx)
	if err != nil {
		return attribution.Field{}, err
	}
	planes := p.Planes()
	clean := p.Score(p.target)
	fall, times := make([]float64, planes.Places()), make([]float64, planes.Places())
	for i, score := range scores {
		o.hides(i, func(y, x int) {
			fall[y*planes.W+x] += clean - score
			times[y*planes.W+x]++
		})
	}
	for i, n := range times {
		if n > 0 {
			fall[i] /= n
		}
	}
	p.fact("window", "%d %s, every %d", o.window, p.unit(), o.stride)
	return attribution.OnGrid(planes, narrow(fall)), nil
}

// unit is what the places of the input are called.
func (p *probe) unit() string {
	switch g := p.Planes(); {
	case p.isRow():
		return "features"
	case p.OfTokens():
		return "tokens"
	case isSignal(g):
		return "samples"
	case g.D > 1:
		return "voxels"
	}
	return "pixels"
}

// An occluder hides one window of the input after the other.
type occluder struct {
	*probe
	window, stride     int
	planes             model.Grid
	slices, rows, cols reach // the patches that hold the windows
	base               []float32
}

func (p *probe) newOccluder() *occluder {
	planes := p.Planes()
	o := &occluder{probe: p, window: p.options.Window, stride: p.options.Stride, planes: planes, base: p.baseline()}
	switch {
	case o.window == 0 && (p.isRow() || p.OfTokens()):
		o.window = 1 // features next to one another have no more in common than others
	case o.window == 0:
		parts := usualParts
		switch {
		case isSignal(planes):
			parts = partsOfSignals
		case planes.D > 1:
			parts = partsOfVolumes
		}
		o.window = max(1, (shortest(planes)+parts/2)/parts)
	}
	if o.stride == 0 {
		o.stride = (o.window + 1) / 2
	}
	depth, height, width := planes.Extents()
	o.slices, o.rows, o.cols = o.patches(depth), o.patches(height), o.patches(width)
	return o
}

// In how many windows the shorter side is divided where none is asked for: in
// signals more and in volumes fewer, so that there are about as many windows in all.
const (
	usualParts     = 15
	partsOfSignals = 60
	partsOfVolumes = 5
)

// patches are the windows along one axis, moved inside where they pass its end.
func (o *occluder) patches(length int) reach {
	r := reach{size: min(o.window, length), length: length}
	for at := 0; ; at += o.stride {
		r.at = append(r.at, max(0, min(at, length-r.size)))
		if at+o.window >= length {
			return r
		}
	}
}

func (o *occluder) count() int { return len(o.slices.at) * len(o.rows.at) * len(o.cols.at) }

// position is the slice, the row and the column of a window.
func (o *occluder) position(i int) (slice, row, col int) {
	rows, cols := len(o.rows.at), len(o.cols.at)
	return i / cols / rows, i / cols % rows, i % cols
}

// hides calls f with the places under a window, those of a volume with its slices
// on one another.
func (o *occluder) hides(i int, f func(y, x int)) {
	slice, row, col := o.position(i)
	depth, height, width := o.planes.Extents()
	for z := slice * o.stride; z < min(slice*o.stride+o.window, depth); z++ {
		for y := row * o.stride; y < min(row*o.stride+o.window, height); y++ {
			for x := col * o.stride; x < min(col*o.stride+o.window, width); x++ {
				f(z*height+y, x)
			}
		}
	}
}

// scores asks the network about every window, running of its first layers only
// what a window reaches if that can be.
func (o *occluder) scores(ctx context.Context) ([]float64, error) {
	if scores, err := o.locally(ctx); err != nil || scores != nil {
		return scores, err
	}
	x := o.Input.F32()
	return o.Scores(ctx, o.target, attribution.Variations{Value: o.Main, N: o.count(), Progress: o.progress, Fill: func(i int, row []float32) {
		copy(row, x)
		o.hides(i, func(y, x int) {
			for c := range o.planes.Channels {
				at := o.planes.At(c, y, x)
				row[at] = o.base[at]
			}
		})
	}})
}

// patchBatch is how many patches run at a time.
const patchBatch = 16

// locally returns nil where the network cannot be run in parts.
func (o *occluder) locally(ctx context.Context) ([]float64, error) {
	in, y := o.Main, o.target.Value
	planes := o.planes
	if !slices.Equal(o.Input.Shape(), []int{1, planes.Channels, planes.H, planes.W}) {
		return nil, nil // channels come last, or it is a signal or a volume
	}
	g, err := exec.Prepare(o.Model.Net, []exec.Feed{{Value: in, DType: tensor.Float32, Shape: o.Input.Shape()}}, []ir.ValueID{y})
	if err != nil {
		return nil, ctx.Err()
	}
	types, err := pass.InferStrict(g)
	if err != nil {
		return nil, ctx.Err()
	}
	l, ok := localize(g, types, in, y, o.rows, o.cols)
	if !ok {
		return nil, nil
	}
	feeds, err := o.cleanFeeds(ctx, g, l)
	if err != nil {
		return nil, ctx.Err()
	}
	session := exec.NewSession(l.graph, o.Model.Session().Executor())
	for _, size := range []int{min(patchBatch, o.count()), 1} {
		scores, err := o.inPatches(ctx, session, l, feeds, size)
		if scores != nil || ctx.Err() != nil {
			return scores, err
		}
	}
	return nil, nil // what the graph holds is for one picture of the whole size
}

// cleanFeeds are what the layers put out for the picture as it is.
func (o *occluder) cleanFeeds(ctx context.Context, g *ir.Graph, l *localized) (map[ir.ValueID]*tensor.Tensor, error) {
	var fetch, feed []ir.ValueID
	for v, f := range l.clean {
		fetch, feed = append(fetch, v), append(feed, f)
	}
	out, err := exec.NewSession(g, o.Model.Session().Executor()).Run(ctx, map[ir.ValueID]*tensor.Tensor{o.Main: o.Input}, fetch...)
	if err != nil {
		return nil, err
	}
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for i, f := range feed {
		feeds[f] = out[i]
	}
	return feeds, nil
}

// inPatches runs all windows, size at a time; nil if what comes out is not one
// row for each.
func (o *occluder) inPatches(ctx context.Context, session *exec.Session, l *localized, feeds map[ir.ValueID]*tensor.Tensor, size int) ([]float64, error) {
	n := o.count()
	numbers := o.Out[o.target.Value].Len()
	patches := tensor.New(tensor.Float32, size, o.planes.Channels, o.rows.size, o.cols.size)
	feeds[l.patches] = patches
	var scores []float64
	for done := 0; done < n; done += size {
		for _, f := range l.places {
			at := make([]int64, 0, 2*size)
			for j := range size {
				_, row, col := o.position(min(done+j, n-1))
				at = append(at, int64(f.rows[row]), int64(f.cols[col]))
			}
			feeds[f.value] = tensor.Of(at, size, 2)
		}
		for j := range size {
			o.fillPatch(min(done+j, n-1), patches.F32()[j*patches.Len()/size:])
		}
		out, err := session.Run(ctx, feeds, l.out)
		if err != nil {
			return nil, err
		}
		if out[0].Len() != size*numbers {
			return nil, nil
		}
		for j := range min(size, n-done) {
			scores = append(scores, o.target.Score(out[0].F32()[j*numbers:(j+1)*numbers]))
		}
		o.progress(min(done+size, n), n)
	}
	return scores, nil
}

// fillPatch writes the part of the picture that holds a window, [C, h, w].
func (o *occluder) fillPatch(i int, patch []float32) {
	_, row, col := o.position(i)
	top, left := o.rows.at[row], o.cols.at[col]
	x := o.Input.F32()
	for c := range o.planes.Channels {
		for v := range o.rows.size {
			from := o.planes.At(c, top+v, left)
			copy(patch[(c*o.rows.size+v)*o.cols.size:], x[from:from+o.cols.size])
		}
	}
	o.hides(i, func(y, x int) {
		for c := range o.planes.Channels {
			patch[(c*o.rows.size+y-top)*o.cols.size+x-left] = o.base[o.planes.At(c, y, x)]
		}
	})
}

package cam

import (
	"context"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// Fusion is how the maps of several layers become one. Each is scaled to 0 to 1
// and enlarged to the picture first, and so is the fused one last.
type Fusion string

// Choices lists the ways to fuse.
func (Fusion) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "none", Help: "one map for each layer"},
		{Name: "mean", Help: "the mean of the layers' maps: what any of them shows"},
		{Name: "max", Help: "the greatest of the layers' maps at each place"},
		{Name: "product", Help: "their product: what all of them show"},
	}
}

func (f Fusion) on() bool { return f != "" && f != "none" }

func (f Fusion) join(a, b float32) float32 {
	switch f {
	case "max":
		return max(a, b)
	case "product":
		return a * b
	}
	return a + b
}

// scaled tells that maps are scaled to 0 to 1, so that what speaks against the
// class is cut off.
func (o Options) scaled() bool { return o.Fuse.on() || o.Augment }

// wrapped makes the map of one method for some layers, fused and augmented as
// the options say.
func (s *Sight) wrapped(ctx context.Context, layers []int, target attribution.Target, e *entry, o Options) (attribution.Field, error) {
	switch {
	case o.Augment:
		return s.augmented(ctx, layers, target, e, o)
	case o.Fuse.on():
		return s.fused(ctx, layers, target, e, o)
	}
	return s.field(ctx, layers[0], target, e, o)
}

// fused joins the maps of layers.
func (s *Sight) fused(ctx context.Context, layers []int, target attribution.Target, e *entry, o Options) (attribution.Field, error) {
	in := s.Grid(s.Main)
	var total []float32
	for _, l := range layers {
		f, err := s.field(ctx, l, target, e, o)
		if err != nil {
			return f, err
		}
		f.Values = attribution.Normalize(relu(f.Values))
		part := f.EnlargeTo(in).Values
		if total == nil {
			total = part
			continue
		}
		for i, v := range part {
			total[i] = o.Fuse.join(total[i], v)
		}
	}
	return attribution.OnGrid(in, attribution.Normalize(total)), nil
}

// factors are what copies of the picture are multiplied by, as
// pytorch-grad-cam's test-time augmentation has them.
var factors = []float32{0.9, 1, 1.1}

// augmented is the mean of the fused maps over copies of the input: each factor,
// and mirror images, unless it is a signal, whose samples have an order, or the
// target is told by places, which a mirror would move.
func (s *Sight) augmented(ctx context.Context, layers []int, target attribution.Target, e *entry, o Options) (attribution.Field, error) {
	in := s.Grid(s.Main)
	total := make([]float32, in.Places())
	mirrors := []bool{false, true}
	if in.H == 1 || s.Model.Head == nil || target.Value != s.Model.Head.Logits {
		mirrors = mirrors[:1]
	}
	n := float32(len(factors) * len(mirrors))
	for _, mirror := range mirrors {
		for _, factor := range factors {
			other, err := s.copyOf(ctx, in, mirror, factor, target.Value)
			if err != nil {
				return attribution.Field{}, err
			}
			f, err := other.fused(ctx, layers, target, e, o)
			if err != nil {
				return f, err
			}
			for i, v := range f.Values {
				x := i % in.W
				if mirror {
					x = in.W - 1 - x
				}
				total[i-i%in.W+x] += v / n
			}
		}
	}
	return attribution.OnGrid(in, total), nil
}

// copyOf looks at a changed copy of the input.
func (s *Sight) copyOf(ctx context.Context, in model.Grid, mirror bool, factor float32, keep ir.ValueID) (*Sight, error) {
	x := tensor.New(tensor.Float32, s.Input.Shape()...)
	for c := range in.Channels {
		for i := range in.Places() {
			u, v := i%in.W, i/in.W
			from := u
			if mirror {
				from = in.W - 1 - u
			}
			x.F32()[in.At(c, v, u)] = factor * s.Input.F32()[in.At(c, v, from)]
		}
	}
	return Look(ctx, s.Model, x, s.Layers, keep)
}

package zoo

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A swin is the size of a transformer on shifted windows. Each stage halves
// height and width and doubles the channels; all of them must be whole multiples
// of the window.
type swin struct {
	side, patch, window, width int
	depths, heads              []int // of each stage
	classes                    int
}

var (
	swinTiny  = swin{side, 4, 7, 96, []int{2, 2, 6, 2}, []int{3, 6, 12, 24}, classes}
	smallSwin = swin{32, 4, 4, 24, []int{2, 2}, []int{2, 4}, 10}
)

// SwinT builds the tiny transformer on shifted windows, with the names of
// torchvision: 28,288,354 parameters.
func SwinT(seed uint64) *ir.Graph { return swinTiny.build("swin_t", seed) }

func swinArchitecture() Architecture {
	small := func(seed uint64) *ir.Graph { return smallSwin.build("swin_small", seed) }
	return Architecture{
		"swin_t", "Liu et al., arXiv 2103.14030, section 3.3",
		Network{SwinT, pictures(side)}, Network{small, pictures(smallSwin.side)},
	}
}

func (s swin) build(name string, seed uint64) *ir.Graph {
	patches := conv(convolution{Out: s.width, Kernel: s.patch, Stride: s.patch, Bias: true, Valid: true})
	features := []block{numbered(patches, transposed(0, 2, 3, 1), layerNorm(1e-5))}
	width, side := s.width, s.side/s.patch
	for i, depth := range s.depths {
		if i > 0 {
			width, side = 2*width, side/2
			features = append(features, mergePatches)
		}
		features = append(features, s.stage(side, width, s.heads[i], depth))
	}
	return classifier(name, seed, s.side, sequence(
		child("features", numbered(features...)),
		child("norm", layerNorm(1e-5)),
		child("permute", transposed(0, 3, 1, 2)),
		child("avgpool", globalAveragePool),
		child("flatten", flatten),
		child("head", linear(s.classes)),
	))
}

// stage shifts the windows of every second block, unless there is one window.
func (s swin) stage(side, width, heads, depth int) block {
	blocks := make([]block, depth)
	for i := range blocks {
		w := windows{side: side, window: s.window, heads: heads}
		if i%2 == 1 && side > s.window {
			w.shift = s.window / 2
		}
		attention := sequence(child("norm1", layerNorm(1e-5)), child("attn", w.attention))
		perceptron := sequence(child("norm2", layerNorm(1e-5)), child("mlp", numbered(dense(4*width), geluErf, nil, dense(width))))
		blocks[i] = sequence(residual(attention, nil), residual(perceptron, nil))
	}
	return numbered(blocks...)
}

// mergePatches joins the channels of four neighbours and halves what comes out
// (figure 3a).
func mergePatches(b *builder, x signal) signal {
	var parts []ir.ValueID
	for i := range int64(4) {
		rows := b.op("Slice", nil, x.value, b.list(i%2), b.list(math.MaxInt64), b.list(1), b.list(2))
		parts = append(parts, b.op("Slice", nil, rows, b.list(i/2), b.list(math.MaxInt64), b.list(2), b.list(2)))
	}
	width := 2 * x.channels
	x = signal{b.op("Concat", ir.Pairs("axis", -1), parts...), 4 * x.channels, x.mean, x.variance}
	return sequence(child("norm", layerNorm(1e-5)), child("reduction", denseWithoutBias(width)))(b, x)
}

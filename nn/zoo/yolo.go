package zoo

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// YOLOv8n builds the smallest detector of the family, on pictures of 640×640,
// with the names of Ultralytics: 3,157,200 parameters, 16 of which are the fixed
// numbers 0 to 15 of the head. The output is [batch, 4+80, boxes]: centre, width
// and height in pixels, and a probability for each class of COCO.
func YOLOv8n(seed uint64) *ir.Graph { return yolo("yolov8n", seed, 640) }

// yolo is for square pictures, whose side is a multiple of 32: the places of the
// boxes are constants.
func yolo(name string, seed uint64, side int) *ir.Graph {
	return network(name, seed, func(b *builder) {
		y := child("model", func(b *builder, x signal) signal {
			levels := yoloNeck(b, yoloBackbone(b, x))
			return child("22", detector(side, levels))(b, x)
		})(b, b.picture(side))
		b.output("output", y.value)
	})
}

func yoloBackbone(b *builder, x signal) (levels []signal) {
	layers := []block{
		convNormSilu(16, 3, 2),
		convNormSilu(32, 3, 2), crossStage(32, 1, true),
		convNormSilu(64, 3, 2), crossStage(64, 2, true),
		convNormSilu(128, 3, 2), crossStage(128, 2, true),
		convNormSilu(256, 3, 2), crossStage(256, 1, true), pyramidPool(256),
	}
	for i, layer := range layers {
		x = child(fmt.Sprint(i), layer)(b, x)
		levels = append(levels, x)
	}
	return []signal{levels[4], levels[6], levels[9]}
}

// yoloNeck passes what the deep levels see up to the shallow ones, and back
// (Liu et al., arXiv 1803.01534, figure 1).
func yoloNeck(b *builder, levels []signal) []signal {
	p3, p4, p5 := levels[0], levels[1], levels[2]
	next := func(i int, layer block, x signal) signal { return child(fmt.Sprint(i), layer)(b, x) }
	n4 := next(12, crossStage(128, 1, false), next(11, joinedWith(p4), next(10, upsample, p5)))
	n3 := next(15, crossStage(64, 1, false), next(14, joinedWith(p3), next(13, upsample, n4)))
	m4 := next(18, crossStage(128, 1, false), next(17, joinedWith(n4), next(16, convNormSilu(64, 3, 2), n3)))
	m5 := next(21, crossStage(256, 1, false), next(20, joinedWith(p5), next(19, convNormSilu(128, 3, 2), m4)))
	return []signal{n3, m4, m5}
}

func convNormSilu(out, kernel, stride int) block {
	return sequence(
		child("conv", conv(convolution{Out: out, Kernel: kernel, Stride: stride})),
		child("bn", norm001),
		child("act", silu),
	)
}

// crossStage sends half of its channels through residual blocks, one behind the
// other, and joins what each puts out (C2f; after Wang et al., arXiv 1911.11929).
func crossStage(out, depth int, shortcut bool) block {
	half := out / 2
	return func(b *builder, x signal) signal {
		parts := b.split(child("cv1", convNormSilu(out, 1, 1))(b, x), half, half)
		for i := range depth {
			body := sequence(child("cv1", convNormSilu(half, 3, 1)), child("cv2", convNormSilu(half, 3, 1)))
			if shortcut {
				body = residual(body, nil)
			}
			parts = append(parts, child(fmt.Sprint("m.", i), body)(b, parts[len(parts)-1]))
		}
		return child("cv2", convNormSilu(out, 1, 1))(b, b.join(parts...))
	}
}

// pyramidPool joins what max pooling of three sizes sees, one made of the other
// (SPPF; after He et al., arXiv 1406.4729).
func pyramidPool(out int) block {
	return func(b *builder, x signal) signal {
		parts := []signal{child("cv1", convNormSilu(x.channels/2, 1, 1))(b, x)}
		for range 3 {
			parts = append(parts, child("m", maxPool(5, 1, 2))(b, parts[len(parts)-1]))
		}
		return child("cv2", convNormSilu(out, 1, 1))(b, b.join(parts...))
	}
}

// upsample doubles height and width by repetition.
func upsample(b *builder, x signal) signal {
	scales := b.constant(tensor.Vector[float32](1, 1, 2, 2))
	attrs := ir.Pairs("mode", "nearest", "coordinate_transformation_mode", "asymmetric", "nearest_mode", "floor")
	return x.as(b.op("Resize", attrs, x.value, ir.None, scales))
}

func joinedWith(y signal) block {
	return func(b *builder, x signal) signal { return b.join(x, y) }
}

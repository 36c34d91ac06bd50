package zoo

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

const (
	// objects is how many classes COCO has.
	objects = 80
	// bins is how many distances an edge of a box may have from its place, in
	// steps of the level.
	bins = 16
)

// detector is the head of YOLOv8 on three levels, whose steps are 8, 16 and 32
// pixels of a picture with the given side.
func detector(side int, levels []signal) block {
	return func(b *builder, _ signal) signal {
		var maps []ir.ValueID
		wide := max(levels[0].channels, objects)
		for i, x := range levels {
			boxes := child(fmt.Sprint("cv2.", i), predictor(4*bins, 4*bins))(b, x)
			classes := child(fmt.Sprint("cv3.", i), predictor(wide, objects))(b, x)
			both := b.join(boxes, classes)
			maps = append(maps, b.reshape(both.value, 0, both.channels, -1))
		}
		all := standard(b.op("Concat", ir.Pairs("axis", 2), maps...), 4*bins+objects)
		parts := b.split(all, 4*bins, objects)
		distances := child("dfl", expectedDistance)(b, parts[0])
		return b.join(boxes(b, distances, side), sigmoid(b, parts[1]))
	}
}

func predictor(width, out int) block {
	return numbered(convNormSilu(width, 3, 1), convNormSilu(width, 3, 1), conv(convolution{Out: out, Kernel: 1, Bias: true}))
}

// expectedDistance takes the mean over the bins of each edge (distribution focal
// loss: Li et al., arXiv 2006.04388, equation 4): [N, 4·bins, A] to [N, 4, A].
func expectedDistance(b *builder, x signal) signal {
	y := b.reshape(x.value, 0, 4, bins, -1)
	y = b.transpose(y, 0, 2, 1, 3)
	y = b.op("Softmax", ir.Pairs("axis", 1), y)
	bin := -1.0
	number := func() float64 { bin++; return bin }
	y = b.op("Conv", nil, y, b.param("conv.weight", number, 1, bins, 1, 1))
	return standard(b.reshape(y, 0, 4, -1), 4)
}

// boxes turns distances to left, top, right and bottom into centre, width and
// height in pixels.
func boxes(b *builder, distances signal, side int) signal {
	places, steps := grid(side, 8, 16, 32)
	anchors := b.constant(places)
	parts := b.split(distances, 2, 2)
	low := b.op("Sub", nil, anchors, parts[0].value)
	high := b.op("Add", nil, anchors, parts[1].value)
	centre := b.op("Div", nil, b.op("Add", nil, low, high), b.number(2))
	size := b.op("Sub", nil, high, low)
	box := b.op("Concat", ir.Pairs("axis", 1), centre, size)
	return distances.as(b.op("Mul", nil, box, b.constant(steps)))
}

// grid returns the middles of the cells of each level, [1, 2, A] in units of the
// level's step, x before y, and the steps, [1, A], in pixels.
func grid(side int, levels ...int) (places, steps *tensor.Tensor) {
	var xs, ys, each []float32
	for _, step := range levels {
		n := side / step
		for i := range n * n {
			xs, ys, each = append(xs, float32(i%n)+0.5), append(ys, float32(i/n)+0.5), append(each, float32(step))
		}
	}
	return tensor.Of(append(xs, ys...), 1, 2, len(each)), tensor.Of(each, 1, len(each))
}

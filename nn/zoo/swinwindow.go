package zoo

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// windows are squares of a map [batch, side, side, width] that attend within
// themselves; with a shift they are moved so as to straddle those before.
type windows struct{ side, window, shift, heads int }

// count is how many windows a map has, and tokens how many a window.
func (w windows) count() int  { return (w.side / w.window) * (w.side / w.window) }
func (w windows) tokens() int { return w.window * w.window }

// attention is that of the windows (Liu et al., arXiv 2103.14030, equation 4).
func (w windows) attention(b *builder, x signal) signal {
	width, size := x.channels, x.channels/w.heads
	rolled := w.roll(b, x.value, w.shift)
	inside := signal{w.apart(b, rolled, width), width, x.mean, x.variance}
	all := child("qkv", dense(3*width))(b, inside).value
	all = b.transpose(b.reshape(all, 0, 0, 3, w.heads, size), 2, 0, 3, 1, 4)
	q, k, v := queriesKeysValues(b, all)
	q = b.op("Mul", nil, q, b.number(1/math.Sqrt(float64(size))))
	scores := b.op("MatMul", nil, q, b.transpose(k, 0, 1, 3, 2))
	scores = b.op("Add", nil, scores, w.positionBias(b))
	if w.shift > 0 {
		scores = w.maskSeams(b, scores)
	}
	y := b.op("MatMul", nil, b.op("Softmax", ir.Pairs("axis", -1), scores), v)
	y = child("proj", dense(width))(b, joinHeads(b, y, width)).value
	return standard(w.roll(b, w.together(b, y, width), w.side-w.shift), width)
}

// roll moves the map by some rows and columns; what falls off comes in again.
func (w windows) roll(b *builder, x ir.ValueID, by int) ir.ValueID {
	if w.shift == 0 {
		return x
	}
	for _, axis := range []int64{1, 2} {
		low := b.op("Slice", nil, x, b.list(int64(by)), b.list(math.MaxInt64), b.list(axis))
		high := b.op("Slice", nil, x, b.list(0), b.list(int64(by)), b.list(axis))
		x = b.op("Concat", ir.Pairs("axis", axis), low, high)
	}
	return x
}

// apart makes [batch·count, tokens, width] of a map, and together a map of that.
func (w windows) apart(b *builder, x ir.ValueID, width int) ir.ValueID {
	n := w.side / w.window
	x = b.transpose(b.reshape(x, -1, n, w.window, n, w.window, width), 0, 1, 3, 2, 4, 5)
	return b.reshape(x, -1, w.tokens(), width)
}

func (w windows) together(b *builder, x ir.ValueID, width int) ir.ValueID {
	n := w.side / w.window
	x = b.transpose(b.reshape(x, -1, n, n, w.window, w.window, width), 0, 1, 3, 2, 4, 5)
	return b.reshape(x, -1, w.side, w.side, width)
}

// positionBias looks up what is added to the score of each pair of tokens by how
// far they lie apart: [1, heads, tokens, tokens].
func (w windows) positionBias(b *builder) ir.ValueID {
	distances := 2*w.window - 1
	var index []int64
	for i := range w.tokens() {
		for j := range w.tokens() {
			down, right := i/w.window-j/w.window, i%w.window-j%w.window
			index = append(index, int64((down+w.window-1)*distances+right+w.window-1))
		}
	}
	table := b.normal("relative_position_bias_table", 0.5, distances*distances, w.heads)
	bias := b.op("Gather", nil, table, b.constant(tensor.Vector(index...)))
	bias = b.transpose(b.reshape(bias, w.tokens(), w.tokens(), -1), 2, 0, 1)
	return b.op("Unsqueeze", nil, bias, b.list(0))
}

// maskSeams keeps tokens apart that only the roll brought into one window
// (figure 4).
func (w windows) maskSeams(b *builder, scores ir.ValueID) ir.ValueID {
	mask := tensor.New(tensor.Float32, 1, w.count(), 1, w.tokens(), w.tokens())
	at := 0
	for window := range w.count() {
		for i := range w.tokens() {
			for j := range w.tokens() {
				if w.region(window, i) != w.region(window, j) {
					mask.F32()[at] = -100
				}
				at++
			}
		}
	}
	scores = b.reshape(scores, -1, w.count(), w.heads, w.tokens(), w.tokens())
	scores = b.op("Add", nil, scores, b.constant(mask))
	return b.reshape(scores, -1, w.heads, w.tokens(), w.tokens())
}

// region numbers the parts of the rolled map that belong together, of which a
// token of a window is in one.
func (w windows) region(window, token int) int {
	part := func(at int) int {
		switch {
		case at < w.side-w.window:
			return 0
		case at < w.side-w.shift:
			return 1
		}
		return 2
	}
	n := w.side / w.window
	return 3*part(window/n*w.window+token/w.window) + part(window%n*w.window+token%w.window)
}

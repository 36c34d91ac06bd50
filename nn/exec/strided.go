package exec

import (
	"github.com/tomo-viz/tomo/nn/kernel"
)

// A walk goes through elements in row-major order of a shape while one or more
// operands are read with strides of their own; a stride of 0 repeats. Axes that
// all operands step through evenly are joined, so that the last axis, along
// which kernels run, is as long as can be.
type walk struct {
	shape   []int
	strides [][]int // per operand
}

// newWalk joins the axes. The last axis is always there, with extent 1 for a
// scalar.
func newWalk(shape []int, strides ...[]int) walk {
	w := walk{strides: make([][]int, len(strides))}
	for axis, n := range shape {
		if n == 1 {
			continue
		}
		last := len(w.shape) - 1
		if last >= 0 && w.continues(last, axis, n, strides) {
			w.shape[last] *= n
			for i, s := range strides {
				w.strides[i][last] = s[axis]
			}
			continue
		}
		w.shape = append(w.shape, n)
		for i, s := range strides {
			w.strides[i] = append(w.strides[i], s[axis])
		}
	}
	if len(w.shape) == 0 {
		w.shape = []int{1}
		for i := range w.strides {
			w.strides[i] = []int{1}
		}
	}
	return w
}

// continues reports whether the axis of extent n steps on where the last joined
// one ends, for every operand.
func (w *walk) continues(last, axis, n int, strides [][]int) bool {
	for i, s := range strides {
		if w.strides[i][last] != s[axis]*n {
			return false
		}
	}
	return true
}

// inner returns the extent of the last axis.
func (w *walk) inner() int { return w.shape[len(w.shape)-1] }

// step returns an operand's stride along the last axis.
func (w *walk) step(operand int) int { return w.strides[operand][len(w.shape)-1] }

// rows counts the lines along the last axis.
func (w *walk) rows() int { return elementsOf(w.shape[:len(w.shape)-1]) }

// offset returns where an operand's line with the given number begins.
func (w *walk) offset(operand, row int) int {
	at := 0
	for axis := len(w.shape) - 2; axis >= 0; axis-- {
		at += row % w.shape[axis] * w.strides[operand][axis]
		row /= w.shape[axis]
	}
	return at
}

// isEmpty reports whether there is no element.
func (w *walk) isEmpty() bool { return elementsOf(w.shape) == 0 }

// broadcastStrides returns the strides that read a tensor of the given shape as
// one of shape to: 0 along repeated axes.
func broadcastStrides(shape, to []int) []int {
	strides := make([]int, len(to))
	own, lead := stridesOf(shape), len(to)-len(shape)
	for i, n := range shape {
		if n != 1 {
			strides[lead+i] = own[i]
		}
	}
	return strides
}

// gather copies elements of src, read as the walk's only operand from start on,
// to dst, one after the other.
func gather(t *kernel.Team, dst, src []float32, w *walk, start int) {
	if w.isEmpty() {
		return
	}
	n, step := w.inner(), w.step(0)
	if across := len(w.shape) - 2; step != 1 && across >= 0 && w.strides[0][across] == 1 && w.shape[across] > 3 {
		gatherAcross(t, dst, src, w, start)
		return
	}
	t.Ranges(w.rows(), grain/n, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			line, from := dst[r*n:(r+1)*n], start+w.offset(0, r)
			switch step {
			case 1:
				copy(line, src[from:])
			case 0:
				fill(line, src[from])
			default:
				for i := range line {
					line[i] = src[from+i*step]
				}
			}
		}
	})
}

// scatter is the inverse of gather: it copies the elements of src, one after the
// other, to where the walk reads dst. No two may have the same place.
func scatter(t *kernel.Team, dst, src []float32, w *walk, start int) {
	if w.isEmpty() {
		return
	}
	n, step := w.inner(), w.step(0)
	t.Ranges(w.rows(), grain/n, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			line, to := src[r*n:(r+1)*n], start+w.offset(0, r)
			if step == 1 {
				copy(dst[to:], line)
				continue
			}
			for i, v := range line {
				dst[to+i*step] = v
			}
		}
	})
}

// gatherAcross copies planes whose lines lie across those of src: it transposes
// them square by square, so that both are touched in whole cache lines.
func gatherAcross(t *kernel.Team, dst, src []float32, w *walk, start int) {
	last := len(w.shape) - 1
	rows, cols, step := w.shape[last-1], w.shape[last], w.strides[0][last]
	planes := walk{shape: append(w.shape[:last-1:last-1], 1), strides: [][]int{append(w.strides[0][:last-1:last-1], 1)}}
	const side = 32
	strips := (rows + side - 1) / side
	t.Ranges(planes.rows()*strips, grain/(side*cols)+1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			plane, r0 := i/strips, i%strips*side
			r1 := min(r0+side, rows)
			to, from := dst[plane*rows*cols:], src[start+planes.offset(0, plane):]
			for c0 := 0; c0 < cols; c0 += side {
				transposeSquare(to, from, cols, step, r0, r1, c0, min(c0+side, cols))
			}
		}
	})
}

func transposeSquare(dst, src []float32, cols, step, r0, r1, c0, c1 int) {
	for c := c0; c < c1; c++ {
		line := src[c*step+r0 : c*step+r1]
		at := r0*cols + c
		for _, v := range line {
			dst[at] = v
			at += cols
		}
	}
}

func fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

// stridesOf returns how far apart neighbours along each axis lie in row-major
// order.
func stridesOf(shape []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = step
		step *= shape[i]
	}
	return strides
}

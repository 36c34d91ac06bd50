package kernel

import "fmt"

// maxAxes is how many axes [Permute] takes.
const maxAxes = 16

// Permute reorders the axes of an array: dst's axis i is src's axis perm[i], and
// shape is that of src. The numbers of both lie in row-major order. perm must hold
// each axis once, of at most 16.
func Permute(t *Team, dst, src []float32, shape, perm []int) {
	size, ok := product(shape...)
	if !ok || len(dst) < size || len(src) < size || !isPermutation(perm, len(shape)) {
		panic(fmt.Sprintf("kernel: permuting %v by %v from %d numbers to %d", shape, perm, len(src), len(dst)))
	}
	if size == 0 {
		return
	}
	p := newPermutation(shape, perm)
	rows := size / p.inner()
	t.Ranges(rows, packGrain/p.inner(), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			p.row(dst, src, r)
		}
	})
}

func isPermutation(perm []int, n int) bool {
	var seen [maxAxes]bool
	if len(perm) != n || n > maxAxes {
		return false
	}
	for _, a := range perm {
		if a < 0 || a >= n || seen[a] {
			return false
		}
		seen[a] = true
	}
	return true
}

// axis is one of the destination's: its size, and how far apart neighbours lie in
// both arrays.
type axis struct{ size, from, to int }

// permutation is the shortest list of loops that copies all numbers. Axes that
// stay neighbours are one.
type permutation struct {
	outer []axis
	// The innermost loop copies a run of numbers; or, where the arrays disagree
	// about which axis is last, transposes a matrix: cols is the axis whose
	// numbers lie together in src, run the one of dst.
	cols, run axis
}

func newPermutation(shape, perm []int) *permutation {
	axes := mergedAxes(shape, perm)
	p := &permutation{cols: axis{1, 0, 0}, run: axis{1, 1, 1}}
	if n := len(axes); n > 0 {
		p.run, axes = axes[n-1], axes[:n-1]
	}
	for i, a := range axes {
		if p.run.from != 1 && a.from == 1 {
			p.cols = a
			axes = append(axes[:i:i], axes[i+1:]...)
			break
		}
	}
	p.outer = axes
	return p
}

// mergedAxes lists the destination's axes, those of size 1 left out and those
// that follow one another in both arrays joined.
func mergedAxes(shape, perm []int) []axis {
	from := strides(shape)
	var axes []axis
	for _, a := range perm {
		if shape[a] == 1 {
			continue
		}
		if n := len(axes); n > 0 && axes[n-1].from == shape[a]*from[a] {
			axes[n-1].size *= shape[a]
			axes[n-1].from = from[a]
			continue
		}
		axes = append(axes, axis{size: shape[a], from: from[a]})
	}
	to := 1
	for i := len(axes) - 1; i >= 0; i-- {
		axes[i].to = to
		to *= axes[i].size
	}
	return axes
}

func strides(shape []int) []int {
	s, next := make([]int, len(shape)), 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = next
		next *= shape[i]
	}
	return s
}

// inner is how many numbers the innermost loop takes.
func (p *permutation) inner() int { return p.cols.size * p.run.size }

// row does the innermost loop for the r-th turn of the outer ones.
func (p *permutation) row(dst, src []float32, r int) {
	from, to := 0, 0
	for i := len(p.outer) - 1; i >= 0; i-- {
		a := p.outer[i]
		from, to = from+r%a.size*a.from, to+r%a.size*a.to
		r /= a.size
	}
	if p.run.from == 1 {
		copy(dst[to:to+p.run.size], src[from:])
		return
	}
	if p.cols.size > 1 {
		transposeStrided(dst[to:], p.cols.to, src[from:], p.run.from, p.run.size, p.cols.size)
		return
	}
	gatherStrided(dst[to:to+p.run.size], src[from:], p.run.from)
}

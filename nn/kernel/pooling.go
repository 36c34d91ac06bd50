package kernel

import (
	"fmt"
	"math"
)

// MaxPool sets each result to the largest number under the window, NaN if there
// is one, and -Inf where the window meets padding alone. src has planes images of
// w.In, dst as many of w.Out(). If indices is not nil it receives, for each
// result, the index in src of the first of the largest numbers, or -1.
func MaxPool(t *Team, w Window, planes int, dst, src []float32, indices []int64) {
	p := newPooling(w, planes, len(dst), len(src))
	if indices != nil && len(indices) < planes*volume(p.out) {
		panic(fmt.Sprintf("kernel: pooling has %d indices for %d results", len(indices), planes*volume(p.out)))
	}
	p.run(t, func(s *poolScratch, plane int, dst, src []float32) {
		if p.whole() {
			dst[0] = MaxOf(src)
		} else {
			p.fold(s, dst, src, float32(math.Inf(-1)), Max)
		}
		if indices != nil {
			size := volume(p.out)
			p.locate(indices[plane*size:(plane+1)*size], dst, src, plane*volume(w.In))
		}
	}, dst, src)
}

// AveragePool sets each result to the mean of the numbers under the window. With
// includePad the padding counts as zeros; what lies beyond the padding, as w.Ceil
// may reach it, never counts.
func AveragePool(t *Team, w Window, planes int, dst, src []float32, includePad bool) {
	p := newPooling(w, planes, len(dst), len(src))
	if p.whole() {
		p.run(t, func(_ *poolScratch, _ int, dst, src []float32) { dst[0] = Sum(src) / float32(len(src)) }, dst, src)
		return
	}
	counts := p.counts(includePad)
	p.run(t, func(s *poolScratch, _ int, dst, src []float32) {
		p.fold(s, dst, src, 0, Add)
		Div(dst, dst, counts)
	}, dst, src)
}

// pooling folds windows of planes.
type pooling struct {
	w      Window
	out    [3]int
	planes int
}

func newPooling(w Window, planes, dst, src int) *pooling {
	p := &pooling{w: w, out: w.Out(), planes: planes}
	in, ok1 := product(planes, w.In[0], w.In[1], w.In[2])
	out, ok2 := product(planes, p.out[0], p.out[1], p.out[2])
	if planes < 0 || !ok1 || !ok2 || dst < out || src < in {
		panic(fmt.Sprintf("kernel: pooling %d planes of %d into %d, but slices of %d and %d", planes, w.In, p.out, src, dst))
	}
	return p
}

// whole says that the window is the image, as in global pooling.
func (p *pooling) whole() bool {
	return p.w.Kernel == p.w.In && p.w.PadLo == [3]int{} && p.w.PadHi == [3]int{} && p.w.Dilation == [3]int{1, 1, 1}
}

// poolScratch is one thread's memory: a padded line of the image, and a line of
// results.
type poolScratch struct{ line, picked []float32 }

// lineSize is how long a line with its padding must be for all windows.
func (p *pooling) lineSize() int {
	return max(p.w.PadLo[2]+p.w.In[2], (p.out[2]-1)*p.w.Stride[2]+p.w.extent(2))
}

// run calls each plane's body in parallel.
func (p *pooling) run(t *Team, body func(s *poolScratch, plane int, dst, src []float32), dst, src []float32) {
	in, out := volume(p.w.In), volume(p.out)
	if out == 0 {
		return
	}
	t.Ranges(p.planes, packGrain/max(in, out), func(lo, hi int) {
		b := borrow(p.lineSize() + p.out[2])
		defer b.giveBack()
		s := &poolScratch{b.f[:p.lineSize()], b.f[p.lineSize():]}
		for i := lo; i < hi; i++ {
			body(s, i, dst[i*out:(i+1)*out], src[i*in:(i+1)*in])
		}
	})
}

// fold combines the numbers under each window of a plane, beginning with zero:
// first the lines that a line of results depends on, then the taps along it.
func (p *pooling) fold(s *poolScratch, dst, src []float32, zero float32, combine func(dst, a, b []float32)) {
	width := p.w.In[2]
	for i := range s.line {
		s.line[i] = zero
	}
	inside := s.line[p.w.PadLo[2]:][:width]
	for z := range p.out[0] {
		for y := range p.out[1] {
			begun := false
			p.lines(z, y, func(at int) {
				if row := src[at : at+width]; begun {
					combine(inside, inside, row)
				} else {
					begun = copy(inside, row) == width
				}
			})
			row := dst[(z*p.out[1]+y)*p.out[2]:][:p.out[2]]
			if !begun {
				fill(row, zero)
				continue
			}
			p.foldLine(s, row, combine)
		}
	}
}

// lines calls f with the index of each line of the image under the windows of
// line (z, y) of the results.
func (p *pooling) lines(z, y int, f func(at int)) {
	w := &p.w
	firstZ, endZ := w.tapsInside(0, z)
	firstY, endY := w.tapsInside(1, y)
	for kz := firstZ; kz < endZ; kz++ {
		for ky := firstY; ky < endY; ky++ {
			iz, iy := w.position(0, z, kz), w.position(1, y, ky)
			f((iz*w.In[1] + iy) * w.In[2])
		}
	}
}

// foldLine combines the taps along a line.
func (p *pooling) foldLine(s *poolScratch, row []float32, combine func(dst, a, b []float32)) {
	step := p.w.Stride[2]
	gatherStrided(row, s.line, step)
	for k := 1; k < p.w.Kernel[2]; k++ {
		from := s.line[k*p.w.Dilation[2]:]
		if step > 1 {
			gatherStrided(s.picked, from, step)
			from = s.picked
		}
		combine(row, row, from)
	}
}

func fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

// counts returns how many numbers are under each window of a plane.
func (p *pooling) counts(includePad bool) []float32 {
	var axis [3][]float32
	for i := range axis {
		axis[i] = p.axisCounts(i, includePad)
	}
	counts := make([]float32, 0, volume(p.out))
	for _, z := range axis[0] {
		for _, y := range axis[1] {
			for _, x := range axis[2] {
				counts = append(counts, z*y*x)
			}
		}
	}
	return counts
}

func (p *pooling) axisCounts(i int, includePad bool) []float32 {
	first, end := 0, p.w.In[i]
	if includePad {
		first, end = -p.w.PadLo[i], end+p.w.PadHi[i]
	}
	counts := make([]float32, p.out[i])
	for o := range counts {
		from, to := p.w.tapsBetween(i, o, first, end)
		counts[o] = float32(to - from)
	}
	return counts
}

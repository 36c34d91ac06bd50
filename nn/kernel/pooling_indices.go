package kernel

// locate finds where in a plane each maximum lies: the first number under the
// window that equals it, or is NaN as it is. base is added to what it finds.
func (p *pooling) locate(indices []int64, maxima, src []float32, base int) {
	i := 0
	for z := range p.out[0] {
		for y := range p.out[1] {
			for x := range p.out[2] {
				indices[i] = -1
				if at := p.find(z, y, x, src, maxima[i]); at >= 0 {
					indices[i] = int64(base + at)
				}
				i++
			}
		}
	}
}

func (p *pooling) find(z, y, x int, src []float32, v float32) int {
	first := x*p.w.Stride[2] - p.w.PadLo[2]
	found := -1
	p.lines(z, y, func(at int) {
		for k := 0; k < p.w.Kernel[2] && found < 0; k++ {
			ix := first + k*p.w.Dilation[2]
			if ix < 0 || ix >= p.w.In[2] {
				continue
			}
			if s := src[at+ix]; s == v || s != s && v != v {
				found = at + ix
			}
		}
	})
	return found
}

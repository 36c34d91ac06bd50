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
	first, end := p.w.tapsInside(2, x)
	found := -1
	p.lines(z, y, func(at int) {
		for k := first; k < end && found < 0; k++ {
			i := at + p.w.position(2, x, k)
			if s := src[i]; s == v || s != s && v != v {
				found = i
			}
		}
	})
	return found
}

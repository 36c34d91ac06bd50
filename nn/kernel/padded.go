package kernel

// paddedImage is the geometry of a copy of an image with its padding in place,
// cut into phases: along an axis with stride s, the numbers at positions
// p, p+s, p+2s, ... lie together as phase p. A tap of a window then meets, in all
// its positions along a row, numbers that follow one another.
type paddedImage struct {
	in     [3]int   // size of the image
	lo     [3]int   // padding before it
	stride [3]int   // number of phases
	phases [3][]int // those that some tap meets
	extent [3]int   // size of one phase
}

// newPaddedImage plans the copy that a window reads.
func newPaddedImage(w *Window) paddedImage {
	p := paddedImage{in: w.In, lo: w.PadLo, stride: w.Stride, extent: w.Out()}
	for i := range p.extent {
		p.extent[i] += w.Dilation[i] * (w.Kernel[i] - 1) / w.Stride[i]
		used := make(map[int]bool)
		for k := 0; k < w.Kernel[i] && len(used) < w.Stride[i]; k++ {
			if phase := k * w.Dilation[i] % w.Stride[i]; !used[phase] {
				used[phase] = true
				p.phases[i] = append(p.phases[i], phase)
			}
		}
	}
	return p
}

// phaseCount is how many phases one channel has.
func (p *paddedImage) phaseCount() int {
	return len(p.phases[0]) * len(p.phases[1]) * len(p.phases[2])
}

// size is how many numbers one channel takes.
func (p *paddedImage) size() int { return p.phaseCount() * volume(p.extent) }

// offset returns where a channel's number at the given padded position lies.
func (p *paddedImage) offset(pos [3]int) int {
	phase, at := 0, 0
	for i := range pos {
		phase = phase*len(p.phases[i]) + indexOf(p.phases[i], pos[i]%p.stride[i])
		at = at*p.extent[i] + pos[i]/p.stride[i]
	}
	return phase*volume(p.extent) + at
}

func indexOf(list []int, v int) int {
	for i, x := range list {
		if x == v {
			return i
		}
	}
	return -1
}

// fill copies one channel: src has the image, dst takes size() numbers.
func (p *paddedImage) fill(dst, src []float32) {
	for _, z := range p.phases[0] {
		for _, y := range p.phases[1] {
			for _, x := range p.phases[2] {
				n := volume(p.extent)
				p.fillPhase(dst[:n], src, [3]int{z, y, x})
				dst = dst[n:]
			}
		}
	}
}

func (p *paddedImage) fillPhase(dst, src []float32, phase [3]int) {
	n, first := p.extent[2], phase[2]-p.lo[2]
	before, inside := p.inside(first)
	for z := range p.extent[0] {
		iz := z*p.stride[0] + phase[0] - p.lo[0]
		for y := range p.extent[1] {
			iy := y*p.stride[1] + phase[1] - p.lo[1]
			row := dst[:n]
			dst = dst[n:]
			if iz < 0 || iz >= p.in[0] || iy < 0 || iy >= p.in[1] {
				clear(row)
				continue
			}
			clear(row[:before])
			clear(row[before+inside:])
			if inside > 0 {
				at := (iz*p.in[1]+iy)*p.in[2] + first + before*p.stride[2]
				gatherStrided(row[before:before+inside], src[at:], p.stride[2])
			}
		}
	}
}

// inside returns how many numbers of a row whose first one is at first lie before
// the image, and how many in it.
func (p *paddedImage) inside(first int) (before, inside int) {
	n, step := p.extent[2], p.stride[2]
	if first < 0 {
		before = min(n, (-first-1)/step+1)
	}
	if from := first + before*step; from < p.in[2] {
		inside = min(n-before, (p.in[2]-1-from)/step+1)
	}
	return before, inside
}

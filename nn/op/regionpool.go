package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A regionPool is a RoiAlign ready to run.
type regionPool struct {
	x, regions    []float64
	images        []int
	c, h, w       int // of X
	shape         []int
	scale, offset float64
	ratio         int // samples per bin and axis; 0 means as many as it spans pixels
	largest       bool
}

func newRegionPool(n *ir.Node, in []*tensor.Tensor) (p *regionPool, err error) {
	s, r := in[0].Shape(), in[1].Shape()
	if len(s) != 4 || len(r) != 2 || r[1] != 4 || in[2].Len() != r[0] {
		return nil, fmt.Errorf("an image %v, regions %v and indices %v do not fit", in[0], in[1], in[2])
	}
	p = &regionPool{c: s[1], h: s[2], w: s[3], ratio: n.Attrs.Int("sampling_ratio", 0), scale: n.Attrs.Float("spatial_scale", 1)}
	p.largest = n.Attrs.Str("mode", "avg") == "max"
	half := "half_pixel" // the default since opset 16
	if n.Attrs.Int("opset", n.Version) < 16 {
		half = "output_half_pixel"
	}
	if n.Attrs.Str("coordinate_transformation_mode", half) == "half_pixel" {
		p.offset = 0.5
	}
	p.shape = []int{r[0], s[1], n.Attrs.Int("output_height", 1), n.Attrs.Int("output_width", 1)}
	if _, err := checkSize(p.shape); err != nil {
		return nil, err
	}
	if p.x, err = in[0].Floats(); err == nil {
		p.regions, err = in[1].Floats()
	}
	if err == nil {
		p.images, err = indexList(in[2], s[0])
	}
	if err != nil {
		return nil, err
	}
	return p, p.checkWork()
}

// An imagePlace is a place in an image.
type imagePlace struct {
	image int
	y, x  float64
}

// A region is where one begins in the image, how large its bins are, and how
// many samples each takes.
type region struct {
	y, x, binH, binW float64
	ny, nx           int
}

func (p *regionPool) region(r int) region {
	v := p.regions[4*r:]
	x, y := v[0]*p.scale-p.offset, v[1]*p.scale-p.offset
	width, height := v[2]*p.scale-p.offset-x, v[3]*p.scale-p.offset-y
	if p.offset == 0 {
		width, height = max(width, 1), max(height, 1)
	}
	at := region{y: y, x: x, binH: height / float64(p.shape[2]), binW: width / float64(p.shape[3])}
	at.ny, at.nx = p.samples(at.binH), p.samples(at.binW)
	return at
}

// checkWork errs where the regions take more samples than a model would ask
// for.
func (p *regionPool) checkWork() error {
	perBin := 0
	for r := range p.images {
		at := p.region(r)
		perBin += at.ny * at.nx
	}
	if work := float64(perBin) * float64(product(p.shape[1:])); work > maxElements {
		return fmt.Errorf("%.0f samples are too many; the limit is %d", work, maxElements)
	}
	return nil
}

// each visits every bin of every region with the samples it pools.
func (p *regionPool) each(visit func(bin int, samples []imagePlace)) {
	rows, cols := p.shape[2], p.shape[3]
	for r, image := range p.images {
		at := p.region(r)
		for bin := range rows * cols {
			i, j := float64(bin/cols), float64(bin%cols)
			samples := make([]imagePlace, 0, at.ny*at.nx)
			for k := range at.ny * at.nx {
				samples = append(samples, imagePlace{image,
					at.y + (i+(float64(k/at.nx)+0.5)/float64(at.ny))*at.binH,
					at.x + (j+(float64(k%at.nx)+0.5)/float64(at.nx))*at.binW})
			}
			visit(r*rows*cols+bin, samples)
		}
	}
}

// samples is how many a bin takes along one axis; a region as large as a
// hostile file can name gets no more than a sane number.
func (p *regionPool) samples(bin float64) int {
	const most = 64
	if p.ratio > 0 {
		return min(p.ratio, most)
	}
	if !(bin < most) {
		return most
	}
	return max(int(math.Ceil(bin)), 0)
}

func (p *regionPool) outputAt(bin, c int) int {
	perBin := p.shape[2] * p.shape[3]
	return (bin/perBin*p.c+c)*perBin + bin%perBin
}

// eachPixel visits the pixels of a channel that samples are made of, with their
// weights.
func (p *regionPool) eachPixel(samples []imagePlace, c int, visit func(at int, weight float64)) {
	for _, s := range samples {
		channel := (s.image*p.c + c) * p.h * p.w
		for _, i := range imageTaps(s.y, p.h) {
			for _, j := range imageTaps(s.x, p.w) {
				visit(channel+i.index*p.w+j.index, i.weight*j.weight)
			}
		}
	}
}

// pool averages the samples of a channel. In mode max it takes the largest of
// the weighted pixels that they are made of.
func (p *regionPool) pool(samples []imagePlace, c int) float64 {
	sum, largest, pixels := 0.0, math.Inf(-1), 0
	p.eachPixel(samples, c, func(at int, weight float64) {
		sum += weight * p.x[at]
		largest = max(largest, weight*p.x[at])
		pixels++
	})
	if pixels < 4*len(samples) { // a sample beyond the image is 0
		largest = max(largest, 0)
	}
	switch {
	case len(samples) == 0:
		return 0
	case p.largest:
		return largest
	}
	return sum / float64(len(samples))
}

// spread sends the gradient of a pooled number back to the pixels.
func (p *regionPool) spread(samples []imagePlace, c int, dy float64, dx []float64) {
	largest := math.Inf(-1)
	best, bestWeight := -1, 0.0
	p.eachPixel(samples, c, func(at int, weight float64) {
		if p.largest {
			if v := weight * p.x[at]; v > largest {
				largest, best, bestWeight = v, at, weight
			}
			return
		}
		dx[at] += dy * weight / float64(len(samples))
	})
	if best >= 0 {
		dx[best] += dy * bestWeight
	}
}

// imageTaps are the neighbours of a place among n pixels. Up to one pixel
// beyond the border counts as the border; farther out is nothing.
func imageTaps(v float64, n int) []tap {
	if !(v >= -1 && v <= float64(n)) {
		return nil
	}
	v = min(max(v, 0), float64(n-1))
	lo := int(v)
	hi := min(lo+1, n-1)
	return []tap{{lo, 1 - (v - float64(lo)), -1}, {hi, v - float64(lo), 1}}
}

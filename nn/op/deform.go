package op

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A deform is the geometry and the data of a deformable convolution.
type deform struct {
	x, offset, mask          []float64 // mask is nil if there is none
	shape                    []int     // of X
	kernel, extents          [2]int    // taps and places along each axis
	strides, pads, dilations [2]int
	groups, places           int
	outShape                 []int
}

// newDeform reads the inputs of deformColumns.
func newDeform(n *ir.Node, in []*tensor.Tensor) (*deform, error) {
	x, offset, w := in[0], in[1], in[2]
	if x.Rank() != 4 || offset.Rank() != 4 || w.Rank() != 4 {
		return nil, fmt.Errorf("images %v, offsets %v and weights %v must have four axes", x, offset, w)
	}
	d := &deform{
		shape: x.Shape(), kernel: [2]int{w.Dim(2), w.Dim(3)}, extents: [2]int{offset.Dim(2), offset.Dim(3)},
		groups: n.Attrs.Int("offset_group", 1), places: offset.Dim(2) * offset.Dim(3),
		strides: [2]int{1, 1}, dilations: [2]int{1, 1},
	}
	for _, list := range []struct {
		name string
		to   *[2]int
	}{{"strides", &d.strides}, {"pads", &d.pads}, {"dilations", &d.dilations}} {
		if v := n.Attrs.Ints(list.name); len(v) >= 2 {
			copy(list.to[:], v)
		}
		if min(list.to[0], list.to[1]) < 0 || max(list.to[0], list.to[1]) > 1<<20 {
			return nil, fmt.Errorf("%s %v must be from 0 to %d", list.name, *list.to, 1<<20)
		}
	}
	if err := d.fit(offset, opt(in, 3)); err != nil {
		return nil, err
	}
	return d, d.read(x, offset, opt(in, 3))
}

// fit checks that offsets and mask belong to the images and the kernel.
func (d *deform) fit(offset, mask *tensor.Tensor) error {
	n, c, taps := d.shape[0], d.shape[1], d.kernel[0]*d.kernel[1]
	if d.groups < 1 || c%d.groups != 0 {
		return fmt.Errorf("%d channels do not make %d groups", c, d.groups)
	}
	if want := []int{n, 2 * d.groups * taps, d.extents[0], d.extents[1]}; !slices.Equal(offset.Shape(), want) {
		return fmt.Errorf("offsets have shape %v, not %v", offset.Shape(), want)
	}
	if want := []int{n, d.groups * taps, d.extents[0], d.extents[1]}; mask != nil && !slices.Equal(mask.Shape(), want) {
		return fmt.Errorf("the mask has shape %v, not %v", mask.Shape(), want)
	}
	d.outShape = []int{n, c, taps, d.places}
	_, err := checkSize(d.outShape)
	return err
}

func (d *deform) read(x, offset, mask *tensor.Tensor) (err error) {
	if err := sameElements(x, offset, mask); err != nil {
		return err
	}
	if d.x, err = x.Floats(); err == nil {
		d.offset, err = offset.Floats()
	}
	if err == nil && mask != nil {
		d.mask, err = mask.Floats()
	}
	return err
}

func (d *deform) maskAt(i int) float64 {
	if d.mask == nil {
		return 1
	}
	return d.mask[i]
}

// An imageTap is a pixel that a sample is made of: where it lies, its weight,
// and how fast that changes as the sample moves down and to the right.
type imageTap struct {
	at                     int
	weight, slopeY, slopeX float64
}

// each visits every sample: its place in the columns, those of its offset down
// (the one to the right lies d.places behind) and of its mask, and its pixels.
func (d *deform) each(visit func(out, offset, mask int, taps []imageTap)) {
	c, taps := d.shape[1], d.kernel[0]*d.kernel[1]
	for image := range d.shape[0] {
		for channel := range c {
			group := image*d.groups + channel/(c/d.groups)
			for k := range taps {
				for p := range d.places {
					mask := (group*taps+k)*d.places + p
					offset := (group*taps+k)*2*d.places + p
					out := ((image*c+channel)*taps+k)*d.places + p
					visit(out, offset, mask, d.pixels(image*c+channel, k, p, offset))
				}
			}
		}
	}
}

// pixels are those around the sample of tap k for place p.
func (d *deform) pixels(plane, k, p, offset int) []imageTap {
	index := [2][2]int{{p / d.extents[1], k / d.kernel[1]}, {p % d.extents[1], k % d.kernel[1]}}
	var taps [2][]tap
	for axis := range 2 {
		at := float64(index[axis][0]*d.strides[axis]+index[axis][1]*d.dilations[axis]-d.pads[axis]) + d.offset[offset+axis*d.places]
		taps[axis] = linearTaps(at, d.shape[2+axis])
	}
	var out []imageTap
	for _, y := range taps[0] {
		for _, x := range taps[1] {
			out = append(out, imageTap{(plane*d.shape[2]+y.index)*d.shape[3] + x.index, y.weight * x.weight, y.slope * x.weight, y.weight * x.slope})
		}
	}
	return out
}

// linearTaps are the neighbours of a place among n pixels that exist.
func linearTaps(v float64, n int) []tap {
	if !(v > -1 && v < float64(n)) {
		return nil
	}
	lo := int(math.Floor(v))
	f := v - float64(lo)
	var taps []tap
	if lo >= 0 {
		taps = append(taps, tap{lo, 1 - f, -1})
	}
	if lo+1 < n {
		taps = append(taps, tap{lo + 1, f, 1})
	}
	return taps
}

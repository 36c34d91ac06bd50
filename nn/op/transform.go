package op

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A transform is a DFT ready to run.
type transform struct {
	inShape, outShape []int
	axis              int
	length            int // of the transform
	inverse, onesided bool
	fft               *fourier.CmplxFFT
}

// maxTransform bounds the length of a transform: 2^24, minutes of sound.
const maxTransform = 1 << 24

func newTransform(n *ir.Node, x, length, axis *tensor.Tensor) (*transform, error) {
	t := &transform{inShape: x.Shape(), inverse: n.Attrs.Bool("inverse", false), onesided: n.Attrs.Bool("onesided", false)}
	a, err := oneInt(axis, n.Attrs.Int("axis", defaultDFTAxis(n)))
	if err != nil {
		return nil, fmt.Errorf("axis: %w", err)
	}
	last := x.Rank() - 1
	if t.axis, err = axisOf(a, last+1); err != nil {
		return nil, err
	}
	parts := t.inShape[last]
	if t.axis == last || parts != 1 && parts != 2 {
		return nil, fmt.Errorf("the last axis of %v must hold 1 or 2 parts of a number, and not be transformed", x)
	}
	t.length = t.inShape[t.axis]
	if t.inverse && t.onesided {
		t.length = 2 * (t.length - 1)
	}
	if t.length, err = oneInt(length, t.length); err != nil {
		return nil, fmt.Errorf("length: %w", err)
	}
	if t.length < 1 || t.length > maxTransform {
		return nil, fmt.Errorf("the length %d is not from 1 to %d", t.length, maxTransform)
	}
	t.outShape = slices.Clone(t.inShape)
	t.outShape[t.axis], t.outShape[last] = t.length, 2
	switch {
	case t.onesided && t.inverse:
		t.outShape[last] = 1
	case t.onesided:
		t.outShape[t.axis] = t.length/2 + 1
	}
	t.fft = fourier.NewCmplxFFT(t.length)
	_, err = checkSize(t.outShape)
	return t, err
}

// oneInt reads an optional single integer.
func oneInt(t *tensor.Tensor, def int) (int, error) {
	if t == nil {
		return def, nil
	}
	v, err := t.Ints()
	if err != nil || len(v) != 1 {
		return 0, fmt.Errorf("one integer is needed, not %v", t)
	}
	return v[0], nil
}

func (t *transform) forward(x *tensor.Tensor) ([]*tensor.Tensor, error) {
	return t.apply(x, t.inShape, t.outShape, t.line)
}

func (t *transform) backward(dy, x *tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := sameElements(dy, x); err != nil {
		return nil, err
	}
	if !slices.Equal(dy.Shape(), t.outShape) {
		return nil, fmt.Errorf("the gradient has shape %v, the output %v", dy.Shape(), t.outShape)
	}
	return t.apply(dy, t.outShape, t.inShape, t.lineGrad)
}

// apply maps every line of numbers along the axis by f.
func (t *transform) apply(x *tensor.Tensor, from, to []int, f func([]complex128) []complex128) ([]*tensor.Tensor, error) {
	if !x.DType().IsFloat() {
		return nil, errElements(x)
	}
	v, err := x.Floats()
	if err != nil {
		return nil, err
	}
	out := make([]float64, product(to))
	last := len(from) - 1
	outer, n, inner := around(from[:last], t.axis)
	m := to[t.axis]
	line := make([]complex128, n)
	for o := range outer {
		for i := range inner {
			for k := range line {
				at := ((o*n+k)*inner + i) * from[last]
				line[k] = complex(v[at], 0)
				if from[last] == 2 {
					line[k] = complex(v[at], v[at+1])
				}
			}
			for k, z := range resized(f(line), m) {
				at := ((o*m+k)*inner + i) * to[last]
				out[at] = real(z)
				if to[last] == 2 {
					out[at+1] = imag(z)
				}
			}
		}
	}
	y, err := tensor.Of(out, to...).Convert(x.DType())
	return []*tensor.Tensor{y}, err
}

// resized cuts a line or pads it with zeros.
func resized(z []complex128, n int) []complex128 {
	out := make([]complex128, n)
	copy(out, z)
	return out
}

// line transforms one line. A one-sided spectrum is completed by symmetry
// before it is transformed back.
func (t *transform) line(z []complex128) []complex128 {
	if !t.inverse {
		return t.fft.Coefficients(nil, resized(z, t.length))
	}
	full := resized(z, t.length)
	if t.onesided {
		half := resized(z, t.length/2+1)
		for k, v := range half {
			full[k] = v
			if k > 0 && k < t.length-k {
				full[t.length-k] = complex(real(v), -imag(v))
			}
		}
	}
	return scale(t.fft.Sequence(nil, full), 1/float64(t.length))
}

// lineGrad is the transpose of line, with complex numbers as pairs of reals.
// The two halves of a completed spectrum both send back to the one given.
func (t *transform) lineGrad(dy []complex128) []complex128 {
	if !t.inverse {
		return t.fft.Sequence(nil, resized(dy, t.length))
	}
	dz := scale(t.fft.Coefficients(nil, resized(dy, t.length)), 1/float64(t.length))
	if t.onesided {
		dz = dz[:t.length/2+1]
		for k := range dz {
			if k > 0 && k < t.length-k {
				dz[k] *= 2
			}
		}
	}
	return resized(dz, t.length)
}

func scale(z []complex128, by float64) []complex128 {
	for i := range z {
		z[i] *= complex(by, 0)
	}
	return z
}

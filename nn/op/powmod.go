package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// pow raises to a power that may be of another element type; the result has
// the type of the base.
var pow = Op{
	Name: "Pow", MinIn: 2, Infer: inferBinary, Cost: flops(1), Grad: powGrad,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		base := in[0]
		exponent, err := alignOld(n, base, in[1])
		if err != nil {
			return nil, err
		}
		if base.DType().IsInt() && exponent.DType().IsFloat() {
			return powFractional(base, exponent)
		}
		if exponent, err = exponent.Convert(base.DType()); err != nil {
			return nil, err
		}
		return arith{math.Pow, powInt, powUint}.apply(base, exponent)
	},
}

// powFractional raises integers to powers that are not, and truncates.
func powFractional(base, exponent *tensor.Tensor) ([]*tensor.Tensor, error) {
	x, err := base.Convert(tensor.Float64)
	if err != nil {
		return nil, err
	}
	y, err := exponent.Convert(tensor.Float64)
	if err != nil {
		return nil, err
	}
	out, err := zip(x, y, math.Pow)
	if err != nil {
		return nil, err
	}
	z, err := out[0].Convert(base.DType())
	if err != nil {
		return nil, err
	}
	return one(z)
}

// powInt wraps; a negative power truncates to 0 except of 1 and -1.
func powInt(x, n int64) int64 {
	if n >= 0 {
		return int64(powUint(uint64(x), uint64(n)))
	}
	switch x {
	case 1:
		return 1
	case -1:
		return 1 - 2*(-n&1)
	}
	return 0
}

// powUint squares and multiplies.
func powUint(x, n uint64) uint64 {
	y := uint64(1)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}

// mod has the sign of the divisor, as Python's %, or with the attribute fmod
// that of the dividend, as C's fmod.
var mod = Op{
	Name: "Mod", MinIn: 2, Infer: inferPair, Cost: flops(1), Grad: modGrad,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if err := checkDivisor(in[1]); err != nil {
			return nil, err
		}
		rest := func(a, b uint64) uint64 { return a % b }
		if n.Attrs.Bool("fmod", false) {
			return arith{math.Mod, func(a, b int64) int64 { return a % b }, rest}.apply(in[0], in[1])
		}
		return arith{floorMod, floorModInt, rest}.apply(in[0], in[1])
	},
}

func floorMod(a, b float64) float64 {
	r := math.Mod(a, b)
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}

func floorModInt(a, b int64) int64 {
	r := a % b
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}

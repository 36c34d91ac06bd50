package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Softmax, LogSoftmax and Hardmax work along one axis, the last by default;
// before opset 13 along all axes from axis on as one, from axis 1 by default.
var softmaxOps = []Op{
	{
		Name: "Softmax", MinIn: 1,
		Infer: inferSoftmax,
		Eval:  byFloat(byVector(softmax[float32]), byVector(softmax[float64])),
		Grad:  gradSoftmax,
		Cost:  flops(5),
	},
	{
		Name: "LogSoftmax", MinIn: 1,
		Infer: inferSoftmax,
		Eval:  byFloat(byVector(logSoftmax[float32]), byVector(logSoftmax[float64])),
		Grad:  gradLogSoftmax,
		Cost:  flops(5),
	},
	{
		Name: "Hardmax", MinIn: 1,
		Infer: inferSoftmax,
		Eval:  byFloat(byVector(hardmax[float32]), byVector(hardmax[float64])),
		Grad:  zeroGrad,
		Cost:  flops(1),
	},
}

// softmaxAxes returns the first axis and how many axes it stands for.
func softmaxAxes(n *ir.Node, rank int) (axis, count int, err error) {
	if n.Version >= 13 {
		axis, err = axisOf(n.Attrs.Int("axis", -1), rank)
		return axis, 1, err
	}
	axis = n.Attrs.Int("axis", 1)
	if axis == rank { // nothing is left to be flattened
		return axis, 0, nil
	}
	axis, err = axisOf(axis, rank)
	return axis, rank - axis, err
}

func inferSoftmax(n *ir.Node, in []Type) ([]Type, error) {
	if s := in[0].Shape; len(s) > 0 {
		if _, _, err := softmaxAxes(n, len(s)); err != nil {
			return nil, err
		}
	}
	return sameType(n, in)
}

// byVector evaluates f on vectors of n elements, step apart in x and y.
func byVector[T float](f func(y, x []T, n, step int)) evalFunc {
	return func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		shape := in[0].Shape()
		if len(shape) == 0 {
			shape = []int{1}
		}
		axis, count, err := softmaxAxes(n, len(shape))
		if err != nil {
			return nil, err
		}
		size, step := product(shape[axis:axis+count]), product(shape[axis+count:])
		x := tensor.Data[T](in[0])
		y := make([]T, len(x))
		if size > 0 {
			for from := 0; from < len(x); from += size * step {
				for i := range step {
					f(y[from+i:], x[from+i:], size, step)
				}
			}
		}
		return one(tensor.Of(y, in[0].Shape()...))
	}
}

// softmax subtracts the greatest element first, so that nothing overflows.
func softmax[T float](y, x []T, n, step int) {
	top, sum := x[firstMaxOf(x, n, step)*step], 0.0
	for i := range n {
		e := math.Exp(float64(x[i*step] - top))
		y[i*step] = T(e)
		sum += e
	}
	for i := range n {
		y[i*step] /= T(sum)
	}
}

func logSoftmax[T float](y, x []T, n, step int) {
	top, sum := x[firstMaxOf(x, n, step)*step], 0.0
	for i := range n {
		sum += math.Exp(float64(x[i*step] - top))
	}
	for i := range n {
		y[i*step] = x[i*step] - top - T(math.Log(sum))
	}
}

// hardmax is 1 for the first of the greatest elements.
func hardmax[T float](y, x []T, n, step int) { y[firstMaxOf(x, n, step)*step] = 1 }

func firstMaxOf[T float](x []T, n, step int) int {
	best := 0
	for i := 1; i < n; i++ {
		if x[i*step] > x[best*step] {
			best = i
		}
	}
	return best
}

// softmaxGradAxes lists the axes of softmaxAxes. A single axis of the newer
// opsets needs no rank.
func (g *Grad) softmaxGradAxes(n *ir.Node) ([]int, error) {
	if n.Version >= 13 {
		return []int{n.Attrs.Int("axis", -1)}, nil
	}
	rank, err := g.rankOf(n.Inputs[0], n.Outputs[0])
	if err != nil {
		return nil, err
	}
	axis, count, err := softmaxAxes(n, rank)
	axes := make([]int, count)
	for i := range axes {
		axes[i] = axis + i
	}
	return axes, err
}

// gradSoftmax writes SoftmaxGrad where the axes are the last ones.
func gradSoftmax(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	axes, err := g.softmaxGradAxes(n)
	if err != nil || !g.Needs(0) {
		return out, err
	}
	y := n.Outputs[0]
	rank := len(g.Type(n.Inputs[0]).Shape) // 0 if not known
	if k := len(axes); k > 0 && (axes[k-1] == -1 || axes[k-1] == rank-1) {
		out[0] = g.tomo("SoftmaxGrad", ir.Pairs("axis", -k), dy[0], y)
	} else {
		out[0] = g.softmaxGrad(dy[0], y, axes)
	}
	return out, nil
}

// gradLogSoftmax: dx = dy - e^y·Σdy.
func gradLogSoftmax(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	axes, err := g.softmaxGradAxes(n)
	if err != nil || !g.Needs(0) {
		return out, err
	}
	sum := g.reduceSum(dy[0], true, axes...)
	out[0] = g.Op("Sub", nil, dy[0], g.Op("Mul", nil, g.Op("Exp", nil, n.Outputs[0]), sum))
	return out, nil
}

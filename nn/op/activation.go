package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// An activation is a function of one number, applied to every element. Its
// gradient is an operator of Tomo, and so is the gradient of that:
//
//	Elu(x) -> y
//	tomo.EluGrad(dy, v) -> dx = dy·slope(v)        v is x, or y where that is simpler
//	tomo.EluGrad2(dy, v) -> dy·bend(v)
//
// The gradient operators take the activation's attributes.
type activation struct {
	name, domain string
	// knobs are the float attributes with their defaults; the functions get
	// the values in this order.
	knobs []knob
	f     func(x float64, k []float64) float64
	// slope is the derivative of f, as a function of y if ofOutput.
	slope    func(v float64, k []float64) float64
	ofOutput bool
	// bend is the derivative of slope with respect to v; nil if it is zero.
	bend func(v float64, k []float64) float64
}

// A knob is a float attribute.
type knob struct {
	name string
	def  float64
}

var activationOps = activationFamily(activations)

// activationFamily makes the operators of every activation: the function, its
// gradient and that of its gradient.
func activationFamily(list []activation) []Op {
	var ops []Op
	for i := range list {
		a := &list[i]
		ops = append(ops,
			Op{Name: a.name, Domain: a.domain, MinIn: 1, Infer: sameType, Eval: a.eval, Grad: a.grad, Cost: flops(1)},
			Op{Name: a.name + "Grad", Domain: Domain, MinIn: 2, Infer: sameType, Eval: a.times(a.slope), Grad: a.gradOfGrad, Cost: flops(2)})
		if a.bend != nil {
			ops = append(ops, Op{Name: a.name + "Grad2", Domain: Domain, MinIn: 2, Infer: sameType, Eval: a.times(a.bend), Cost: flops(2)})
		}
	}
	return ops
}

func (a *activation) values(n *ir.Node) []float64 {
	v := make([]float64, len(a.knobs))
	for i, k := range a.knobs {
		v[i] = n.Attrs.Float(k.name, k.def)
	}
	return v
}

func (a *activation) eval(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	k := a.values(n)
	f := func(x float64) float64 { return a.f(x, k) }
	if !in[0].DType().IsInt() {
		return mapFloat(in[0], f)
	}
	// Relu and Shrink are defined for integers too.
	wide, err := in[0].Convert(tensor.Float64)
	if err != nil {
		return nil, err
	}
	y, err := mapAs[float64](wide, f).Convert(in[0].DType())
	if err != nil {
		return nil, err
	}
	return one(y)
}

// times evaluates dy·f(v).
func (a *activation) times(f func(v float64, k []float64) float64) evalFunc {
	return func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if err := needShape("the gradient", in[0].Shape(), in[1].Shape()); err != nil {
			return nil, err
		}
		k := a.values(n)
		run := byFloat(timesAs[float32](f, k), timesAs[float64](f, k))
		return run(n, in)
	}
}

// timesAs leaves zeros of dy zero, even where the slope is infinite.
func timesAs[T float](f func(v float64, k []float64) float64, k []float64) evalFunc {
	return func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		dy, v := tensor.Data[T](in[0]), tensor.Data[T](in[1])
		dx := make([]T, len(dy))
		for i, d := range dy {
			if d != 0 {
				dx[i] = T(float64(d) * f(float64(v[i]), k))
			}
		}
		return one(tensor.Of(dx, in[0].Shape()...))
	}
}

func (a *activation) grad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		v := n.Inputs[0]
		if a.ofOutput {
			v = n.Outputs[0]
		}
		out[0] = g.tomo(a.name+"Grad", n.Attrs, dy[0], v)
	}
	return out, nil
}

func (a *activation) gradOfGrad(g *Grad, n *ir.Node, ddx []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	dy, v := n.Inputs[0], n.Inputs[1]
	if g.Needs(0) {
		out[0] = g.tomo(n.Op, n.Attrs, ddx[0], v)
	}
	if g.Needs(1) && a.bend != nil {
		out[1] = g.Op("Mul", nil, ddx[0], g.tomo(n.Op+"2", n.Attrs, dy, v))
	}
	return out, nil
}

// sameType infers one output of the first input's type and shape.
func sameType(_ *ir.Node, in []Type) ([]Type, error) {
	return []Type{{DType: in[0].DType, Shape: in[0].Shape, Elem: in[0].Elem}}, nil
}

// logistic is 1/(1+e^-x) without overflow.
func logistic(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// softplus is log(1+e^x) without overflow.
func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

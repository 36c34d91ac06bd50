package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Gemm(a, b, c?) = alpha·A·B + beta·C for matrices, A and B transposed if
// asked for, and C broadcast to the product. The attribute broadcast of opsets
// before 7 is not needed to tell.
var gemmOps = []Op{{
	Name: "Gemm", MinIn: 2,
	Infer: inferGemm,
	Eval:  evalGemm,
	Grad:  gradGemm,
	Cost:  costGemm,
}}

// A gemm is what the node says.
type gemm struct {
	alpha, beta    float64
	transA, transB bool
}

func readGemm(n *ir.Node) gemm {
	return gemm{n.Attrs.Float("alpha", 1), n.Attrs.Float("beta", 1), n.Attrs.Bool("transA", false), n.Attrs.Bool("transB", false)}
}

// extents returns rows, inner and columns; unknown where a shape is nil.
func (k gemm) extents(a, b ir.Shape) (rows, inner, cols ir.Dim, err error) {
	rows, inner, cols = ir.Symbol(""), ir.Symbol(""), ir.Symbol("")
	inner2 := inner
	if a != nil && len(a) != 2 || b != nil && len(b) != 2 {
		return rows, inner, cols, fmt.Errorf("shapes %v and %v are not both matrices", a, b)
	}
	if a != nil {
		if rows, inner = a[0], a[1]; k.transA {
			rows, inner = inner, rows
		}
	}
	if b != nil {
		if inner2, cols = b[0], b[1]; k.transB {
			inner2, cols = cols, inner2
		}
	}
	if inner.IsKnown() && inner2.IsKnown() && inner != inner2 {
		err = fmt.Errorf("shapes %v and %v with transA=%v, transB=%v cannot be multiplied", a, b, k.transA, k.transB)
	}
	if !inner.IsKnown() {
		inner = inner2
	}
	return rows, inner, cols, err
}

func inferGemm(n *ir.Node, in []Type) ([]Type, error) {
	rows, _, cols, err := readGemm(n).extents(in[0].Shape, in[1].Shape)
	if err != nil {
		return nil, err
	}
	shape := ir.Shape{rows, cols}
	if c := opt(in, 2).Shape; c != nil {
		if err := checkAddend(c, shape); err != nil {
			return nil, err
		}
	}
	return []Type{{DType: in[0].DType, Shape: shape}}, nil
}

// checkAddend errs if c surely does not broadcast to shape, which is known in
// rank.
func checkAddend(c, shape ir.Shape) error {
	sum, err := broadcastDims(c, shape)
	if err != nil {
		return err
	}
	fits := len(sum) == len(shape)
	for i := 0; fits && i < len(shape); i++ {
		fits = !shape[i].IsKnown() || !sum[i].IsKnown() || sum[i] == shape[i]
	}
	if !fits {
		return fmt.Errorf("an operand of shape %v does not fit one of shape %v", c, shape)
	}
	return nil
}

func evalGemm(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := sameElements(in...); err != nil {
		return nil, err
	}
	if _, err := inferGemm(n, mapTo(in, TypeOf)); err != nil {
		return nil, err
	}
	switch in[0].DType() {
	case tensor.Float32:
		return gemmFloat[float32](readGemm(n), in)
	case tensor.Float64:
		return gemmFloat[float64](readGemm(n), in)
	case tensor.Int32, tensor.Int64, tensor.Uint32, tensor.Uint64:
		return gemmInt(readGemm(n), in)
	}
	return nil, errElements(in[0])
}

// gemmInt computes in float64, which is exact up to 2^53.
func gemmInt(k gemm, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	wide := make([]*tensor.Tensor, len(in))
	for i, t := range in {
		if t == nil {
			continue
		}
		var err error
		if wide[i], err = t.Convert(tensor.Float64); err != nil {
			return nil, err
		}
	}
	y, err := gemmFloat[float64](k, wide)
	if err != nil {
		return nil, err
	}
	narrow, err := y[0].Convert(in[0].DType())
	return []*tensor.Tensor{narrow}, err
}

func gemmFloat[T float](k gemm, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, b := viewOf[T](in[0], k.transA), viewOf[T](in[1], k.transB)
	y, err := zeros(in[0].DType(), a.rows, b.cols)
	if err != nil {
		return nil, err
	}
	out := tensor.Data[T](y)
	mulAdd(dense(out, a.rows, b.cols), a, b)
	for i := range out {
		out[i] *= T(k.alpha)
	}
	if c := opt(in, 2); c != nil {
		from := offsets(y.Shape(), 0, broadcastStrides(c.Shape(), y.Shape()))
		for i, v := range from {
			out[i] += T(k.beta) * tensor.Data[T](c)[v]
		}
	}
	return one(y)
}

func viewOf[T float](t *tensor.Tensor, transpose bool) matrix[T] {
	m := dense(tensor.Data[T](t), t.Dim(0), t.Dim(1))
	if transpose {
		return m.transposed()
	}
	return m
}

func gradGemm(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	k := readGemm(n)
	a, b := n.Inputs[0], n.Inputs[1]
	if g.Needs(0) {
		if k.transA {
			out[0] = g.gemm(k.alpha, b, k.transB, dy[0], true)
		} else {
			out[0] = g.gemm(k.alpha, dy[0], false, b, !k.transB)
		}
	}
	if g.Needs(1) {
		if k.transB {
			out[1] = g.gemm(k.alpha, dy[0], true, a, k.transA)
		} else {
			out[1] = g.gemm(k.alpha, a, !k.transA, dy[0], false)
		}
	}
	if g.Needs(2) {
		sum := dy[0]
		if k.beta != 1 {
			sum = g.Op("Mul", nil, sum, g.scalar(k.beta, a))
		}
		out[2] = g.sumTo(sum, n.Inputs[2], n.Outputs[0])
	}
	return out, nil
}

func (g *Grad) gemm(alpha float64, a ir.ValueID, transA bool, b ir.ValueID, transB bool) ir.ValueID {
	return g.Op("Gemm", ir.Pairs("alpha", alpha, "transA", transA, "transB", transB), a, b)
}

func costGemm(n *ir.Node, in, out []Type) Cost {
	_, inner, _, err := readGemm(n).extents(in[0].Shape, in[1].Shape)
	if err != nil || !inner.IsKnown() {
		return Cost{}
	}
	c := products(elements(out[0]) * int64(inner.N))
	if len(in) > 2 {
		c.FLOPs += elements(out[0])
	}
	return c
}

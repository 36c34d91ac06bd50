package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var matmulOps = []Op{
	{
		Name: "MatMul", MinIn: 2,
		Infer: inferMatMul,
		Eval:  evalMatMul,
		Grad:  gradMatMul,
		Cost:  costMatMul,
	},
	{
		Name: "MatMulInteger", MinIn: 2,
		Infer: inferMatMulInteger,
		Eval:  evalMatMulInteger,
		Grad:  zeroGrad,
		Cost:  costMatMul,
	},
}

// inferMatMul is NumPy's matmul: the last two axes are multiplied, those
// before are broadcast, and a vector is a row on the left, a column on the
// right, whose axis of extent 1 is dropped from the product.
func inferMatMul(_ *ir.Node, in []Type) ([]Type, error) {
	shape, err := matmulShape(in[0].Shape, in[1].Shape)
	return []Type{{DType: in[0].DType, Shape: shape}}, err
}

func matmulShape(a, b ir.Shape) (ir.Shape, error) {
	if a == nil || b == nil {
		return nil, nil
	}
	if len(a) == 0 || len(b) == 0 {
		return nil, fmt.Errorf("a scalar cannot be multiplied as a matrix")
	}
	rows, inner, inner2, cols := ir.Shape(nil), a[len(a)-1], b[0], ir.Shape(nil)
	var before, before2 = ir.Shape{}, ir.Shape{}
	if n := len(a); n > 1 {
		rows, before = a[n-2:n-1], a[:n-2]
	}
	if n := len(b); n > 1 {
		inner2, cols, before2 = b[n-2], b[n-1:], b[:n-2]
	}
	if inner.IsKnown() && inner2.IsKnown() && inner != inner2 {
		return nil, fmt.Errorf("shapes %v and %v cannot be multiplied: %v columns against %v rows", a, b, inner, inner2)
	}
	out, err := broadcastDims(before, before2)
	if err != nil {
		return nil, err
	}
	return append(append(out, rows...), cols...), nil
}

// A batchProduct is a list of equal matrix products for concrete shapes.
type batchProduct struct {
	m, k, n int
	a, b    []int // where the matrices of each product start
	shape   []int // of the result
}

func readMatMul(a, b []int) (*batchProduct, error) {
	shape, err := matmulShape(ir.Dims(a...), ir.Dims(b...))
	if err != nil {
		return nil, err
	}
	p := &batchProduct{m: 1, n: 1, k: a[len(a)-1]}
	p.shape, _ = shape.Ints()
	if _, err := checkSize(p.shape); err != nil {
		return nil, err
	}
	if product(p.shape) == 0 {
		return p, nil // nothing to multiply
	}
	var before, before2 []int
	if n := len(a); n > 1 {
		p.m, before = a[n-2], a[:n-2]
	}
	if n := len(b); n > 1 {
		p.n, before2 = b[n-1], b[:n-2]
	}
	batch := p.shape[:max(len(before), len(before2))]
	p.a = starts(batch, before, p.m*p.k)
	p.b = starts(batch, before2, p.k*p.n)
	return p, nil
}

// starts lists where the matrices of a broadcast batch lie, each of size
// elements.
func starts(batch, shape []int, size int) []int {
	strides := broadcastStrides(shape, batch)
	for i := range strides {
		strides[i] *= size
	}
	return offsets(batch, 0, strides)
}

func evalMatMul(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := sameElements(in...); err != nil {
		return nil, err
	}
	switch in[0].DType() {
	case tensor.Float32:
		return matmul[float32](in[0], in[1])
	case tensor.Float64:
		return matmul[float64](in[0], in[1])
	case tensor.Int32:
		return matmul[int32](in[0], in[1])
	case tensor.Int64:
		return matmul[int64](in[0], in[1])
	case tensor.Uint32:
		return matmul[uint32](in[0], in[1])
	case tensor.Uint64:
		return matmul[uint64](in[0], in[1])
	}
	return nil, errElements(in[0])
}

func matmul[T number](a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := readMatMul(a.Shape(), b.Shape())
	if err != nil {
		return nil, err
	}
	x, y := tensor.Data[T](a), tensor.Data[T](b)
	z := make([]T, product(p.shape))
	for i := range p.a {
		mulAdd(
			dense(z[i*p.m*p.n:][:p.m*p.n], p.m, p.n),
			dense(x[p.a[i]:][:p.m*p.k], p.m, p.k),
			dense(y[p.b[i]:][:p.k*p.n], p.k, p.n))
	}
	return one(tensor.Of(z, p.shape...))
}

func gradMatMul(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	a, b, grad := n.Inputs[0], n.Inputs[1], dy[0]
	rankA, rankB := len(g.Type(a).Shape), len(g.Type(b).Shape)
	if rankA == 0 || rankB == 0 {
		return nil, errRank
	}
	// Vectors become the row and the column they stand for.
	if rankB == 1 {
		b = g.Op("Unsqueeze", nil, b, g.Ints(1))
		grad = g.Op("Unsqueeze", nil, grad, g.Ints(-1))
	}
	if rankA == 1 {
		a = g.Op("Unsqueeze", nil, a, g.Ints(0))
		grad = g.Op("Unsqueeze", nil, grad, g.Ints(-2))
	}
	if g.Needs(0) {
		da := g.Op("MatMul", nil, grad, g.swapLast(b, rankB))
		out[0] = g.toFactor(da, n.Inputs[0], n.Outputs[0])
	}
	if g.Needs(1) {
		out[1] = g.rightGrad(n, a, grad)
	}
	return out, nil
}

// rightGrad is the gradient of the right factor, where a and grad are at least
// matrices. A matrix that multiplies a whole batch, as every linear layer's
// does, takes one product of all rows.
func (g *Grad) rightGrad(n *ir.Node, a, grad ir.ValueID) ir.ValueID {
	b := n.Inputs[1]
	rankA, shapeB := len(g.Type(n.Inputs[0]).Shape), g.Type(b).Shape
	if extents, ok := shapeB.Ints(); ok && len(extents) == 2 && rankA > 2 {
		a = g.Op("Reshape", nil, a, g.Ints(-1, extents[0]))
		grad = g.Op("Reshape", nil, grad, g.Ints(-1, extents[1]))
		return g.Op("MatMul", nil, g.swapLast(a, 2), grad)
	}
	db := g.Op("MatMul", nil, g.swapLast(a, rankA), grad)
	if len(shapeB) == 1 {
		db = g.Op("Squeeze", nil, db, g.Ints(-1))
	}
	return g.toFactor(db, b, n.Outputs[0])
}

// toFactor sums a gradient over the batch axes along which a factor was
// broadcast in making y.
func (g *Grad) toFactor(grad, factor, y ir.ValueID) ir.ValueID {
	f, p := g.Type(factor).Shape, g.Type(y).Shape
	if len(f) > 1 && len(f) == len(p) && sameShape(f[:len(f)-2], p[:len(p)-2]) {
		return grad
	}
	return g.tomo("SumTo", nil, grad, factor)
}

// swapLast exchanges the last two axes; a vector counts as a matrix.
func (g *Grad) swapLast(v ir.ValueID, rank int) ir.ValueID {
	perm := make([]int, max(rank, 2))
	for i := range perm {
		perm[i] = i
	}
	n := len(perm)
	perm[n-2], perm[n-1] = perm[n-1], perm[n-2]
	return g.Op("Transpose", ir.Pairs("perm", perm), v)
}

// costMatMul is m·n·k multiply-accumulates for each product of the batch.
func costMatMul(_ *ir.Node, in, out []Type) Cost {
	a := in[0].Shape
	if len(a) == 0 || !a[len(a)-1].IsKnown() {
		return Cost{}
	}
	return products(elements(out[0]) * int64(a[len(a)-1].N))
}

func inferMatMulInteger(n *ir.Node, in []Type) ([]Type, error) {
	out, err := inferMatMul(n, in)
	if err != nil {
		return nil, err
	}
	out[0].DType = tensor.Int32
	return out, nil
}

// evalMatMulInteger multiplies 8-bit integers, zero points subtracted, into
// int32. A zero point is for all elements, for each row of the left factor or
// for each column of the right one.
func evalMatMulInteger(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	left := opt(in, 2)
	if left != nil && left.Rank() == 1 {
		left = left.Reshape(left.Len(), 1)
	}
	a, err := fromZeroPoint(in[0], left)
	if err != nil {
		return nil, err
	}
	b, err := fromZeroPoint(in[1], opt(in, 3))
	if err != nil {
		return nil, err
	}
	return matmul[int32](a, b)
}

// fromZeroPoint subtracts the zero point, if there is one, in int32.
func fromZeroPoint(t, zero *tensor.Tensor) (*tensor.Tensor, error) {
	if d := t.DType(); d != tensor.Int8 && d != tensor.Uint8 {
		return nil, errElements(t)
	}
	wide, err := t.Convert(tensor.Int32)
	if err != nil || zero == nil {
		return wide, err
	}
	if zero.DType() != t.DType() {
		return nil, fmt.Errorf("a zero point is %s where %s is needed", zero.DType(), t.DType())
	}
	if zero, err = zero.Convert(tensor.Int32); err != nil {
		return nil, err
	}
	if zero.Len() == 1 {
		zero = zero.Reshape()
	}
	diff, err := zip(wide, zero, func(a, b int32) int32 { return a - b })
	if err != nil {
		return nil, err
	}
	return diff[0], nil
}

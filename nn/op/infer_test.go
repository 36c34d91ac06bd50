package op_test

import (
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A chain infers nodes one after another, as a model's shapes are computed.
type chain struct{ t *testing.T }

func (c chain) infer(name string, attrs ir.Attrs, in ...op.Type) op.Type {
	c.t.Helper()
	n := &ir.Node{Name: name, Op: name, Version: ir.LatestOpset, Attrs: attrs, Outputs: []ir.ValueID{0}}
	for i := range in {
		n.Inputs = append(n.Inputs, ir.ValueID(i))
	}
	out, err := op.Infer(n, in)
	if err != nil {
		c.t.Fatal(err)
	}
	return out[0]
}

func known(t *tensor.Tensor) op.Type { return op.TypeOf(t) }

func image(dims ...ir.Dim) op.Type {
	return op.Type{DType: tensor.Float32, Shape: ir.Shape(dims)}
}

var batch, seq = ir.Symbol("batch"), ir.Symbol("seq")

func (c chain) want(got op.Type, shape ...ir.Dim) {
	c.t.Helper()
	if !slices.Equal(got.Shape, shape) {
		c.t.Errorf("shape %v, want %v", got.Shape, ir.Shape(shape))
	}
}

// What exporters write for x.view(x.size(0), -1).
func TestBatchSurvivesReshape(t *testing.T) {
	c := chain{t}
	x := image(batch, ir.Known(512), ir.Known(2), ir.Known(3))
	size := c.infer("Gather", nil, c.infer("Shape", nil, x), known(tensor.Scalar[int64](0)))
	row := c.infer("Unsqueeze", nil, size, known(i64(0)))
	goal := c.infer("Concat", ir.Pairs("axis", 0), row, known(i64(-1)))
	c.want(c.infer("Reshape", nil, x, goal), batch, ir.Known(3072))
	c.want(c.infer("Reshape", nil, x, known(i64(-1, 3072))), batch, ir.Known(3072))
	c.want(c.infer("Reshape", nil, x, known(i64(0, -1, 3))), batch, ir.Known(1024), ir.Known(3))
	c.want(c.infer("Flatten", nil, x), batch, ir.Known(3072))
}

// What they write for splitting and joining heads.
func TestSymbolsInHeads(t *testing.T) {
	c := chain{t}
	x := image(batch, seq, ir.Known(96))
	split := c.infer("Reshape", nil, x, known(i64(0, 0, 4, 24)))
	c.want(split, batch, seq, ir.Known(4), ir.Known(24))
	heads := c.infer("Transpose", ir.Pairs("perm", []int{0, 2, 1, 3}), split)
	joined := c.infer("Reshape", nil, heads, known(i64(-1, 24)))
	c.want(joined, ir.Symbol("4*batch*seq"), ir.Known(24))
}

// What they write for token.expand(batch, -1, -1).
func TestBatchSurvivesExpand(t *testing.T) {
	c := chain{t}
	x := image(batch, ir.Known(64), ir.Known(96))
	size := c.infer("Shape", ir.Pairs("end", 1), x)
	goal := c.infer("Concat", ir.Pairs("axis", 0), size, known(i64(-1)), known(i64(-1)))
	ones := c.infer("ConstantOfShape", ir.Attrs{"value": {Value: i64(1)}}, known(i64(3)))
	keep := c.infer("Equal", nil, goal, known(i64(-1)))
	goal = c.infer("Where", nil, keep, ones, goal)
	token := c.infer("Expand", nil, known(tensor.New(tensor.Float32, 1, 1, 96)), goal)
	c.want(token, batch, ir.Known(1), ir.Known(96))
	c.want(c.infer("Concat", ir.Pairs("axis", 1), token, x), batch, ir.Known(65), ir.Known(96))
}

func TestArithmeticOfExtents(t *testing.T) {
	c := chain{t}
	x := image(batch, ir.Known(3), seq)
	shape := c.infer("Shape", nil, x)
	at := func(i int64) op.Type { return c.infer("Gather", nil, shape, known(i64(i))) }
	for _, tc := range []struct {
		name string
		got  op.Type
		want ir.Dim
	}{
		{"product", c.infer("Mul", nil, at(0), at(1)), ir.Symbol("3*batch")},
		{"of symbols", c.infer("Mul", nil, at(0), at(2)), ir.Symbol("batch*seq")},
		{"quotient", c.infer("Div", nil, c.infer("Mul", nil, at(0), at(1)), at(1)), batch},
		{"sum", c.infer("Add", nil, at(2), known(i64(1))), ir.Symbol("(seq+1)")},
		{"back", c.infer("Sub", nil, c.infer("Add", nil, at(2), known(i64(1))), known(i64(1))), seq},
		{"difference of equals", c.infer("Sub", nil, at(2), at(2)), ir.Known(0)},
		{"cast", c.infer("Cast", ir.Pairs("to", 6), at(0)), batch},
	} {
		if len(tc.got.Extents) != 1 || tc.got.Extents[0] != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, tc.got.Extents, tc.want)
		}
	}
	reversed := c.infer("Slice", nil, shape, known(i64(-1)), known(i64(-9)), known(i64(0)), known(i64(-2)))
	if !slices.Equal(reversed.Extents, ir.Shape{seq, batch}) {
		t.Errorf("every other extent from the last is %v", reversed.Extents)
	}
	size := c.infer("Size", nil, x)
	if !slices.Equal(size.Extents, ir.Shape{ir.Symbol("3*batch*seq")}) {
		t.Errorf("size is %v", size.Extents)
	}
}

// What old exporters write to double an image: floats between integers.
func TestKnownShapesFold(t *testing.T) {
	c := chain{t}
	x := image(batch, ir.Known(3), ir.Known(7), ir.Known(9))
	side := c.infer("Gather", nil, c.infer("Shape", nil, x), known(tensor.Scalar[int64](2)))
	f := c.infer("Cast", ir.Pairs("to", 1), side)
	f = c.infer("Floor", nil, c.infer("Mul", nil, f, known(tensor.Scalar[float32](2.5))))
	n := c.infer("Cast", ir.Pairs("to", 7), f)
	if n.Value == nil || n.Value.I64()[0] != 17 {
		t.Errorf("2.5 times 7, rounded down, is %v", n.Value)
	}
}

func TestBroadcastOfSymbols(t *testing.T) {
	c := chain{t}
	unknown := ir.Symbol("")
	for _, tc := range []struct{ a, b, want ir.Shape }{
		{ir.Shape{batch, seq}, ir.Shape{seq}, ir.Shape{batch, seq}},
		{ir.Shape{batch, seq}, ir.Shape{ir.Known(1)}, ir.Shape{batch, seq}},
		{ir.Shape{batch, seq}, ir.Shape{ir.Known(5)}, ir.Shape{batch, ir.Known(5)}},
		{ir.Shape{batch}, ir.Shape{seq}, ir.Shape{unknown}},
		{ir.Shape{batch}, ir.Shape{unknown}, ir.Shape{unknown}},
	} {
		c.want(c.infer("Add", nil, image(tc.a...), image(tc.b...)), tc.want...)
	}
}

func TestMovedAxesKeepSymbols(t *testing.T) {
	c := chain{t}
	x := image(batch, ir.Known(4), seq)
	one, two := known(i64(1)), known(i64(2))
	end := known(i64(1 << 62))
	c.want(c.infer("Slice", nil, x, known(i64(1)), known(i64(3)), one), batch, ir.Known(2), seq)
	c.want(c.infer("Slice", nil, x, known(i64(0)), end, two), batch, ir.Known(4), seq)
	c.want(c.infer("Pad", nil, x, known(i64(0, 1, 2, 0, 1, 0))), batch, ir.Known(6), ir.Symbol("(seq+2)"))
	c.want(c.infer("Tile", nil, x, known(i64(3, 1, 2))), ir.Symbol("3*batch"), ir.Known(4), ir.Symbol("2*seq"))
	c.want(c.infer("ReduceMean", nil, x, two), batch, ir.Known(4), ir.Known(1))
	c.want(c.infer("ReduceMean", ir.Pairs("keepdims", 0), x, two), batch, ir.Known(4))
	c.want(c.infer("ArgMax", ir.Pairs("axis", 1, "keepdims", 0), x), batch, seq)
	c.want(c.infer("GatherND", nil, x, known(tensor.New(tensor.Int64, 5, 1))), ir.Known(5), ir.Known(4), seq)
	c.want(c.infer("OneHot", nil, op.Type{DType: tensor.Int64, Shape: ir.Shape{batch}}, known(i64(10)), known(i64(0, 1))), batch, ir.Known(10))
	c.want(c.infer("Range", nil, known(tensor.Scalar[int64](0)), c.infer("Squeeze", nil, c.infer("Shape", ir.Pairs("start", 2), x)), known(tensor.Scalar[int64](1))), seq)
}

func TestNodesThatAreSurelyWrong(t *testing.T) {
	x := image(batch, ir.Known(4), ir.Known(6))
	for _, c := range []struct {
		op    string
		attrs ir.Attrs
		in    []op.Type
	}{
		{"Add", nil, []op.Type{x, image(ir.Known(5))}},
		{"Reshape", nil, []op.Type{image(ir.Known(4), ir.Known(6)), known(i64(5, -1))}},
		{"Reshape", nil, []op.Type{x, known(i64(-1, -1))}},
		{"Transpose", ir.Pairs("perm", []int{0, 1}), []op.Type{x}},
		{"Squeeze", nil, []op.Type{x, known(i64(1))}},
		{"Concat", ir.Pairs("axis", 0), []op.Type{x, image(batch, ir.Known(5), ir.Known(6))}},
		{"Gather", ir.Pairs("axis", 3), []op.Type{x, known(i64(0))}},
		{"Split", ir.Pairs("axis", 1), []op.Type{x, known(i64(3, 2))}},
		{"Slice", nil, []op.Type{x, known(i64(0)), known(i64(1)), known(i64(1)), known(i64(0))}},
		{"ReduceSum", nil, []op.Type{x, known(i64(1, 1))}},
		{"Add", nil, []op.Type{x}},
	} {
		n := &ir.Node{Name: "n", Op: c.op, Version: ir.LatestOpset, Attrs: c.attrs, Outputs: []ir.ValueID{9}}
		for i := range c.in {
			n.Inputs = append(n.Inputs, ir.ValueID(i))
		}
		if out, err := op.Infer(n, c.in); err == nil {
			t.Errorf("%s of %v is inferred as %v", c.op, c.in, out)
		}
	}
}

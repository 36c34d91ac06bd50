package pass_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func infer(t *testing.T, g *ir.Graph, overrides map[ir.ValueID]ir.Shape) []op.Type {
	t.Helper()
	types, err := pass.Infer(g, overrides)
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func wantShape(t *testing.T, what string, got op.Type, want string) {
	t.Helper()
	if got.Shape.String() != want {
		t.Errorf("%s has shape %s, want %s", what, got.Shape, want)
	}
}

// TestSymbolicBatch flattens by a shape computed from a symbolic batch.
func TestSymbolicBatch(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(3), ir.Known(8), ir.Known(8)})
	other := g.AddInput("other", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(192)})
	b := ir.NewBuilder(g, "")
	n := b.Op("Gather", nil, b.Op("Shape", nil, x), b.Const(tensor.Scalar[int64](0)))
	shape := b.Op("Concat", ir.Pairs("axis", 0), b.Op("Unsqueeze", nil, n, b.Ints(0)), b.Ints(-1))
	flat := b.Op("Reshape", nil, x, shape)
	sum := b.Op("Add", nil, flat, other)

	types := infer(t, g, nil)
	wantShape(t, "flat", types[flat], "batch×192")
	wantShape(t, "sum", types[sum], "batch×192")
	if d := types[sum].DType; d != tensor.Float32 {
		t.Errorf("sum is %s", d)
	}
	types = infer(t, g, map[ir.ValueID]ir.Shape{x: ir.Dims(3, 3, 8, 8)})
	wantShape(t, "flat with a batch of 3", types[flat], "3×192")
	wantShape(t, "other with a batch of 3", types[other], "3×192")
}

// TestDeclaredShapes uses what the file says of values where inference does not
// know, unless other shapes are asked about.
func TestDeclaredShapes(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 4))
	b := ir.NewBuilder(g, "")
	y := b.Node("example.com", "Mystery", nil, 1, x)[0]
	g.Values[y].DType, g.Values[y].Shape = tensor.Float32, ir.Dims(1, 7)
	z := b.Op("Relu", nil, y)

	wantShape(t, "z", infer(t, g, nil)[z], "1×7")
	wantShape(t, "z for another batch", infer(t, g, map[ir.ValueID]ir.Shape{x: ir.Dims(2, 4)})[z], "?")
	strict, err := pass.InferStrict(g)
	if err != nil {
		t.Fatal(err)
	}
	wantShape(t, "z strictly", strict[z], "?")
}

func TestWrongNodeIsNamed(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Dims(2, 3))
	ir.NewBuilder(g, "block/").Op("MatMul", nil, x, x)
	_, err := pass.Infer(g, nil)
	if err == nil || !strings.Contains(err.Error(), `"block/MatMul"`) {
		t.Errorf("error %v does not name the node", err)
	}
}

// condition returns a graph with an If whose branches make the given shapes of
// a captured value.
func condition(then, otherwise []int) (g *ir.Graph, y ir.ValueID) {
	g = ir.New("")
	cond := g.AddInput("cond", tensor.Bool, ir.Shape{})
	x := g.AddInput("x", tensor.Float32, ir.Dims(4, 6))
	branch := func(shape []int) *ir.Graph {
		sub := ir.New("")
		inner := sub.AddValue(ir.Value{Name: "x"})
		sub.Captures = map[ir.ValueID]ir.ValueID{inner: x}
		b := ir.NewBuilder(sub, "")
		sub.Outputs = []ir.ValueID{b.Op("Reshape", nil, inner, b.Ints(shape...))}
		return sub
	}
	attrs := ir.Attrs{"then_branch": {Value: branch(then)}, "else_branch": {Value: branch(otherwise)}}
	y = ir.NewBuilder(g, "").Op("If", attrs, cond)
	return g, y
}

func TestInferBranches(t *testing.T) {
	for _, tc := range []struct {
		then, otherwise []int
		want            string
	}{
		{[]int{2, -1}, []int{2, -1}, "2×12"},
		{[]int{2, -1}, []int{3, -1}, "?×?"},
		{[]int{3, 8}, []int{3, 2, 4}, "?"},
	} {
		g, y := condition(tc.then, tc.otherwise)
		types := infer(t, g, nil)
		wantShape(t, "the result", types[y], tc.want)
		if types[y].DType != tensor.Float32 {
			t.Errorf("the result is %s", types[y].DType)
		}
	}
}

// TestInferLoop has a body that appends to one carried value, keeps another and
// scans a third out.
func TestInferLoop(t *testing.T) {
	body := ir.New("")
	body.AddInput("i", tensor.Int64, ir.Shape{})
	cond := body.AddInput("cond", tensor.Bool, ir.Shape{})
	grows := body.AddInput("grows", tensor.Invalid, nil)
	stays := body.AddInput("stays", tensor.Invalid, nil)
	b := ir.NewBuilder(body, "")
	body.Outputs = []ir.ValueID{
		b.Op("Identity", nil, cond),
		b.Op("Concat", ir.Pairs("axis", 0), grows, grows),
		b.Op("Relu", nil, stays),
		b.Op("ReduceSum", ir.Pairs("keepdims", 0), stays, b.Ints(0)),
	}
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Dims(2, 5))
	outs := ir.NewBuilder(g, "").Node("", "Loop", ir.Attrs{"body": {Value: body}}, 3, ir.None, ir.None, x, x)
	types := infer(t, g, nil)
	wantShape(t, "the growing value", types[outs[0]], "?×5")
	wantShape(t, "the constant value", types[outs[1]], "2×5")
	wantShape(t, "the scanned value", types[outs[2]], "?×5")
}

// TestFold checks that what depends on constants and shapes alone is computed,
// and nothing else.
func TestFold(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Dims(2, 3))
	b := ir.NewBuilder(g, "")
	weights := b.Const(tensor.Of([]float32{1, 2, 3, 4, 5, 6}, 2, 3))
	turned := b.Op("Transpose", nil, weights)
	size := b.Op("Size", nil, x)
	filled := b.Op("ConstantOfShape", nil, b.Op("Shape", nil, x))
	huge := b.Op("Expand", nil, weights, b.Ints(1000, 1000, 2, 3))
	random := b.Op("RandomNormal", ir.Pairs("shape", []int{2, 3}))
	y := b.Op("MatMul", nil, x, turned)
	g.Outputs = []ir.ValueID{y, size, filled, huge, random}

	f := pass.Fold(g, infer(t, g, nil), nil)
	ops := map[string]bool{}
	for _, n := range f.Nodes {
		ops[n.Op] = true
	}
	for name, stays := range map[string]bool{
		"Transpose": false, "Size": false, "Shape": false, "ConstantOfShape": false,
		"Expand": true, "RandomNormal": true, "MatMul": true,
	} {
		if ops[name] != stays {
			t.Errorf("%s is left: %v, want %v", name, ops[name], stays)
		}
	}
	if c := f.Values[turned].Const; c == nil || !tensor.Equal(c, tensor.Of([]float32{1, 4, 2, 5, 3, 6}, 3, 2)) {
		t.Errorf("the transposed weights are %v", c)
	}
	if c := f.Values[size].Const; c == nil || c.I64()[0] != 6 {
		t.Errorf("the size of x is %v", c)
	}
	if g.Values[turned].Const != nil || g.Values[turned].Producer == ir.None {
		t.Error("the graph that was folded has changed")
	}
}

// TestFoldLeavesWeights transposes a large matrix for products, which need no copy
// of it, and for others, which do.
func TestFoldLeavesWeights(t *testing.T) {
	for name, c := range map[string]struct {
		read func(b *ir.Builder, x, turned ir.ValueID) ir.ValueID
		left int // transpositions
	}{
		"product": {func(b *ir.Builder, x, w ir.ValueID) ir.ValueID { return b.Op("MatMul", nil, x, w) }, 1},
		"Gemm":    {func(b *ir.Builder, x, w ir.ValueID) ir.ValueID { return b.Op("Gemm", nil, x, w) }, 1},
		"again": {func(b *ir.Builder, x, w ir.ValueID) ir.ValueID {
			return b.Op("MatMul", nil, x, b.Op("Transpose", nil, w))
		}, 2},
		"addend":   {func(b *ir.Builder, x, w ir.ValueID) ir.ValueID { return b.Op("Gemm", nil, x, x, w) }, 0},
		"two uses": {func(b *ir.Builder, x, w ir.ValueID) ir.ValueID { return b.Op("Add", nil, b.Op("MatMul", nil, x, w), w) }, 0},
		"result":   {func(b *ir.Builder, x, w ir.ValueID) ir.ValueID { return w }, 0},
	} {
		g := ir.New(name)
		x := g.AddInput("x", tensor.Float32, ir.Dims(200, 200))
		b := ir.NewBuilder(g, "")
		turned := b.Op("Transpose", nil, b.Const(tensor.New(tensor.Float32, 200, 200)))
		g.Outputs = []ir.ValueID{c.read(b, x, turned)}
		left := 0
		for _, n := range pass.Fold(g, infer(t, g, nil), nil).Nodes {
			if n.Op == "Transpose" {
				left++
			}
		}
		if left != c.left {
			t.Errorf("%s: %d transpositions are left, want %d", name, left, c.left)
		}
	}
}

// TestMemoSharesConstants folds two graphs made from one.
func TestMemoSharesConstants(t *testing.T) {
	g := ir.New("")
	b := ir.NewBuilder(g, "")
	turned := b.Op("Transpose", ir.Pairs("perm", []int{1, 0}), b.Const(tensor.New(tensor.Float32, 50, 40)))
	g.Outputs = []ir.ValueID{turned}
	types := infer(t, g, nil)
	memo := pass.NewMemo()
	one, two := pass.Fold(g.Clone(), types, memo), pass.Fold(g.Clone(), types, memo)
	if one.Values[turned].Const == nil || one.Values[turned].Const != two.Values[turned].Const {
		t.Error("the folded constant is not shared")
	}
	other := g.Clone()
	other.Nodes[0].Attrs = ir.Pairs("perm", []int{0, 1})
	types = infer(t, other, nil)
	if c := pass.Fold(other, types, memo).Values[turned].Const; !slices.Equal(c.Shape(), []int{50, 40}) {
		t.Errorf("a node with other attributes folds to %v", c)
	}
}

// scaled is a function y = x*factor + x, whose factor is an attribute with a
// default, called by a function that calls it twice.
func functions() map[string]*ir.Function {
	body := ir.New("")
	x := body.AddInput("x", tensor.Invalid, nil)
	b := ir.NewBuilder(body, "")
	factor := b.Op("Constant", ir.Attrs{"value_float": {Value: ir.Ref{Name: "factor"}}})
	body.Outputs = []ir.ValueID{b.Op("Add", nil, b.Op("Mul", nil, x, factor), x), x}
	inner := &ir.Function{Name: "Scaled", Domain: "f", Attrs: []string{"factor"}, Defaults: ir.Pairs("factor", 3.0), Body: body}

	twice := ir.New("")
	x = twice.AddInput("x", tensor.Invalid, nil)
	b = ir.NewBuilder(twice, "")
	first := b.Node("f", "Scaled", ir.Pairs("factor", 1.0), 1, x)[0]
	twice.Outputs = b.Node("f", "Scaled", nil, 2, first)
	outer := &ir.Function{Name: "Twice", Domain: "f", Body: twice}
	return map[string]*ir.Function{inner.Key(): inner, outer.Key(): outer}
}

func TestInline(t *testing.T) {
	g := ir.New("")
	g.Functions = functions()
	x := g.AddInput("x", tensor.Float32, ir.Dims(2))
	out := ir.NewBuilder(g, "").Node("f", "Twice", nil, 2, x)
	types := infer(t, g, nil)
	wantShape(t, "the call", types[out[0]], "2")

	flat, err := pass.Inline(g)
	if err != nil {
		t.Fatal(err)
	}
	got := evaluate(t, flat, map[ir.ValueID]*tensor.Tensor{x: tensor.Vector[float32](1, 10)}, out)
	for i, want := range []*tensor.Tensor{tensor.Vector[float32](8, 80), tensor.Vector[float32](2, 20)} {
		if !tensor.Equal(got[i], want) { // 2x, then 4 times that; and what went in
			t.Errorf("output %d is %v, want %v", i, got[i].F32(), want.F32())
		}
	}
	if len(g.Nodes) != 1 {
		t.Error("the graph that was inlined has changed")
	}
}

// TestInlineRefusesRecursion has a function that calls itself, and a chain of
// 40 functions of which each calls the next twice.
func TestInlineRefusesRecursion(t *testing.T) {
	for _, name := range []string{"Self", "Bomb0"} {
		g := ir.New("")
		g.Functions = map[string]*ir.Function{}
		define := func(name, callee string, calls int) {
			body := ir.New("")
			v := body.AddInput("x", tensor.Invalid, nil)
			b := ir.NewBuilder(body, "")
			for range calls {
				v = b.Node("f", callee, nil, 1, v)[0]
			}
			body.Outputs = []ir.ValueID{v}
			f := &ir.Function{Name: name, Domain: "f", Body: body}
			g.Functions[f.Key()] = f
		}
		define("Self", "Self", 1)
		for i := range 30 {
			define("Bomb"+string(rune('0'+i)), "Bomb"+string(rune('1'+i)), 2)
		}
		define("Bomb"+string(rune('0'+30)), "Relu", 2)
		x := g.AddInput("x", tensor.Float32, ir.Dims(1))
		ir.NewBuilder(g, "").Node("f", name, nil, 1, x)
		if _, err := pass.Inline(g); err == nil {
			t.Errorf("%s was inlined", name)
		}
		if _, err := pass.Infer(g, nil); err == nil {
			t.Errorf("%s was inferred", name)
		}
	}
}

// TestBypass removes what does nothing, except where it is asked for.
func TestBypass(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Dims(2))
	b := ir.NewBuilder(g, "")
	same := b.Op("Identity", nil, x)
	dropped := b.Op("Dropout", nil, same)
	cast := b.Op("Cast", ir.Pairs("to", 1), dropped)
	y := b.Op("Relu", nil, cast)
	kept := b.Op("Identity", nil, y)
	g.Outputs = []ir.ValueID{y, kept}
	p := pass.Bypass(g, infer(t, g, nil))
	var names []string
	for _, n := range p.Nodes {
		names = append(names, n.Op)
	}
	if !slices.Equal(names, []string{"Relu", "Identity"}) || p.Nodes[0].Inputs[0] != x {
		t.Errorf("%v is left, and Relu reads value %d", names, p.Nodes[0].Inputs[0])
	}
}

// TestExtract cuts a graph at a fed value and at a fed constant.
func TestExtract(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Dims(2))
	b := ir.NewBuilder(g, "")
	w := b.Const(tensor.Vector[float32](1, 2))
	first := b.Op("Mul", nil, x, w)
	second := b.Op("Relu", nil, first)
	b.Op("Neg", nil, second)
	p := pass.Extract(g, []ir.ValueID{first, w}, []ir.ValueID{second})
	if len(p.Nodes) != 1 || p.Nodes[0].Op != "Relu" || p.Values[w].Const != nil || p.Values[first].Producer != ir.None {
		t.Errorf("%d nodes are left of the graph", len(p.Nodes))
	}
	if g.Values[w].Const == nil || len(g.Nodes) != 3 {
		t.Error("the graph that was cut has changed")
	}
}

// evaluate runs a sorted graph on the reference operators.
func evaluate(t *testing.T, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, fetch []ir.ValueID) []*tensor.Tensor {
	t.Helper()
	values := make([]*tensor.Tensor, len(g.Values))
	for v := range g.Values {
		values[v] = g.Values[v].Const
	}
	for v, x := range feeds {
		values[v] = x
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		in := make([]*tensor.Tensor, len(n.Inputs))
		for k, v := range n.Inputs {
			in[k] = values[v]
		}
		out, err := op.Eval(n, in)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range n.Outputs {
			values[v] = out[k]
		}
	}
	var got []*tensor.Tensor
	for _, v := range fetch {
		got = append(got, values[v])
	}
	return got
}

// TestBranch takes the branch that a shape chooses, which reads a captured
// value and hands one on.
func TestBranch(t *testing.T) {
	for want, extent := range map[float32]int{6: 1, -3: 2} {
		g := ir.New("")
		x := g.AddInput("x", tensor.Float32, ir.Dims(extent))
		b := ir.NewBuilder(g, "")
		is1 := b.Op("Equal", nil, b.Op("Size", nil, x), b.Const(tensor.Scalar[int64](1)))
		branch := func(op string) *ir.Graph {
			sub := ir.New("")
			inner := sub.AddValue(ir.Value{Name: "x"})
			sub.Captures = map[ir.ValueID]ir.ValueID{inner: x}
			sb := ir.NewBuilder(sub, "")
			inputs := []ir.ValueID{inner}
			if op == "Add" {
				inputs = append(inputs, inner)
			}
			sub.Outputs = []ir.ValueID{sb.Op(op, nil, inputs...), inner}
			return sub
		}
		out := b.Node("", "If", ir.Attrs{"then_branch": {Value: branch("Add")}, "else_branch": {Value: branch("Neg")}}, 2, is1)
		flat, err := pass.Branch(g, infer(t, g, nil))
		if err != nil {
			t.Fatal(err)
		}
		given := tensor.New(tensor.Float32, extent)
		given.F32()[0] = 3
		got := evaluate(t, flat, map[ir.ValueID]*tensor.Tensor{x: given}, out)
		if got[0].F32()[0] != want || !tensor.Equal(got[1], given) {
			t.Errorf("%d elements: %v and %v", extent, got[0].F32(), got[1].F32())
		}
		g, _ = condition([]int{2, 12}, []int{3, 8})
		if same, _ := pass.Branch(g, infer(t, g, nil)); same != g {
			t.Error("an If was replaced whose condition is not known")
		}
	}
}

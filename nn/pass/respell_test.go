package pass_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestRespell writes one operator of two outputs and one of one output in other
// words: the values keep their ids and names, for those who read them, and other
// nodes keep what they are.
func TestRespell(t *testing.T) {
	g := ir.New("")
	g.Opsets = map[string]int{"": 9, "mine": 3}
	x := g.AddInput("x", tensor.Float32, ir.Dims(4))
	b := ir.NewBuilder(g, "")
	parts := b.Node("", "Split", ir.Pairs("axis", 0), 2, x)
	y := b.Op("Neg", nil, b.Op("Sub", nil, parts[0], parts[1]))
	g.Outputs = []ir.ValueID{y}
	for i := range g.Nodes {
		g.Nodes[i].Module = "block"
	}
	untouched := g.Nodes[1]
	feeds := map[ir.ValueID]*tensor.Tensor{x: tensor.Vector[float32](1, 2, 30, 50)}
	fetch := append([]ir.ValueID{y}, parts...)
	want := evaluate(t, g, feeds, fetch)

	seen := 0
	out := pass.Respell(g, func(b *ir.Builder, n *ir.Node) []ir.ValueID {
		seen++
		switch n.Op {
		case "Split":
			first := b.Op("Slice", nil, n.Inputs[0], b.Ints(0), b.Ints(2))
			return []ir.ValueID{first, b.Op("Slice", nil, n.Inputs[0], b.Ints(2), b.Ints(4))}
		case "Neg":
			return []ir.ValueID{b.Op("Mul", nil, n.Inputs[0], b.Float(-1, tensor.Float32))}
		}
		return nil
	})
	if seen != 3 || len(g.Nodes) != 3 || g.Opsets[""] != 9 {
		t.Errorf("%d nodes were seen, and the graph that was given has %d and opset %d", seen, len(g.Nodes), g.Opsets[""])
	}
	for i, got := range evaluate(t, out, feeds, fetch) {
		if !tensor.Equal(got, want[i]) {
			t.Errorf("%s is %v, want %v", g.Values[fetch[i]].Name, got.F32(), want[i].F32())
		}
		if out.Values[fetch[i]].Name != g.Values[fetch[i]].Name {
			t.Errorf("%s is called %s now", g.Values[fetch[i]].Name, out.Values[fetch[i]].Name)
		}
	}
	if out.Opsets[""] != ir.LatestOpset || out.Opsets["mine"] != 3 {
		t.Errorf("the opsets are %v", out.Opsets)
	}
	names := map[string]bool{}
	for i, n := range out.Nodes {
		switch {
		case n.Op == "Split" || n.Op == "Neg":
			t.Errorf("%s is still there", n.Name)
		case n.Op == "Sub" && (n.Name != untouched.Name || n.Version != untouched.Version):
			t.Errorf("Sub is %s of version %d, and was %s of version %d", n.Name, n.Version, untouched.Name, untouched.Version)
		case n.Module != "block":
			t.Errorf("%s is in the module %q", n.Name, n.Module)
		}
		if names[n.Name] {
			t.Errorf("two nodes are called %s", n.Name)
		}
		names[n.Name] = true
		for _, v := range n.Outputs {
			if out.Values[v].Producer != ir.NodeID(i) {
				t.Errorf("node %d makes %s, whose producer is node %d", i, out.Values[v].Name, out.Values[v].Producer)
			}
		}
	}
	wantShape(t, "the result", infer(t, out, nil)[y], "2")
}

package autodiff

import (
	"fmt"
	"maps"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Rules replaces gradient rules by the name of the operator: "Relu", or with
// its domain "com.microsoft.Gelu" for one that is not ONNX's. Nil stands for
// the plain rules.
type Rules map[string]op.GradFunc

// A Gradient is a graph with gradients.
type Gradient struct {
	// Graph is a copy of the graph that was extended, with nodes appended in
	// order; all its values keep their IDs.
	Graph *ir.Graph
	// Seed is a new input of the type of y: the gradient of what is
	// differentiated with respect to y. Ones give the gradient of the sum of y,
	// a one at one element that of the element.
	Seed ir.ValueID
	// Of holds, for each value asked for, the gradient of Σ seed·y with respect
	// to it, of its type. It is zeros where y does not depend on the value.
	Of []ir.ValueID
}

// Extend adds to g the gradient of y with respect to the values wrt: inputs,
// constants such as parameters, or results of nodes. The nodes of g are sorted,
// and types are what is known of its values (pass.Infer), indexed by ValueID.
//
// Nodes are added only between y and the values asked for. Values that are not
// floating-point numbers let no gradient through. It errs where a node between
// them has no gradient rule, and names it.
func Extend(g *ir.Graph, types []op.Type, y ir.ValueID, wrt []ir.ValueID, rules Rules) (*Gradient, error) {
	if len(types) != len(g.Values) {
		return nil, fmt.Errorf("autodiff: %d types for the %d values of graph %q", len(types), len(g.Values), g.Name)
	}
	for _, v := range append([]ir.ValueID{y}, wrt...) {
		if err := checkValue(g, types, v); err != nil {
			return nil, err
		}
	}
	e := newExtension(g, types, rules)
	e.markFrom(wrt)
	out := &Gradient{Graph: e.graph, Seed: e.addSeed(y)}
	e.add(y, out.Seed)
	if err := e.backward(y); err != nil {
		return nil, err
	}
	for _, v := range wrt {
		out.Of = append(out.Of, e.of(v))
	}
	e.graph.Opsets = g.Opsets
	return out, nil
}

func checkValue(g *ir.Graph, types []op.Type, v ir.ValueID) error {
	if v < 0 || int(v) >= len(g.Values) {
		return fmt.Errorf("autodiff: graph %q has no value %d", g.Name, v)
	}
	if d := types[v].DType; d != tensor.Invalid && !d.IsFloat() {
		return fmt.Errorf("autodiff: value %q is %s; only floating-point values have gradients", g.Values[v].Name, d)
	}
	return nil
}

// An extension is the state of Extend.
type extension struct {
	graph *ir.Graph
	types []op.Type
	rules Rules
	build *ir.Builder
	// active marks the values that depend on one asked for.
	active []bool
	// parts are the gradients that reach each value, to be summed.
	parts map[ir.ValueID][]ir.ValueID
}

func newExtension(g *ir.Graph, types []op.Type, rules Rules) *extension {
	c := g.Clone()
	// Rules write the newest opset; each node keeps its own version.
	c.Opsets = map[string]int{}
	maps.Copy(c.Opsets, g.Opsets)
	c.Opsets[""] = ir.LatestOpset
	return &extension{
		graph: c, types: types, rules: rules, build: ir.NewBuilder(c, ""),
		active: make([]bool, len(g.Values)), parts: map[ir.ValueID][]ir.ValueID{},
	}
}

// markFrom sets active.
func (e *extension) markFrom(wrt []ir.ValueID) {
	for _, v := range wrt {
		e.active[v] = true
	}
	for i := range e.graph.Nodes {
		n := &e.graph.Nodes[i]
		if !e.readsActive(n) {
			continue
		}
		for _, v := range n.Outputs {
			if v != ir.None && e.isContinuous(v) {
				e.active[v] = true
			}
		}
	}
}

func (e *extension) readsActive(n *ir.Node) bool {
	for _, v := range n.Reads() {
		if e.active[v] {
			return true
		}
	}
	return false
}

// isContinuous reports whether a value may carry a gradient: a real number, an
// integer that stands for one in a quantized network, or a container, which may
// hold such.
func (e *extension) isContinuous(v ir.ValueID) bool {
	d := e.types[v].DType
	if d == tensor.Invalid || d.IsFloat() || d.IsContainer() {
		return true
	}
	p := e.graph.Values[v].Producer
	return p != ir.None && e.graph.Nodes[p].Op == "QuantizeLinear"
}

func (e *extension) addSeed(y ir.ValueID) ir.ValueID {
	t := e.types[y]
	name := "grad/" + e.graph.Values[y].Name
	for e.graph.ValueByName(name) != ir.None {
		name += "'"
	}
	return e.graph.AddInput(name, t.DType, t.Shape)
}

// add notes a gradient that reaches v.
func (e *extension) add(v, grad ir.ValueID) { e.parts[v] = append(e.parts[v], grad) }

// backward visits the nodes that y depends on in reverse order.
func (e *extension) backward(y ir.ValueID) error {
	if !e.active[y] {
		return nil
	}
	return e.backwardFrom(int(e.graph.Values[y].Producer))
}

// backwardFrom visits the nodes up to the last one in reverse order.
func (e *extension) backwardFrom(last int) error {
	for i := last; i >= 0; i-- {
		n := e.graph.Nodes[i]
		if !e.readsActive(&n) {
			continue
		}
		dy, some := e.outputGrads(&n)
		if !some {
			continue
		}
		if err := e.node(&n, dy); err != nil {
			return err
		}
	}
	return nil
}

// outputGrads returns the gradients that reach the outputs of a node, and
// whether there are any.
func (e *extension) outputGrads(n *ir.Node) (dy []ir.ValueID, some bool) {
	dy = make([]ir.ValueID, len(n.Outputs))
	for i, v := range n.Outputs {
		if dy[i] = ir.None; v != ir.None {
			dy[i] = e.total(v)
		}
		some = some || dy[i] != ir.None
	}
	return dy, some
}

// total sums the gradients that reach v into one; None if there are none.
func (e *extension) total(v ir.ValueID) ir.ValueID {
	parts := e.parts[v]
	if len(parts) == 0 {
		return ir.None
	}
	e.build.Prefix, e.build.Module = "grad/"+e.graph.Values[v].Name+"/", e.moduleOf(v)
	sum := parts[0]
	for _, p := range parts[1:] {
		sum = e.build.Op("Add", nil, sum, p)
	}
	e.parts[v] = []ir.ValueID{sum}
	return sum
}

func (e *extension) moduleOf(v ir.ValueID) string {
	if p := e.graph.Values[v].Producer; p != ir.None {
		return e.graph.Nodes[p].Module
	}
	return ""
}

// node applies the rule of one node.
func (e *extension) node(n *ir.Node, dy []ir.ValueID) error {
	if region := e.region(n); region != nil {
		if err := region(e, n, dy); err != nil {
			return fmt.Errorf("autodiff: node %q (%s): %w", n.Name, opName(n), err)
		}
		return nil
	}
	rule := e.rule(n)
	if rule == nil {
		return &NoRuleError{Node: n.Name, Op: opName(n)}
	}
	e.build.Prefix, e.build.Module = "grad/"+n.Name+"/", n.Module
	grad := &op.Grad{Builder: e.build, Types: e.types, Wanted: e.wanted(n)}
	dx, err := rule(grad, n, dy)
	if err != nil {
		return fmt.Errorf("autodiff: node %q (%s): %w", n.Name, opName(n), err)
	}
	for i, v := range n.Inputs {
		if grad.Needs(i) && i < len(dx) && dx[i] != ir.None {
			e.add(v, dx[i])
		}
	}
	return nil
}

func (e *extension) rule(n *ir.Node) op.GradFunc {
	if r := e.rules[opName(n)]; r != nil {
		return r
	}
	if o := op.Lookup(n.Domain, n.Op); o != nil {
		return o.Grad
	}
	return nil
}

func opName(n *ir.Node) string {
	if n.Domain == "" || n.Domain == "ai.onnx" {
		return n.Op
	}
	return n.Domain + "." + n.Op
}

func (e *extension) wanted(n *ir.Node) []bool {
	w := make([]bool, len(n.Inputs))
	for i, v := range n.Inputs {
		w[i] = v != ir.None && e.active[v]
	}
	return w
}

// of returns the gradient of a value that was asked for.
func (e *extension) of(v ir.ValueID) ir.ValueID {
	if sum := e.total(v); sum != ir.None {
		return sum
	}
	return e.zerosLike(v)
}

// zerosLike appends zeros of the type of v.
func (e *extension) zerosLike(v ir.ValueID) ir.ValueID {
	e.build.Prefix, e.build.Module = "grad/"+e.graph.Values[v].Name+"/", ""
	dtype := e.types[v].DType
	if dtype == tensor.Invalid {
		dtype = tensor.Float32
	}
	zero := ir.Attrs{"value": {Value: tensor.New(dtype, 1)}}
	return e.build.Op("ConstantOfShape", zero, e.build.Op("Shape", nil, v))
}

// A NoRuleError says that a gradient would have to pass an operator that has
// no rule.
type NoRuleError struct{ Node, Op string }

func (e *NoRuleError) Error() string {
	return fmt.Sprintf("node %q (%s) has no gradient rule, so nothing before it can be differentiated; ask for a layer behind it, or for an output that does not depend on it", e.Node, e.Op)
}

// UserFault marks it as no bug.
func (e *NoRuleError) UserFault() {}

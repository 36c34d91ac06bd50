package saliency

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A local is a value as it is for many patches, [N, C, ...]: where it differs
// from the clean picture's, or the whole of it where that may be anywhere.
type local struct {
	value      ir.ValueID
	rows, cols reach
	full       bool
}

// A feed tells a run about each patch: rows and columns of a place or a corner,
// by the position of the patch.
type feed struct {
	value      ir.ValueID
	rows, cols []int
}

// A localized graph computes a value for many patches at a time, of each layer
// only what the patch reaches, until it reaches everything.
type localized struct {
	graph         *ir.Graph
	patches, out  ir.ValueID
	places        []feed
	clean         map[ir.ValueID]ir.ValueID // what must be fed, by the value of the clean picture that it is
	rowsOf, colOf reach                     // of the patches
}

// A localizer writes a localized graph.
type localizer struct {
	*localized
	g       *ir.Graph // for one picture
	types   []op.Type
	b       *ir.Builder
	locals  map[ir.ValueID]local
	wholes  map[ir.ValueID]ir.ValueID
	corners map[ir.ValueID]ir.ValueID // the places of each local value
}

// localize writes the graph that computes a target for patches of the input. It
// reports false where nothing is won by that.
func localize(g *ir.Graph, types []op.Type, input, target ir.ValueID, rows, cols reach) (*localized, bool) {
	l := &localizer{
		localized: &localized{graph: g.Clone(), clean: map[ir.ValueID]ir.ValueID{}, rowsOf: rows, colOf: cols},
		g:         g, types: types, locals: map[ir.ValueID]local{}, wholes: map[ir.ValueID]ir.ValueID{}, corners: map[ir.ValueID]ir.ValueID{},
	}
	shape, ok := types[input].Shape.Ints()
	if !ok || len(shape) != 4 || rows.whole() && cols.whole() {
		return nil, false
	}
	l.graph.Nodes, l.graph.Inputs, l.graph.Opsets = nil, nil, map[string]int{"": ir.LatestOpset}
	l.b = ir.NewBuilder(l.graph, "")
	l.patches = l.graph.AddInput(l.b.Unique("patches"), tensor.Float32, ir.Shape{ir.Symbol("n"), ir.Known(shape[1]), ir.Known(rows.size), ir.Known(cols.size)})
	l.locals[input] = local{value: l.patches, rows: rows, cols: cols}
	won := false
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !slices.ContainsFunc(n.Reads(), l.depends) {
			l.copyNode(n, n.Inputs, n.Outputs)
			continue
		}
		if len(n.Subgraphs()) > 0 {
			return nil, false
		}
		if l.near(n) {
			won = won || n.Op == "Conv"
			continue
		}
		l.everywhere(n)
	}
	if !l.depends(target) {
		return nil, false
	}
	l.out = l.whole(target)
	l.graph.Outputs = []ir.ValueID{l.out}
	return l.localized, won
}

func (l *localizer) depends(v ir.ValueID) bool { _, ok := l.locals[v]; return ok }

// copyNode appends a node with other inputs and outputs.
func (l *localizer) copyNode(n *ir.Node, inputs, outputs []ir.ValueID) {
	c := *n
	c.Name, c.Inputs, c.Outputs = l.b.Unique(n.Name+"/patch"), inputs, outputs
	for _, v := range outputs {
		if v != ir.None {
			l.graph.Values[v].Producer = ir.None
		}
	}
	if _, err := l.graph.AddNode(c); err != nil {
		panic("saliency: " + err.Error()) // the outputs have no other producer
	}
}

// everywhere runs a node on whole values.
func (l *localizer) everywhere(n *ir.Node) {
	inputs := make([]ir.ValueID, len(n.Inputs))
	for i, v := range n.Inputs {
		if inputs[i] = v; v != ir.None && l.depends(v) {
			inputs[i] = l.whole(v)
		}
	}
	outputs := make([]ir.ValueID, len(n.Outputs))
	for i, v := range n.Outputs {
		if outputs[i] = ir.None; v != ir.None {
			outputs[i] = l.graph.AddValue(ir.Value{Name: l.b.Unique(l.g.Values[v].Name + "/patch")})
			l.locals[v] = local{value: outputs[i], full: true}
		}
	}
	l.copyNode(n, inputs, outputs)
}

// near runs a node only where the patch reaches, if it can.
func (l *localizer) near(n *ir.Node) bool {
	if len(n.Outputs) != 1 || slices.ContainsFunc(n.Inputs, func(v ir.ValueID) bool { return v != ir.None && l.depends(v) && l.locals[v].full }) {
		return false
	}
	out, ok := l.types[n.Outputs[0]].Shape.Ints()
	if !ok || len(out) != 4 {
		return false
	}
	switch {
	case n.Op == "Conv" && !l.depends(n.Inputs[1]):
		weights, ok := l.types[n.Inputs[1]].Shape.Ints()
		return ok && len(weights) == 4 && l.sliding(n, weights[2:], out, 0)
	case n.Op == "MaxPool":
		return l.sliding(n, n.Attrs.Ints("kernel_shape"), out, float32(math.Inf(-1)))
	case n.Op == "AveragePool" && countsAlike(n):
		return l.sliding(n, n.Attrs.Ints("kernel_shape"), out, 0)
	case families[opName(n)] == rescales || slices.Contains(pointwise, n.Op):
		return l.byElement(n)
	}
	return false
}

// pointwise are operators that compute each place from the same place of their
// inputs, beside functions of one element.
var pointwise = []string{"BatchNormalization", "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Neg", "Identity", "Dropout", "Concat"}

// countsAlike reports whether an average is over the same number of places
// everywhere.
func countsAlike(n *ir.Node) bool {
	padded := slices.ContainsFunc(n.Attrs.Ints("pads"), func(p int) bool { return p != 0 }) || n.Attrs.Str("auto_pad", "NOTSET") != "NOTSET"
	return !n.Attrs.Bool("ceil_mode", false) && (!padded || n.Attrs.Bool("count_include_pad", false))
}

// sliding runs a convolution or pooling on the windows that it needs. What lies
// outside the map is filled in, so that it needs no padding.
func (l *localizer) sliding(n *ir.Node, kernel, out []int, fill float32) bool {
	in, ok := l.types[n.Inputs[0]].Shape.Ints()
	if !ok || len(in) != 4 {
		return false
	}
	s, ok := slides(n, kernel, in[2:], out[2:])
	if !ok {
		return false
	}
	x := l.locals[n.Inputs[0]]
	y := local{rows: s[0].through(x.rows, out[2]), cols: s[1].through(x.cols, out[3])}
	if y.rows.whole() && y.cols.whole() {
		return false
	}
	h, rows := s[0].reads(y.rows)
	w, cols := s[1].reads(y.cols)
	inputs := slices.Clone(n.Inputs)
	inputs[0] = l.window(n.Inputs[0], h, w, rows, cols, fill)
	attrs := ir.Attrs{}
	for name, a := range n.Attrs {
		if name != "auto_pad" && name != "pads" && name != "ceil_mode" {
			attrs[name] = a
		}
	}
	c := *n
	c.Attrs = attrs
	l.settle(&c, inputs, y)
	return true
}

// byElement runs a node whose inputs lie alike, on what any of them reaches.
func (l *localizer) byElement(n *ir.Node) bool {
	if n.Op == "Concat" && n.Attrs.Int("axis", 0) != 1 && n.Attrs.Int("axis", 0) != -3 {
		return false
	}
	var y local
	out := l.types[n.Outputs[0]].Shape
	for _, v := range n.Inputs {
		if v == ir.None {
			continue
		}
		shape := l.types[v].Shape
		if !l.depends(v) {
			if n.Op == "Concat" || !alike(shape) && n.Op != "BatchNormalization" {
				return false
			}
			continue
		}
		if len(shape) != 4 || shape[2] != out[2] || shape[3] != out[3] {
			return false
		}
		x := l.locals[v]
		if y.rows.size == 0 {
			y = local{rows: x.rows, cols: x.cols}
		} else {
			y = local{rows: y.rows.join(x.rows), cols: y.cols.join(x.cols)}
		}
	}
	if y.rows.whole() && y.cols.whole() {
		return false
	}
	inputs := slices.Clone(n.Inputs)
	for i, v := range n.Inputs {
		if v == ir.None || !l.depends(v) {
			continue
		}
		x := l.locals[v]
		if inputs[i] = x.value; !slices.Equal(x.rows.at, y.rows.at) || !slices.Equal(x.cols.at, y.cols.at) || x.rows.size != y.rows.size || x.cols.size != y.cols.size {
			inputs[i] = l.window(v, y.rows.size, y.cols.size, y.rows.at, y.cols.at, 0)
		}
	}
	l.settle(n, inputs, y)
	return true
}

// alike reports whether a constant is the same at all places of a map.
func alike(s ir.Shape) bool {
	for i := len(s) - 1; i >= 0 && i >= len(s)-2; i-- {
		if s[i] != ir.Known(1) {
			return false
		}
	}
	return s != nil && len(s) <= 4
}

func (l *localizer) settle(n *ir.Node, inputs []ir.ValueID, y local) {
	v := n.Outputs[0]
	y.value = l.graph.AddValue(ir.Value{Name: l.b.Unique(l.g.Values[v].Name + "/patch")})
	l.locals[v] = y
	l.copyNode(n, inputs, []ir.ValueID{y.value})
}

// whole returns all of a value.
func (l *localizer) whole(v ir.ValueID) ir.ValueID {
	x := l.locals[v]
	if x.full {
		return x.value
	}
	if w, ok := l.wholes[v]; ok {
		return w
	}
	zeros := func(r reach) []int { return make([]int, len(r.at)) }
	l.wholes[v] = l.window(v, x.rows.length, x.cols.length, zeros(x.rows), zeros(x.cols), 0)
	return l.wholes[v]
}

// window lays what differs over what does not, and cuts a window out.
func (l *localizer) window(v ir.ValueID, h, w int, rows, cols []int, fill float32) ir.ValueID {
	x := l.locals[v]
	base, ok := l.clean[v]
	if !ok {
		base = l.graph.AddInput(l.b.Unique("clean/"+l.g.Values[v].Name), tensor.Float32, l.types[v].Shape)
		l.clean[v] = base
	}
	place, ok := l.corners[x.value]
	if !ok {
		place = l.place(x.rows.at, x.cols.at)
		l.corners[x.value] = place
	}
	attrs := ir.Pairs("height", h, "width", w)
	attrs["fill"] = ir.Attr{Value: fill}
	return l.b.Node(op.Domain, "Overlay", attrs, 1, base, x.value, place, l.place(rows, cols))[0]
}

func (l *localizer) place(rows, cols []int) ir.ValueID {
	v := l.graph.AddInput(l.b.Unique("place"), tensor.Int64, ir.Shape{ir.Symbol("n"), ir.Known(2)})
	l.places = append(l.places, feed{v, rows, cols})
	return v
}

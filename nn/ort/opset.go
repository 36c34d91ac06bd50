package ort

import (
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A model has one version of the operator set, but gradients are written for
// the newest one and functions for the one they like. Where versions differ,
// older nodes are spelt anew for a later version.

// leastOpset is where models are brought to that mix versions: the first that
// gives all reductions their axes as an input and has adding scatters.
const leastOpset = 18

// oldestOpset is the first that ONNX Runtime's kernels cover.
const oldestOpset = 7

// newIn says in which version those operators came, or changed what they mean,
// that gradient rules may write and leastOpset does not have.
var newIn = map[string]int{
	"AffineGrid": 20, "DFT": 20, "Gelu": 20, "GridSample": 20, "GroupNormalization": 21,
	"RMSNormalization": 23, "Attention": 23, "RotaryEmbedding": 23, "Swish": 24, "TensorScatter": 24,
}

// unify returns g with all nodes of one opset version, which g.Opsets tells,
// and which is no later than the newest one that the library knows: nodes that
// later ones did not change are the same there.
func unify(g *ir.Graph, types []op.Type, newest int) *ir.Graph {
	out := g.Clone()
	target := min(targetOpset(g), newest)
	out.Opsets = map[string]int{"": target}
	c := &conversion{ir.NewBuilder(out, "opset/"), types, target}
	out.Nodes = make([]ir.Node, 0, len(g.Nodes))
	for _, n := range g.Nodes {
		switch n.Domain {
		case "", "ai.onnx":
			n.Domain = ""
			if n.Version != target {
				n = c.converted(n)
			}
		default:
			out.Opsets[n.Domain] = g.Version(n.Domain)
		}
		n.Attrs = mapBodies(n.Attrs, func(_ string, sub *ir.Graph) *ir.Graph { return c.inside(sub, out.Opsets) })
		out.Nodes = append(out.Nodes, n)
	}
	return out
}

// inside converts a subgraph, of whose values only the file's types are known.
func (c *conversion) inside(g *ir.Graph, opsets map[string]int) *ir.Graph {
	types := make([]op.Type, len(g.Values))
	for i, v := range g.Values {
		types[i] = op.Type{DType: v.DType, Shape: v.Shape}
	}
	g = g.Clone()
	g.Opsets = map[string]int{"": c.target} // what it has is of that version already, or older
	sub := unify(g, types, c.target)
	maps.Copy(opsets, sub.Opsets)
	return sub
}

// targetOpset chooses the version: the model's own if all nodes are of it.
func targetOpset(g *ir.Graph) int {
	own := g.Version("")
	target, mixed := own, own < oldestOpset
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Domain != "" || n.Version == own {
			continue
		}
		mixed = true
		switch {
		case n.Version != ir.LatestOpset:
			target = max(target, n.Version)
		case newIn[n.Op] > 0:
			target = max(target, newIn[n.Op])
		}
	}
	if mixed {
		return max(target, leastOpset)
	}
	return own
}

// A conversion writes nodes for one version.
type conversion struct {
	*ir.Builder
	types  []op.Type
	target int
}

// An attribute that became an input: where, and since which version.
type movedAttr struct {
	name         string
	input, since int
}

var movedAttrs = map[string][]movedAttr{
	"Squeeze":   {{"axes", 1, 13}},
	"Unsqueeze": {{"axes", 1, 13}},
	"ReduceSum": {{"axes", 1, 13}}, "ReduceMean": {{"axes", 1, 18}}, "ReduceMax": {{"axes", 1, 18}},
	"ReduceMin": {{"axes", 1, 18}}, "ReduceProd": {{"axes", 1, 18}}, "ReduceL1": {{"axes", 1, 18}},
	"ReduceL2": {{"axes", 1, 18}}, "ReduceLogSum": {{"axes", 1, 18}}, "ReduceLogSumExp": {{"axes", 1, 18}},
	"ReduceSumSquare": {{"axes", 1, 18}},
	"Split":           {{"split", 1, 13}},
	"Reshape":         {{"shape", 1, 5}},
	"Slice":           {{"starts", 1, 10}, {"ends", 2, 10}, {"axes", 3, 10}},
	"TopK":            {{"k", 1, 10}},
	"Clip":            {{"min", 1, 11}, {"max", 2, 11}},
	"Pad":             {{"pads", 1, 11}, {"value", 2, 11}},
	"Upsample":        {{"scales", 1, 9}},
	"DFT":             {{"axis", 2, 20}},
}

// droppedAttrs are those that later versions do not have and that change
// nothing in inference.
var droppedAttrs = []string{"consumed_inputs", "is_test", "spatial"}

// converted returns n as the version spells it that everything is brought to.
// Gradient rules write the newest version, but keep attributes of the nodes they
// are for.
func (c *conversion) converted(n ir.Node) ir.Node {
	n.Attrs, n.Inputs = maps.Clone(n.Attrs), slices.Clone(n.Inputs)
	for _, name := range droppedAttrs {
		delete(n.Attrs, name)
	}
	for _, m := range movedAttrs[n.Op] {
		if c.target >= m.since {
			c.move(&n, m)
		}
	}
	switch n.Op {
	case "BatchNormalization":
		if n.Version < 14 {
			n.Outputs = n.Outputs[:1]
		}
	case "Dropout":
		if n.Version < 12 {
			n.Inputs = n.Inputs[:1]
			delete(n.Attrs, "ratio")
		}
	case "Split":
		if n.Input(1) == ir.None && !n.Attrs.Has("num_outputs") && c.target >= 18 {
			n.Attrs = withAttr(n.Attrs, "num_outputs", len(n.Outputs))
		}
	case "PRelu":
		if n.Version < 7 {
			c.perChannel(&n)
		}
	case "RoiAlign":
		if n.Version < 16 {
			n.Attrs = withAttr(n.Attrs, "coordinate_transformation_mode", "output_half_pixel")
		}
	case "GridSample":
		if mode := map[string]string{"bilinear": "linear", "bicubic": "cubic"}[n.Attrs.Str("mode", "")]; mode != "" && c.target >= 20 {
			n.Attrs = withAttr(n.Attrs, "mode", mode)
		}
	case "Upsample", "Resize":
		c.resize(&n)
	case "Scatter":
		n.Op = "ScatterElements"
	case "Softmax", "LogSoftmax", "Hardmax":
		if n.Version < 13 {
			c.softmax(&n)
		}
	case "Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Less", "Greater", "Equal", "Gemm":
		c.broadcast(&n)
	}
	return n
}

func withAttr(a ir.Attrs, name string, value any) ir.Attrs {
	if a == nil {
		a = ir.Attrs{}
	}
	maps.Copy(a, ir.Pairs(name, value))
	return a
}

// move makes an attribute an input.
func (c *conversion) move(n *ir.Node, m movedAttr) {
	a, ok := n.Attrs[m.name]
	if !ok {
		return
	}
	delete(n.Attrs, m.name)
	for len(n.Inputs) <= m.input {
		n.Inputs = append(n.Inputs, ir.None)
	}
	n.Inputs[m.input] = c.constant(a.Value, n)
}

// constant is the tensor that stands for an attribute; a number is a scalar of
// the type of the node's first input, an integer a vector.
func (c *conversion) constant(value any, n *ir.Node) ir.ValueID {
	switch v := value.(type) {
	case []int64:
		return c.Const(tensor.Of(v, len(v)))
	case int64:
		return c.Const(tensor.Of([]int64{v}, 1))
	case []float32:
		return c.Const(tensor.Of(v, len(v)))
	case float32:
		return c.Const(converted(tensor.Scalar(float64(v)), c.dtype(n.Inputs[0])))
	}
	return ir.None // types were inferred from it
}

// dtype is the element type of a value, which may be a constant that lowering
// added.
func (c *conversion) dtype(v ir.ValueID) tensor.DType {
	if int(v) < len(c.types) {
		return c.types[v].DType
	}
	return c.G.Values[v].DType
}

// perChannel is for versions of PRelu that took a slope for each channel.
func (c *conversion) perChannel(n *ir.Node) {
	x, slope := c.types[n.Inputs[0]].Shape, c.types[n.Inputs[1]].Shape
	if len(slope) != 1 || len(x) < 3 || slope[0] == ir.Known(1) {
		return
	}
	n.Inputs[1] = c.Op("Unsqueeze", nil, n.Inputs[1], c.Ints(until(len(x) - 1)[1:]...))
}

// resize is for Upsample, and Resize before it had coordinate transformations.
func (c *conversion) resize(n *ir.Node) {
	if n.Op == "Resize" && n.Version >= 11 {
		return
	}
	n.Op, n.Inputs = "Resize", []ir.ValueID{n.Inputs[0], ir.None, n.Inputs[1]}
	n.Attrs = withAttr(n.Attrs, "antialias", 0)
	maps.Copy(n.Attrs, ir.Pairs("coordinate_transformation_mode", "asymmetric", "nearest_mode", "floor"))
}

// softmax is for versions that took all axes from one on together.
func (c *conversion) softmax(n *ir.Node) {
	x := n.Inputs[0]
	shape, settled := c.types[x].Shape.Ints()
	axis := n.Attrs.Int("axis", 1)
	if axis < 0 {
		axis += len(shape)
	}
	n.Attrs = withAttr(n.Attrs, "axis", -1)
	if !settled || axis >= len(shape)-1 {
		return
	}
	flat := c.Op("Reshape", nil, x, c.Ints(product(shape[:axis]), product(shape[axis:])))
	y := c.Op(n.Op, ir.Pairs("axis", -1), flat)
	n.Op, n.Attrs, n.Inputs = "Reshape", nil, []ir.ValueID{y, c.Ints(shape...)}
}

// broadcast is for versions that aligned the second operand with an axis.
func (c *conversion) broadcast(n *ir.Node) {
	axis, given := n.Attrs["axis"].Value.(int64)
	delete(n.Attrs, "axis")
	delete(n.Attrs, "broadcast")
	if n.Version >= 7 || !given || n.Op == "Gemm" {
		return
	}
	a, b := len(c.types[n.Inputs[0]].Shape), len(c.types[n.Inputs[1]].Shape)
	if axis < 0 {
		axis += int64(a)
	}
	var behind []int
	for i := int(axis) + b; i < a; i++ {
		behind = append(behind, i-int(axis))
	}
	if len(behind) > 0 {
		n.Inputs[1] = c.Op("Unsqueeze", nil, n.Inputs[1], c.Ints(behind...))
	}
}

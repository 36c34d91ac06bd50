package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
)

// joins returns the images that a node reads and makes if it can compute them in
// the blocked layout, or none. It can only if all of them lie in it.
func (b *blocking) joins(n *ir.Node) []ir.ValueID {
	if n.Domain == op.Domain {
		return b.joinsGradient(n)
	}
	if n.Domain == "" && (n.Op == "Equal" || n.Op == "Where") {
		return b.joinsGate(n)
	}
	if n.Domain != "" || len(n.Outputs) == 0 || !b.isImage(n.Outputs[0]) || len(n.Inputs) == 0 {
		return nil
	}
	switch n.Op {
	case "Concat":
		return b.joinsParts(n, n.Outputs[0], n.Inputs)
	case "Split":
		return b.joinsParts(n, n.Inputs[0], n.Outputs)
	case "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Pow":
		return b.joinsBinary(n)
	}
	x, y := n.Input(0), n.Output(0)
	if !b.isImage(x) || len(n.Outputs) > 1 && slices.ContainsFunc(n.Outputs[1:], func(v ir.ValueID) bool { return v != ir.None && (b.fetched[v] || len(b.uses[v]) > 0) }) {
		return nil
	}
	if can := joinsUnary[n.Op]; can == nil || !can(b, n, x, y) {
		return nil
	}
	return []ir.ValueID{x, y}
}

// joinsUnary tells for operators of one image whether it can be blocked.
var joinsUnary = func() map[string]func(b *blocking, n *ir.Node, x, y ir.ValueID) bool {
	always := func(*blocking, *ir.Node, ir.ValueID, ir.ValueID) bool { return true }
	activation := func(b *blocking, n *ir.Node, _, _ ir.ValueID) bool { _, ok := b.activationOf(n); return ok }
	pool := func(b *blocking, n *ir.Node, x, y ir.ValueID) bool {
		w, _, ok := b.poolWindow(n, x, y)
		return ok && (n.Op != "AveragePool" || !hasEmpty(windowsOf(&w, n.Attrs.Bool("count_include_pad", false))))
	}
	table := map[string]func(b *blocking, n *ir.Node, x, y ir.ValueID) bool{
		"MaxPool": pool, "AveragePool": pool, "GlobalAveragePool": always,
		"ReduceMean":         (*blocking).isGlobalMean,
		"BatchNormalization": func(b *blocking, n *ir.Node, _, _ ir.ValueID) bool { _, ok := b.normConstants(n); return ok },
	}
	for name := range unaries {
		table[name] = always
	}
	for _, name := range []string{"Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Gelu", "Swish", "Clip"} {
		table[name] = activation
	}
	return table
}()

// isGlobalMean reports whether a reduction is the mean of each channel.
func (b *blocking) isGlobalMean(n *ir.Node, x, y ir.ValueID) bool {
	axes, ok := b.reducedAxes(n)
	if !ok || len(b.shape(y)) != len(b.shape(x)) {
		return false
	}
	for a, reduced := range axes {
		if reduced != (a > 1) {
			return false
		}
	}
	return true
}

// joinsParts joins an image and its parts along the channels if all but the last
// are whole blocks.
func (b *blocking) joinsParts(n *ir.Node, whole ir.ValueID, parts []ir.ValueID) []ir.ValueID {
	axis, ok := axisOf(n.Attrs.Int("axis", concatAxis[n.Op]), len(b.shape(whole)))
	if !ok || axis != 1 || !b.isImage(whole) {
		return nil
	}
	for i, v := range parts {
		if !b.isImage(v) || i < len(parts)-1 && b.shape(v)[1]%kernel.Block() != 0 {
			return nil
		}
	}
	return append(slices.Clone(parts), whole)
}

// concatAxis are the axes of those that do not name one.
var concatAxis = map[string]int{"Concat": 1, "Split": 0}

// joinsBinary joins two images of one shape, or an image and what is repeated over
// it: a number, a number per channel, or an image of one position.
func (b *blocking) joinsBinary(n *ir.Node) []ir.ValueID {
	if len(n.Inputs) != 2 || hasAxis(n) || slices.Contains(n.Inputs, ir.None) || !b.isFloat(n.Inputs...) {
		return nil
	}
	y := n.Outputs[0]
	shape := b.shape(y)
	images := []ir.ValueID{y}
	whole := 0
	for _, v := range n.Inputs {
		switch {
		case b.isImage(v) && slices.Equal(b.shape(v), shape):
			images = append(images, v)
			whole++
		case b.constant(v) != nil && b.constant(v).Len() == 1 && len(b.shape(v)) <= len(shape):
		case n.Op == "Sub" && v == n.Inputs[1] && b.constant(v) != nil && perChannel(b.constant(v).Shape(), shape):
		case n.Op != "Add" && n.Op != "Mul":
			return nil
		case b.constant(v) != nil && perChannel(b.constant(v).Shape(), shape):
		case b.isImage(v) && isPerImage(b.shape(v), shape):
			images = append(images, v)
		default:
			return nil
		}
	}
	if whole == 0 {
		return nil
	}
	return images
}

// isPerImage reports whether a shape has one number for each channel of each image
// of another.
func isPerImage(shape, of []int) bool {
	return len(shape) == len(of) && slices.Equal(shape[:2], of[:2]) && elementsOf(shape[2:]) == 1
}

// joinsGradient joins the gradient of an activation and what it is made of.
func (b *blocking) joinsGradient(n *ir.Node) []ir.ValueID {
	if n.Op == "MaxPoolGrad" {
		return b.joinsPoolGrad(n)
	}
	if activationGrads[n.Op] == nil || len(n.Inputs) != 2 {
		return nil
	}
	return b.joinsAlike(n.Inputs[0], n.Inputs[1], n.Outputs[0])
}

// joinsGate joins what an Equal and the Where behind it read and make, if they are
// one step; both nodes then read what is blocked.
func (b *blocking) joinsGate(n *ir.Node) []ir.ValueID {
	equal := b.g.Values[n.Outputs[0]].Producer
	if n.Op == "Where" && n.Inputs[0] != ir.None {
		equal = b.g.Values[n.Inputs[0]].Producer
	}
	if equal == ir.None {
		return nil
	}
	g, ok := b.gate(equal)
	if !ok || n.Op == "Where" && g.where != b.g.Values[n.Outputs[0]].Producer {
		return nil
	}
	return b.joinsAlike(g.a, g.b, g.kept, g.out)
}

// joinsAlike joins images of one shape.
func (b *blocking) joinsAlike(images ...ir.ValueID) []ir.ValueID {
	for _, v := range images {
		if !b.isImage(v) || !slices.Equal(b.shape(v), b.shape(images[0])) {
			return nil
		}
	}
	return images
}

// joinsPoolGrad joins the gradients of max pooling and its images.
func (b *blocking) joinsPoolGrad(n *ir.Node) []ir.ValueID {
	dy, x, dx := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	if !b.isImage(dy) || !b.isImage(x) || !b.isImage(dx) {
		return nil
	}
	if _, _, ok := b.poolWindow(n, x, dy); !ok {
		return nil
	}
	return []ir.ValueID{dy, x, dx}
}

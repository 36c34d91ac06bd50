package op

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The recurrent layers of ONNX, for D directions:
//
//	RNN(x, w, r, b?, lengths?, h0?) -> y, h
//	GRU(x, w, r, b?, lengths?, h0?) -> y, h
//	LSTM(x, w, r, b?, lengths?, h0?, c0?, p?) -> y, h, c
//
// x is [steps,batch,inputs], w [D,gates·hidden,inputs], r [D,gates·hidden,hidden],
// b [D,2·gates·hidden] (those of the inputs, then of the state), h0 and c0
// [D,batch,hidden], p [D,3·hidden] (peepholes of the gates i, o, f), y
// [steps,D,batch,hidden]. With layout=1 the batch comes first in x, y and the
// states. Gates are in the order z, r, h for GRU and i, o, f, c for LSTM.
//
// The gradients run the layer again and go back through time:
//
//	tomo.LSTMGrad(x, w, r, b?, lengths?, h0?, c0?, p?, dy?, dh?, dc?)
//	  -> dx, dw, dr, db, none for lengths, dh0, dc0, dp
//
// RNNGrad and GRUGrad have no c0, p and dc. All is computed in float64.
var recurrentOps = []Op{
	recurrentOp("RNN"), recurrentGradOp("RNN"),
	recurrentOp("GRU"), recurrentGradOp("GRU"),
	recurrentOp("LSTM"), recurrentGradOp("LSTM"),
}

func recurrentOp(name string) Op {
	return Op{
		Name: name, MinIn: 3,
		Infer: func(n *ir.Node, in []Type) ([]Type, error) { return inferRecurrent(n, name, in) },
		Eval:  func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) { return evalRecurrent(n, name, in) },
		Grad:  gradRecurrent,
		Cost:  costRecurrent,
	}
}

func recurrentGradOp(name string) Op {
	return Op{
		Name: name + "Grad", Domain: Domain, MinIn: 3,
		Infer: func(_ *ir.Node, in []Type) ([]Type, error) { return inferRecurrentGrad(name, in) },
		Eval:  func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) { return evalRecurrentGrad(n, name, in) },
	}
}

// Directions reads the attribute direction: which of them run backwards.
func Directions(n *ir.Node) ([]bool, error) {
	switch d := strings.ToLower(n.Attrs.Str("direction", "forward")); d {
	case "forward":
		return []bool{false}, nil
	case "reverse":
		return []bool{true}, nil
	case "bidirectional":
		return []bool{false, true}, nil
	default:
		return nil, fmt.Errorf("direction %q is not one of forward, reverse, bidirectional", d)
	}
}

// The inputs of a recurrent layer. In those of its gradient they come before the
// gradients of the outputs.
const (
	LayerX = iota
	LayerW
	LayerR
	LayerB
	LayerLengths
	LayerH
	LayerC
	LayerP
)

// recurrentDims are the extents of a layer as far as known.
type recurrentDims struct {
	steps, batch, inputs, hidden, directions ir.Dim
	batchFirst                               bool
}

func readRecurrentDims(n *ir.Node, in []Type) (recurrentDims, error) {
	unknown := ir.Symbol("")
	d := recurrentDims{unknown, unknown, unknown, unknown, unknown, n.Attrs.Bool("layout", false)}
	reversed, err := Directions(n)
	if err != nil {
		return d, err
	}
	d.directions = ir.Known(len(reversed))
	if x := in[LayerX].Shape; len(x) == 3 {
		d.steps, d.batch, d.inputs = x[0], x[1], x[2]
		if d.batchFirst {
			d.steps, d.batch = d.batch, d.steps
		}
	}
	if r := in[LayerR].Shape; len(r) == 3 {
		d.hidden = r[2]
	}
	if size := n.Attrs.Int("hidden_size", 1); size < 1 || size > maxWindow {
		return d, fmt.Errorf("a hidden_size of %d is not possible", size)
	} else if n.Attrs.Has("hidden_size") && !d.hidden.IsKnown() {
		d.hidden = ir.Known(size)
	}
	return d, nil
}

// shapes lists those of all inputs of a layer.
func (d recurrentDims) shapes(gates int) []ir.Shape {
	rows := mulDims(ir.Known(gates), d.hidden)
	x, state := ir.Shape{d.steps, d.batch, d.inputs}, ir.Shape{d.directions, d.batch, d.hidden}
	if d.batchFirst {
		x, state = ir.Shape{d.batch, d.steps, d.inputs}, ir.Shape{d.batch, d.directions, d.hidden}
	}
	return []ir.Shape{
		LayerX: x, LayerW: {d.directions, rows, d.inputs}, LayerR: {d.directions, rows, d.hidden},
		LayerB: {d.directions, mulDims(ir.Known(2), rows)}, LayerLengths: {d.batch}, LayerH: state, LayerC: state,
		LayerP: {d.directions, mulDims(ir.Known(3), d.hidden)},
	}
}

func inferRecurrent(n *ir.Node, name string, in []Type) ([]Type, error) {
	d, err := readRecurrentDims(n, in)
	if err != nil {
		return nil, err
	}
	c := cells(name)
	shapes := d.shapes(c.gates)
	for i, want := range shapes {
		if got := opt(in, i).Shape; got != nil && !mayBe(got, want) {
			return nil, fmt.Errorf("input %d has shape %v where %v is needed", i, got, want)
		}
	}
	y := ir.Shape{d.steps, d.directions, d.batch, d.hidden}
	if d.batchFirst {
		y = ir.Shape{d.batch, d.steps, d.directions, d.hidden}
	}
	out := []Type{{DType: in[LayerX].DType, Shape: y}}
	for range c.states {
		out = append(out, Type{DType: in[LayerX].DType, Shape: shapes[LayerH]})
	}
	return out, nil
}

// mayBe reports whether two shapes may be the same.
func mayBe(a, b ir.Shape) bool {
	return slices.EqualFunc(a, b, func(d, e ir.Dim) bool { return !d.IsKnown() || !e.IsKnown() || d == e })
}

// LayerInputs is how many inputs a layer has: LSTM has a second state and
// peepholes.
func LayerInputs(name string) int {
	if name == "LSTM" {
		return LayerP + 1
	}
	return LayerH + 1
}

func gradRecurrent(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	inputs := slices.Clone(n.Inputs)
	for len(inputs) < LayerInputs(n.Op) {
		inputs = append(inputs, ir.None)
	}
	grads := g.Node(Domain, n.Op+"Grad", n.Attrs, len(inputs), append(inputs, dy...)...)
	for i := range out {
		if g.Needs(i) && i != LayerLengths {
			out[i] = grads[i]
		}
	}
	return out, nil
}

// inferRecurrentGrad gives each gradient the type of its input.
func inferRecurrentGrad(name string, in []Type) ([]Type, error) {
	out := make([]Type, min(len(in), LayerInputs(name)))
	for i, t := range in[:len(out)] {
		if i != LayerLengths {
			out[i] = Type{DType: t.DType, Shape: t.Shape}
		}
	}
	return out, nil
}

// costRecurrent counts the products with both weight matrices for every step
// and sequence.
func costRecurrent(n *ir.Node, in, out []Type) Cost {
	x, ok := in[LayerX].Shape.Ints()
	if !ok || len(x) != 3 {
		return Cost{}
	}
	return products(int64(x[0]) * int64(x[1]) * (elements(in[LayerW]) + elements(in[LayerR])))
}

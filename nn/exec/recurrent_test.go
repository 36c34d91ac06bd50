package exec_test

import (
	"fmt"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A recurrentCase is a layer of some kind and size.
type recurrentCase struct {
	op                           string
	attrs                        ir.Attrs
	steps, batch, inputs, hidden int
	states, constant             bool // first states are given; weights are constants
	lengths                      []int32
}

func recurrentCases() (cases []recurrentCase) {
	for _, op := range []string{"LSTM", "GRU", "RNN"} {
		for _, direction := range []string{"forward", "reverse", "bidirectional"} {
			a := func(kv ...any) ir.Attrs { return ir.Pairs(append(kv, "direction", direction)...) }
			cases = append(cases,
				recurrentCase{op: op, attrs: a(), steps: 5, batch: 1, inputs: 3, hidden: 4},
				recurrentCase{op: op, attrs: a(), steps: 4, batch: 3, inputs: 5, hidden: 19, states: true, constant: true},
				recurrentCase{op: op, attrs: a("layout", 1), steps: 6, batch: 2, inputs: 3, hidden: 5, states: true},
				recurrentCase{op: op, attrs: a(), steps: 3, batch: 2, inputs: 3, hidden: 4, constant: true, lengths: []int32{3, 3}},
				recurrentCase{op: op, attrs: a(), steps: 1, batch: 1, inputs: 40, hidden: 33, states: true, constant: true},
			)
		}
	}
	for _, batch := range []int{1, 4} {
		cases = append(cases,
			recurrentCase{op: "GRU", attrs: ir.Pairs("linear_before_reset", 1, "direction", "bidirectional"), steps: 5, batch: batch, inputs: 3, hidden: 7, states: true},
			recurrentCase{op: "RNN", attrs: ir.Attrs{"activations": {Value: []string{"relu"}}}, steps: 5, batch: batch, inputs: 3, hidden: 4, constant: true},
		)
	}
	return cases
}

// graph builds the layer, with all its outputs joined to one.
func (c recurrentCase) graph() (g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, floats []ir.ValueID) {
	g = ir.New(c.op)
	b := ir.NewBuilder(g, "")
	feeds = map[ir.ValueID]*tensor.Tensor{}
	value := func(constant bool, shape ...int) ir.ValueID {
		x := wave(tensor.Float32, shape)
		for i := range x.F32() {
			x.F32()[i] *= 0.7
		}
		v := ir.ValueID(ir.None)
		if constant {
			v = b.Const(x)
		} else {
			v = g.AddInput(fmt.Sprint("x", len(g.Inputs)), tensor.Float32, ir.Dims(shape...))
			feeds[v] = x
		}
		floats = append(floats, v)
		return v
	}
	gates, outputs, d := map[string]int{"LSTM": 4, "GRU": 3, "RNN": 1}[c.op], 2, 1
	if c.op == "LSTM" {
		outputs = 3
	}
	if c.attrs.Str("direction", "") == "bidirectional" {
		d = 2
	}
	x, state := []int{c.steps, c.batch, c.inputs}, []int{d, c.batch, c.hidden}
	if c.attrs.Bool("layout", false) {
		x, state = []int{c.batch, c.steps, c.inputs}, []int{c.batch, d, c.hidden}
	}
	in := []ir.ValueID{
		value(false, x...), value(c.constant, d, gates*c.hidden, c.inputs), value(c.constant, d, gates*c.hidden, c.hidden),
		value(c.constant, d, 2*gates*c.hidden), ir.None,
	}
	if c.lengths != nil {
		in[4] = b.Const(tensor.Of(c.lengths, len(c.lengths)))
	}
	for i := 1; c.states && i < outputs; i++ {
		in = append(in, value(false, state...))
	}
	var flat []ir.ValueID
	for _, v := range b.Node("", c.op, c.attrs, outputs, in...) {
		flat = append(flat, b.Op("Reshape", nil, v, b.Ints(-1)))
	}
	g.Outputs = []ir.ValueID{b.Op("Concat", ir.Pairs("axis", 0), flat...)}
	return g, feeds, floats
}

// TestRecurrent compares recurrent layers and their gradients with the
// reference, and expects kernels to have computed them.
func TestRecurrent(t *testing.T) {
	for _, c := range recurrentCases() {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			g, feeds, floats := c.graph()
			ctx := exec.Observe(t.Context(), func(s *exec.Step) {
				if !s.Kernel {
					t.Errorf("%s is computed by the reference", s.Nodes[0].Op)
				}
			})
			y := must(exec.NewSession(g, exec.Default()).Run(ctx, feeds, g.Outputs...))(t)
			near(t, "outputs", y[0], must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, g.Outputs...))(t)[0], 1e-5)
			for _, fetch := range [][]ir.ValueID{nil, g.Outputs} {
				question := exec.GradientOf{Y: g.Outputs[0], Seed: wave(tensor.Float32, y[0].Shape()), Wrt: floats, Fetch: fetch}
				want, _, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, question)
				if err != nil {
					t.Fatal(err)
				}
				s := exec.NewSession(g, exec.Default())
				for range 2 { // the second run finds what the first one kept
					got, _, err := s.Gradient(ctx, feeds, question)
					if err != nil {
						t.Fatal(err)
					}
					for i := range floats {
						near(t, fmt.Sprint("gradient of input ", i), got[i], want[i], 1e-5)
					}
				}
			}
		})
	}
}

// TestRecurrentByReference runs what kernels do not compute.
func TestRecurrentByReference(t *testing.T) {
	for _, c := range []recurrentCase{
		{op: "LSTM", attrs: ir.Pairs("clip", 0.3), steps: 3, batch: 2, inputs: 3, hidden: 4},
		{op: "LSTM", attrs: ir.Pairs("input_forget", 1), steps: 3, batch: 2, inputs: 3, hidden: 4},
		{op: "GRU", attrs: ir.Attrs{"activations": {Value: []string{"Tanh", "Tanh"}}}, steps: 3, batch: 2, inputs: 3, hidden: 4},
		{op: "RNN", attrs: ir.Pairs(), steps: 3, batch: 2, inputs: 3, hidden: 4, lengths: []int32{3, 2}},
	} {
		g, feeds, _ := c.graph()
		got := must(exec.NewSession(g, exec.Default()).Run(t.Context(), feeds, g.Outputs...))(t)
		want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, g.Outputs...))(t)
		near(t, c.op, got[0], want[0], 1e-5)
	}
}

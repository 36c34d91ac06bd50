package pass_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestUnpack: what is taken out of a sequence is the same without it, and what
// cannot be known is left as it is.
func TestUnpack(t *testing.T) {
	x := tensor.New(tensor.Float64, 7, 3)
	for i := range tensor.Data[float64](x) {
		tensor.Data[float64](x)[i] = float64(i)
	}
	ints := tensor.Vector[int64]
	for name, c := range map[string]struct {
		attrs ir.Attrs
		split *tensor.Tensor
		at    int64
		stays bool
	}{
		"sizes":         {nil, ints(2, 4, 1), 1, false},
		"from the end":  {nil, ints(2, 4, 1), -3, false},
		"equal parts":   {nil, tensor.Scalar[int64](3), 1, false},
		"the shorter":   {nil, tensor.Scalar[int64](3), 2, false},
		"who knows":     {nil, tensor.Scalar[int64](3), -1, true},
		"past the end":  {nil, tensor.Scalar[int64](3), 3, true},
		"rows":          {nil, nil, 6, false},
		"last column":   {ir.Pairs("axis", -1), nil, -1, false},
		"without axis":  {ir.Pairs("keepdims", 0), nil, -2, false},
		"not in there":  {nil, ints(2, 4, 1), 3, true},
		"along columns": {ir.Pairs("axis", 1), ints(1, 2), 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := ir.New("parts")
			g.Opsets = map[string]int{"": 17}
			b := ir.NewBuilder(g, "")
			in := []ir.ValueID{g.AddInput("x", tensor.Float64, ir.Dims(7, 3))}
			if c.split != nil {
				in = append(in, b.Const(c.split))
			}
			y := b.Op("SequenceAt", nil, b.Op("SplitToSequence", c.attrs, in...), b.Const(tensor.Scalar(c.at)))
			g.Outputs = []ir.ValueID{y}
			unpacked := pass.Unpack(g)
			if stays := unpacked == g; stays != c.stays {
				t.Fatalf("stays: %v, want %v", stays, c.stays)
			}
			if c.stays {
				return
			}
			parts, err := op.Eval(&g.Nodes[0], inputsOf(g, x))
			if err != nil {
				t.Fatal(err)
			}
			at := int(c.at)
			if at < 0 {
				at += len(parts[0].Elements())
			}
			feeds := map[ir.ValueID]*tensor.Tensor{in[0]: x}
			got, err := exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y)
			if err != nil {
				t.Fatal(err)
			}
			if !tensor.Equal(got[0], parts[0].Elements()[at]) {
				t.Errorf("%v is not %v", got[0], parts[0].Elements()[at])
			}
			if _, _, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, exec.GradientOf{Y: y, Wrt: in[:1]}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPartsThatAreNotThere: taking what a sequence does not hold is an error, and
// no empty tensor.
func TestPartsThatAreNotThere(t *testing.T) {
	for name, c := range map[string]struct {
		split *tensor.Tensor
		at    int64
	}{"a row": {nil, 7}, "a row from the end": {nil, -8}, "an equal part": {tensor.Scalar[int64](3), 3}} {
		g := ir.New("parts")
		g.Opsets = map[string]int{"": 17}
		b := ir.NewBuilder(g, "")
		in := []ir.ValueID{g.AddInput("x", tensor.Float64, ir.Dims(7, 3))}
		if c.split != nil {
			in = append(in, b.Const(c.split))
		}
		y := b.Op("SequenceAt", nil, b.Op("SplitToSequence", nil, in...), b.Const(tensor.Scalar(c.at)))
		g.Outputs = []ir.ValueID{y}
		feeds := map[ir.ValueID]*tensor.Tensor{in[0]: tensor.New(tensor.Float64, 7, 3)}
		if got, err := exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y); err == nil {
			t.Errorf("%s is %v", name, got[0])
		}
	}
}

func inputsOf(g *ir.Graph, x *tensor.Tensor) []*tensor.Tensor {
	list := []*tensor.Tensor{x}
	for _, v := range g.Nodes[0].Inputs[1:] {
		list = append(list, g.Values[v].Const)
	}
	return list
}

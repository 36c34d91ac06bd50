package ort_test

import (
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestDynamicQuantizeLSTM: ONNX Runtime's numbers, but for the rounding of the
// state that it leaves open.
func TestDynamicQuantizeLSTM(t *testing.T) {
	const steps, batch, inputs, hidden = 6, 3, 5, 8
	random := rand.New(rand.NewPCG(3, 4))
	for _, scales := range [][]int{{2}, {2, 4 * hidden}} {
		g := ir.New("lstm")
		g.Opsets = map[string]int{"": 17, "com.microsoft": 1}
		x := g.AddInput("x", tensor.Float32, ir.Dims(steps, batch, inputs))
		in := []ir.ValueID{x}
		for _, rows := range []int{inputs, hidden} {
			q := tensor.New(tensor.Int8, 2, rows, 4*hidden)
			for i := range tensor.Data[int8](q) {
				tensor.Data[int8](q)[i] = int8(random.IntN(255) - 127)
			}
			in = append(in, g.AddConst("", q))
		}
		b := tensor.New(tensor.Float32, 2, 8*hidden)
		for i := range b.F32() {
			b.F32()[i] = random.Float32() - 0.5
		}
		in = append(in, g.AddConst("b", b), ir.None, ir.None, ir.None, ir.None)
		for range 2 {
			scale := tensor.New(tensor.Float32, scales...)
			for i := range scale.F32() {
				scale.F32()[i] = (0.5 + random.Float32()) / 200
			}
			in = append(in, g.AddConst("", scale), g.AddConst("", tensor.New(tensor.Int8, scales...)))
		}
		for i := range g.Values {
			g.Values[i].Name = string(rune('a' + i))
		}
		g.Outputs = ir.NewBuilder(g, "").Node("com.microsoft", "DynamicQuantizeLSTM", ir.Pairs("hidden_size", hidden, "direction", "bidirectional"), 3, in...)
		feeds := noise(g, 1, [][]int{{steps, batch, inputs}}, 1)
		want := run(t, newORT(t, 1), g, feeds, g.Outputs)
		for i, y := range run(t, exec.Default(), g, feeds, g.Outputs) {
			near(t, g.Values[g.Outputs[i]].Name, y, want[i], true)
		}
	}
}

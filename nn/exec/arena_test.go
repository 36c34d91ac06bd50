package exec_test

import (
	"fmt"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestSumWithItself adds to a value what is made of it, where the value is needed
// no more: the sum must not be written over it while it is still read.
func TestSumWithItself(t *testing.T) {
	for _, c := range []struct {
		shape, filters []int
		group          int
	}{
		{[]int{1, 32, 40, 40}, []int{32, 32, 3, 3}, 1},
		{[]int{2, 32, 17, 23}, []int{32, 32, 1, 1}, 1},
		{[]int{1, 64, 33, 33}, []int{64, 1, 3, 3}, 64}, // a position encoding by a separate convolution
		{[]int{1, 6, 40, 40}, []int{6, 6, 3, 3}, 1},
		{[]int{3, 197, 96}, []int{96, 96}, 0}, // a product
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			g := ir.New("residual")
			x := g.AddInput("x", tensor.Float32, ir.Dims(c.shape...))
			b := ir.NewBuilder(g, "")
			w := b.Const(wave(tensor.Float32, c.filters))
			h := b.Op("Relu", nil, x)
			made := ir.ValueID(0)
			if c.group > 0 {
				pad := c.filters[2] / 2
				made = b.Op("Conv", ir.Pairs("group", c.group, "pads", []int{pad, pad, pad, pad}), h, w)
			} else {
				made = b.Op("MatMul", nil, h, w)
			}
			y := b.Op("Relu", nil, b.Op("Add", nil, h, made))
			g.Outputs = []ir.ValueID{y}
			feeds := feed(g, wave(tensor.Float32, c.shape))
			want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y))(t)
			s := exec.NewSession(g, exec.Default())
			for range 3 {
				near(t, "forward", must(s.Run(t.Context(), feeds, y))(t)[0], want[0], 1e-4)
			}
			question := exec.GradientOf{Y: y, Seed: wave(tensor.Float32, c.shape), Wrt: []ir.ValueID{x}}
			slope, _, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, question)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				got, _, err := s.Gradient(t.Context(), feeds, question)
				if err != nil {
					t.Fatal(err)
				}
				near(t, "gradient", got[0], slope[0], 1e-4)
			}
		})
	}
}

// TestChannelsCountedFromTheEnd joins and splits images along their channels,
// named by a negative axis.
func TestChannelsCountedFromTheEnd(t *testing.T) {
	g := ir.New("join")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 32, 9, 9))
	b := ir.NewBuilder(g, "")
	conv := func(v ir.ValueID, in, out int) ir.ValueID {
		return b.Op("Conv", ir.Pairs("pads", []int{1, 1, 1, 1}), v, b.Const(wave(tensor.Float32, []int{out, in, 3, 3})))
	}
	both := b.Op("Concat", ir.Pairs("axis", -3), conv(x, 32, 32), conv(x, 32, 48))
	parts := b.Node("", "Split", ir.Pairs("axis", -3), 2, conv(both, 80, 80), b.Ints(64, 16))
	g.Outputs = []ir.ValueID{conv(parts[0], 64, 16), conv(parts[1], 16, 16)}
	feeds := feed(g, wave(tensor.Float32, []int{1, 32, 9, 9}))
	want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, g.Outputs...))(t)
	got := must(exec.NewSession(g, exec.Default()).Run(t.Context(), feeds, g.Outputs...))(t)
	for i := range want {
		near(t, fmt.Sprint("output ", i), got[i], want[i], 1e-4)
	}
}

package exec_test

import (
	"fmt"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestMoveGradients compares the gradients of operators that move elements with
// the reference, and expects kernels to have computed them.
func TestMoveGradients(t *testing.T) {
	index := func(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }
	for _, c := range []struct {
		op      string
		version int
		attrs   ir.Attrs
		shape   []int
		rest    []*tensor.Tensor
	}{
		{"Gather", 17, nil, []int{7, 5}, []*tensor.Tensor{index(0, -1, 3, 3, 3)}},
		{"Gather", 17, nil, []int{40, 300}, []*tensor.Tensor{tensor.Of([]int64{1, 2, 39, 2, 0, 1}, 2, 3)}},
		{"Gather", 17, ir.Pairs("axis", 1), []int{3, 4, 5}, []*tensor.Tensor{tensor.Scalar[int64](2)}},
		{"Gather", 17, ir.Pairs("axis", -1), []int{3, 4, 5}, []*tensor.Tensor{tensor.Of([]int32{4, 4}, 2)}},
		{"Slice", 17, nil, []int{6, 5, 4}, []*tensor.Tensor{index(1, 0), index(6, 3), index(0, 2), index(2, 1)}},
		{"Slice", 17, nil, []int{6, 5}, []*tensor.Tensor{index(-1), index(-100), index(1), index(-2)}},
		{"Slice", 9, ir.Pairs("starts", []int{1}, "ends", []int{4}, "axes", []int{1}), []int{2, 5, 3}, nil},
	} {
		t.Run(fmt.Sprint(c.op, c.shape, c.attrs), func(t *testing.T) {
			g := ir.New(c.op)
			g.Opsets[""] = c.version
			b := ir.NewBuilder(g, "")
			in := []ir.ValueID{g.AddInput("x", tensor.Float32, ir.Dims(c.shape...))}
			for _, v := range c.rest {
				in = append(in, b.Const(v))
			}
			y := b.Op(c.op, c.attrs, in...)
			feeds := map[ir.ValueID]*tensor.Tensor{in[0]: wave(tensor.Float32, c.shape)}
			out := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y))(t)
			question := exec.GradientOf{Y: y, Seed: wave(tensor.Float32, out[0].Shape()), Wrt: in[:1]}
			want, _, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, question)
			if err != nil {
				t.Fatal(err)
			}
			ctx := exec.Observe(t.Context(), func(s *exec.Step) {
				if !s.Kernel {
					t.Errorf("%s is computed by the reference", s.Nodes[0].Op)
				}
			})
			s := exec.NewSession(g, exec.Default())
			for range 2 { // the second run finds memory that was used before
				got, _, err := s.Gradient(ctx, feeds, question)
				if err != nil {
					t.Fatal(err)
				}
				near(t, c.op, got[0], want[0], 1e-6)
			}
		})
	}
}

// TestSplitOfWhatIsAsked leaves outputs of a Split out.
func TestSplitOfWhatIsAsked(t *testing.T) {
	for _, sizes := range [][]int64{{2, 3, 2}, {0, 7, 0}} {
		for left := range 3 {
			g := ir.New("split")
			b := ir.NewBuilder(g, "")
			x := g.AddInput("x", tensor.Float32, ir.Dims(2, 7, 3))
			parts := b.Node("", "Split", ir.Pairs("axis", 1), 3, x, b.Const(tensor.Vector(sizes...)))
			fetch := append(append([]ir.ValueID{}, parts[:left]...), parts[left+1:]...)
			g.Nodes[0].Outputs = append([]ir.ValueID{}, parts...)
			g.Nodes[0].Outputs[left] = ir.None
			feeds := map[ir.ValueID]*tensor.Tensor{x: wave(tensor.Float32, []int{2, 7, 3})}
			ctx := exec.Observe(t.Context(), func(s *exec.Step) {
				if !s.Kernel {
					t.Errorf("a Split into %v is computed by the reference", sizes)
				}
			})
			got := must(exec.NewSession(g, exec.Default()).Run(ctx, feeds, fetch...))(t)
			want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, fetch...))(t)
			for i := range want {
				near(t, fmt.Sprint(sizes, " without ", left), got[i], want[i], 0)
			}
		}
	}
}

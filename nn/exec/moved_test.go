package exec_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// attentions are ways in which exporters take queries, keys and values, each
// [batch, heads, tokens, 4], out of one product [batch, tokens, 3*heads*4].
var attentions = map[string]func(b *ir.Builder, qkv ir.ValueID, heads int) [3]ir.ValueID{
	"split and squeezed": func(b *ir.Builder, qkv ir.ValueID, heads int) (parts [3]ir.ValueID) {
		x := b.Op("Reshape", nil, qkv, b.Ints(0, 0, 3, heads, 4))
		x = b.Op("Transpose", ir.Pairs("perm", []int{2, 0, 3, 1, 4}), x)
		for i, v := range b.Node("", "Split", ir.Pairs("axis", 0), 3, x, b.Ints(1, 1, 1)) {
			parts[i] = b.Op("Squeeze", nil, v, b.Ints(0))
		}
		return parts
	},
	"picked": func(b *ir.Builder, qkv ir.ValueID, heads int) (parts [3]ir.ValueID) {
		x := b.Op("Reshape", nil, qkv, b.Ints(0, 0, 3, heads, 4))
		x = b.Op("Transpose", ir.Pairs("perm", []int{2, 0, 3, 1, 4}), x)
		for i := range parts {
			parts[i] = b.Op("Gather", ir.Pairs("axis", 0), x, b.Const(tensor.Scalar(int64(i-3))))
		}
		return parts
	},
	"split last, moved apart": func(b *ir.Builder, qkv ir.ValueID, heads int) (parts [3]ir.ValueID) {
		for i, v := range b.Node("", "Split", ir.Pairs("axis", -1), 3, qkv, b.Ints(4*heads, 4*heads, 4*heads)) {
			x := b.Op("Reshape", nil, v, b.Ints(0, 0, heads, 4))
			parts[i] = b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1, 3}), x)
		}
		return parts
	},
}

// TestAttentionReadsInPlace compares attention and its gradients with the
// reference, and expects that matrix products read their operands where they are.
func TestAttentionReadsInPlace(t *testing.T) {
	for name, take := range attentions {
		for _, shape := range [][]int{{1, 5, 3}, {2, 7, 1}, {3, 1, 2}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				batch, tokens, heads := shape[0], shape[1], shape[2]
				g := ir.New(name)
				x := g.AddInput("x", tensor.Float32, ir.Dims(batch, tokens, 12*heads))
				b := ir.NewBuilder(g, "")
				p := take(b, b.Op("Relu", nil, x), heads)
				q := b.Op("Mul", nil, p[0], b.Float(0.25, tensor.Float32))
				k := b.Op("Div", nil, b.Op("Transpose", ir.Pairs("perm", []int{0, 1, 3, 2}), p[1]), b.Float(0.5, tensor.Float32))
				scores := b.Op("Softmax", nil, b.Op("MatMul", nil, q, k))
				y := b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1, 3}), b.Op("MatMul", nil, scores, p[2]))
				g.Outputs = []ir.ValueID{b.Op("Reshape", nil, y, b.Ints(0, 0, -1))}
				feeds := feed(g, wave(tensor.Float32, []int{batch, tokens, 12 * heads}))
				var made []string
				ctx := exec.Observe(t.Context(), func(s *exec.Step) {
					if n := s.Nodes[0].Op; slices.Contains([]string{"Transpose", "Squeeze", "Gather", "Mul", "Div"}, n) {
						made = append(made, n)
					}
				})
				got := must(exec.NewSession(g, exec.Default()).Run(ctx, feeds, g.Outputs...))(t)[0]
				want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, g.Outputs...))(t)[0]
				near(t, "attention", got, want, tolerance)
				if len(made) > 0 {
					t.Errorf("made are %v", made)
				}
				compareGradients(t, g, exec.GradientOf{Y: g.Outputs[0], Seed: wave(tensor.Float32, want.Shape()), Wrt: []ir.ValueID{x}})
			})
		}
	}
}

// TestProductsStoreTransposed compares products that are transposed next with the
// reference.
func TestProductsStoreTransposed(t *testing.T) {
	for _, c := range []struct{ a, b, perm []int }{
		{[]int{5, 7}, []int{7, 3}, nil},
		{[]int{1, 5, 7}, []int{7, 3}, []int{0, 2, 1}},
		{[]int{2, 5, 7}, []int{7, 3}, []int{1, 0, 2}},
		{[]int{2, 5, 7}, []int{7, 3}, []int{2, 0, 1}},
		{[]int{2, 5, 7}, []int{2, 7, 3}, []int{0, 2, 1}},
		{[]int{2, 3, 5, 7}, []int{2, 3, 7, 1}, []int{0, 2, 1, 3}},
		{[]int{2, 3, 5, 7}, []int{3, 7, 4}, []int{3, 1, 2, 0}},
		{[]int{2, 3, 1, 7}, []int{3, 7, 4}, []int{0, 2, 1, 3}},
		{[]int{7}, []int{2, 7, 4}, []int{1, 0}},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			g := ir.New("product")
			x := g.AddInput("x", tensor.Float32, ir.Dims(c.a...))
			b := ir.NewBuilder(g, "")
			bias := b.Const(wave(tensor.Float32, c.b[len(c.b)-1:]))
			y := b.Op("Relu", nil, b.Op("Add", nil, b.Op("MatMul", nil, x, b.Const(wave(tensor.Float32, c.b))), bias))
			attrs := ir.Attrs{}
			if c.perm != nil {
				attrs = ir.Pairs("perm", c.perm)
			}
			g.Outputs = []ir.ValueID{b.Op("Transpose", attrs, y)}
			feeds := feed(g, wave(tensor.Float32, c.a))
			got := must(exec.NewSession(g, exec.Default()).Run(t.Context(), feeds, g.Outputs...))(t)[0]
			near(t, "transposed", got, must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, g.Outputs...))(t)[0], tolerance)
		})
	}
}

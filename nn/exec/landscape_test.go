package exec_test

import (
	"maps"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestParametersFed moves all parameters of a network along two directions by
// feeding them, and compares the loss with that of the loss-landscape code.
func TestParametersFed(t *testing.T) {
	const dir = "golden/landscape/"
	g, images, labels := open(t, dir+"resnet20_seed3.onnx"), npy(t, dir+"X.npy"), npy(t, dir+"Y.npy")
	loss, feeds := withLoss(g, images, 0)
	for v, x := range feeds {
		if x.DType() == tensor.Int64 {
			feeds[v] = labels
		}
	}
	directions := []map[string]*tensor.Tensor{npz(t, dir+"dx.npz"), npz(t, dir+"dy.npz")}
	coords, want := tensor.Data[float64](npy(t, dir+"coords.npy")), tensor.Data[float64](npy(t, dir+"loss_5x5.npy"))
	s := exec.NewSession(g, exec.Default())
	for _, at := range [][2]int{{0, 0}, {2, 2}, {1, 4}, {4, 4}} {
		moved := maps.Clone(feeds)
		for name := range directions[0] {
			v := g.ValueByName(name)
			if v == ir.None || g.Values[v].Const == nil {
				continue // a statistic that the graph does not hold
			}
			w := g.Values[v].Const.Clone()
			for i := range w.F32() {
				for axis, d := range directions {
					w.F32()[i] += float32(coords[at[axis]]) * d[name].F32()[i]
				}
			}
			moved[v] = w
		}
		if len(moved) < 20 {
			t.Fatalf("only %d parameters are found in the graph", len(moved)-2)
		}
		got := must(s.Run(t.Context(), moved, loss))(t)[0].F32()[0]
		if w := want[at[0]*5+at[1]]; math.Abs(float64(got)-w) > tolerance*w {
			t.Errorf("the loss at %v is %v, want %v", at, got, w)
		}
	}
}

func npz(t *testing.T, rel string) map[string]*tensor.Tensor {
	t.Helper()
	return must(tensor.OpenNPZ(shared.Path(t, rel)))(t)
}

package exec_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestOverlay compares windows, place by place, with what lies there: inside, at
// the edges, and far outside.
func TestOverlay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const c, h, w, ph, pw, n = 3, 9, 7, 4, 3, 8
	for _, window := range [][2]int{{1, 1}, {5, 4}, {9, 7}, {12, 13}} {
		g := ir.New("overlay")
		in := []ir.ValueID{
			g.AddInput("maps", tensor.Float32, ir.Dims(1, c, h, w)), g.AddInput("patches", tensor.Float32, ir.Dims(n, c, ph, pw)),
			g.AddInput("places", tensor.Int64, ir.Dims(n, 2)), g.AddInput("corners", tensor.Int64, ir.Dims(n, 2)),
		}
		attrs := ir.Pairs("height", window[0], "width", window[1])
		attrs["fill"] = ir.Attr{Value: float32(-7)}
		y := ir.NewBuilder(g, "").Node(op.Domain, "Overlay", attrs, 1, in...)[0]
		g.Outputs = []ir.ValueID{y}
		maps, patches := tensor.New(tensor.Float32, 1, c, h, w), tensor.New(tensor.Float32, n, c, ph, pw)
		for _, v := range []*tensor.Tensor{maps, patches} {
			for i := range v.F32() {
				v.F32()[i] = r.Float32()
			}
		}
		places, corners := make([]int64, 2*n), make([]int64, 2*n)
		for i := range places {
			places[i], corners[i] = int64(r.IntN(16)-5), int64(r.IntN(20)-8)
		}
		corners[0], corners[3], places[4] = 1<<62, -1<<62, 1<<62
		want := make([]float32, 0, n*c*window[0]*window[1])
		for k := range n * c {
			for row := range window[0] {
				for col := range window[1] {
					i := k / c
					want = append(want, lies(maps, patches, k, int64(row)+corners[2*i], int64(col)+corners[2*i+1], places[2*i], places[2*i+1]))
				}
			}
		}
		feeds := map[ir.ValueID]*tensor.Tensor{in[0]: maps, in[1]: patches, in[2]: tensor.Of(places, n, 2), in[3]: tensor.Of(corners, n, 2)}
		for _, e := range []exec.Executor{exec.Plain(), exec.Default()} {
			out, err := exec.NewSession(g, e).Run(context.Background(), feeds, y)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(out[0].F32(), want) {
				t.Errorf("%s: windows of %v hold other numbers", e.Name(), window)
			}
		}
	}
}

// lies is what lies at a row and a column of the k-th plane.
func lies(maps, patches *tensor.Tensor, k int, row, col, top, left int64) float32 {
	m, p := maps.Shape(), patches.Shape()
	inside := func(y, x int64, s []int) bool { return y >= 0 && x >= 0 && y < int64(s[2]) && x < int64(s[3]) }
	switch {
	case inside(row-top, col-left, p):
		return patches.F32()[(k*p[2]+int(row-top))*p[3]+int(col-left)]
	case inside(row, col, m):
		return maps.F32()[(k%m[1]*m[2]+int(row))*m[3]+int(col)]
	}
	return -7
}

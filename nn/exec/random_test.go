package exec_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestRandomGraphs compares the executors on graphs that are drawn at random:
// what reads what, and what is fetched, decides what is fused, written in place
// and laid over what else.
func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(1000) {
		g, feeds, made := randomGraph(rand.New(rand.NewPCG(seed, 1)))
		draw := rand.New(rand.NewPCG(seed, 2))
		fetch := []ir.ValueID{made[len(made)-1]}
		for range draw.IntN(4) {
			fetch = append(fetch, made[draw.IntN(len(made))])
		}
		want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, fetch...))(t)
		s := exec.NewSession(g, exec.Default())
		for run := range 2 { // the second one finds memory that was used before
			got := must(s.Run(t.Context(), feeds, fetch...))(t)
			for i, v := range fetch {
				near(t, fmt.Sprintf("seed %d, run %d, %s", seed, run, g.Values[v].Name), got[i], want[i], 1e-5)
			}
		}
		if t.Failed() {
			for _, n := range g.Nodes {
				t.Log(n.Name, n.Op, n.Inputs, n.Outputs, n.Attrs)
			}
			return
		}
	}
}

// A drawing is a graph in the making. All its values have shape [batch, n, 4]
// for a batch of 1 or 2 and some n, so that nearly all of them fit together.
type drawing struct {
	*rand.Rand
	b        *ir.Builder
	made     []ir.ValueID
	batch, n map[ir.ValueID]int
}

func randomGraph(r *rand.Rand) (*ir.Graph, map[ir.ValueID]*tensor.Tensor, []ir.ValueID) {
	g := ir.New("random")
	d := &drawing{Rand: r, b: ir.NewBuilder(g, ""), batch: map[ir.ValueID]int{}, n: map[ir.ValueID]int{}}
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for i := range 2 {
		batch := 1 + r.IntN(2)
		x := g.AddInput(fmt.Sprint("x", i), tensor.Float32, ir.Dims(batch, 3, 4))
		feeds[x] = wave(tensor.Float32, []int{batch, 3, 4})
		d.batch[x], d.n[x] = batch, 3
		d.made = append(d.made, x)
	}
	for range 4 + r.IntN(16) {
		d.step()
	}
	return g, feeds, d.made[2:]
}

func (d *drawing) any() ir.ValueID { return d.made[d.IntN(len(d.made))] }

// like draws a value that v can be added to.
func (d *drawing) like(v ir.ValueID) ir.ValueID {
	for range 10 {
		if u := d.any(); d.n[u] == d.n[v] {
			return u
		}
	}
	return v
}

func (d *drawing) number() ir.ValueID {
	return d.b.Const(tensor.Scalar([]float32{0.5, 2, 3, 1.0 / 6}[d.IntN(4)]))
}

// step appends one or a few nodes.
func (d *drawing) step() {
	x := d.any()
	batch, n := d.batch[x], d.n[x]
	z := d.like(x)
	y := ir.ValueID(ir.None)
	switch d.IntN(14) {
	case 0, 1:
		y = d.b.Op([]string{"Relu", "Sigmoid", "Tanh", "HardSwish", "Exp", "Neg", "Abs"}[d.IntN(7)], nil, d.tame(x))
	case 2, 3, 4:
		y = d.b.Op([]string{"Add", "Sub", "Mul", "Max"}[d.IntN(4)], nil, d.tame(x), z)
		batch = max(batch, d.batch[z])
	case 5:
		y = d.b.Op([]string{"Add", "Mul", "Div"}[d.IntN(3)], nil, x, d.number())
	case 6:
		y = d.b.Op("Mul", nil, x, d.b.Op("Sigmoid", nil, x))
	case 7:
		if batch != d.batch[z] {
			return
		}
		y = d.b.Op("Concat", ir.Pairs("axis", 1), x, z)
		n *= 2
	case 8:
		if n < 2 {
			return
		}
		y = d.b.Op("Slice", nil, x, d.b.Ints(1), d.b.Ints(n), d.b.Ints(1))
		n--
	case 9:
		weights := wave(tensor.Float32, []int{4, 4})
		y = d.b.Op("MatMul", nil, x, d.b.Const(weights))
		if d.IntN(2) == 0 {
			y = d.b.Op("Add", nil, y, d.b.Const(tensor.Vector[float32](1, 2, 3, 4)))
		}
	case 10:
		turned := d.b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1}), z)
		batch = max(batch, d.batch[z])
		y = d.b.Op("MatMul", nil, d.b.Op("Softmax", nil, d.b.Op("MatMul", nil, d.tame(x), turned)), x)
	case 11:
		flat := d.b.Op("Reshape", nil, x, d.b.Ints(0, -1))
		y = d.b.Op("Reshape", nil, d.b.Op("Relu", nil, flat), d.b.Ints(0, n, 4))
	case 12:
		y = d.b.Op("Sub", nil, x, d.b.Op("ReduceMean", ir.Pairs("axes", []int{2}), x))
		d.b.G.Nodes[len(d.b.G.Nodes)-2].Version = 13
	case 13:
		y = d.b.Op("Conv", ir.Pairs("pads", []int{1, 1}), x, d.b.Const(wave(tensor.Float32, []int{n, n, 3})))
	}
	if n > 48 {
		return // left out of what later steps read
	}
	d.batch[y], d.n[y] = batch, n
	d.made = append(d.made, y)
}

// tame keeps numbers small, so that exponents and products stay finite.
func (d *drawing) tame(x ir.ValueID) ir.ValueID {
	return d.b.Op("Tanh", nil, x)
}

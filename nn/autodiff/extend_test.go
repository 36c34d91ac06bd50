package autodiff_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func random(r *rand.Rand, shape ...int) *tensor.Tensor {
	t := tensor.New(tensor.Float64, shape...)
	for i := range t.Len() {
		tensor.Data[float64](t)[i] = 2*r.Float64() - 1
	}
	return t
}

// extend is Extend for graphs that must have a gradient.
func extend(t *testing.T, g *ir.Graph, y ir.ValueID, wrt ...ir.ValueID) *autodiff.Gradient {
	t.Helper()
	grad, err := autodiff.Extend(g, infer(t, g), y, wrt, nil)
	if err != nil {
		t.Fatal(err)
	}
	return grad
}

// net is a small convolutional network with everything trainable, ending in a
// cross entropy; it returns its parameters and loss.
func net(g *ir.Graph, r *rand.Rand) (params []ir.ValueID, loss ir.ValueID) {
	b := ir.NewBuilder(g, "")
	param := func(shape ...int) ir.ValueID {
		v := b.Const(random(r, shape...))
		params = append(params, v)
		return v
	}
	x := g.AddInput("x", tensor.Float64, ir.Shape{ir.Symbol("batch"), ir.Known(2), ir.Known(6), ir.Known(6)})
	labels := g.AddInput("labels", tensor.Int64, ir.Shape{ir.Symbol("batch")})
	pad := ir.Attrs{"pads": {Value: []int64{1, 1, 1, 1}}}
	h := b.Op("Conv", pad, x, param(4, 2, 3, 3), param(4))
	h = b.Op("BatchNormalization", nil, h, param(4), param(4), param(4), b.Const(tensor.Vector(1., 0.5, 2, 0.7)))
	skip := b.Op("Tanh", nil, h)
	h = b.Op("Conv", pad, skip, param(4, 4, 3, 3))
	h = b.Op("Add", nil, h, skip)
	h = b.Op("AveragePool", ir.Attrs{"kernel_shape": {Value: []int64{2, 2}}, "strides": {Value: []int64{2, 2}}}, h)
	h = b.Op("Gelu", nil, h)
	h = b.Op("Flatten", nil, h)
	h = b.Op("LayerNormalization", nil, h, param(36), param(36))
	logits := b.Op("Gemm", nil, h, param(36, 3), param(3))
	return params, autodiff.CrossEntropy(b, logits, labels)
}

func netFeeds(g *ir.Graph, r *rand.Rand) map[ir.ValueID]*tensor.Tensor {
	return map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: random(r, 3, 2, 6, 6), g.Inputs[1]: tensor.Vector[int64](0, 2, 1)}
}

// differences returns the central differences of value y with respect to v.
func differences(t *testing.T, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, y, v ir.ValueID) *tensor.Tensor {
	t.Helper()
	const h = 1e-5
	x := feeds[v]
	if x == nil {
		x = g.Values[v].Const
	}
	d := tensor.New(tensor.Float64, x.Shape()...)
	at := func(i int, step float64) float64 {
		moved := x.Clone()
		tensor.Data[float64](moved)[i] += step
		given := map[ir.ValueID]*tensor.Tensor{v: moved}
		for k, f := range feeds {
			if k != v {
				given[k] = f
			}
		}
		return tensor.Data[float64](evaluate(t, g, given, y)[0])[0]
	}
	for i := range d.Len() {
		tensor.Data[float64](d)[i] = (at(i, h) - at(i, -h)) / (2 * h)
	}
	return d
}

// TestNetGradients compares all gradients of a small network with central
// differences.
func TestNetGradients(t *testing.T) {
	g, r := ir.New("net"), rand.New(rand.NewPCG(1, 1))
	params, loss := net(g, r)
	wrt := append([]ir.ValueID{g.Inputs[0]}, params...)
	grad := extend(t, g, loss, wrt...)
	feeds := netFeeds(g, r)
	feeds[grad.Seed] = tensor.Scalar(1.0)
	for i, got := range evaluate(t, grad.Graph, feeds, grad.Of...) {
		closeTo(t, g.Values[wrt[i]].Name, got, differences(t, grad.Graph, feeds, loss, wrt[i]), 1e-6)
	}
}

// TestSecondDerivatives differentiates the squared length of the gradient of
// a network, which takes the second derivatives of all its operators.
func TestSecondDerivatives(t *testing.T) {
	g, r := ir.New("net"), rand.New(rand.NewPCG(2, 2))
	params, loss := net(g, r)
	first := extend(t, g, loss, params[0], g.Inputs[0])
	b := ir.NewBuilder(first.Graph, "")
	length := b.Op("Add", nil,
		b.Op("ReduceSumSquare", ir.Pairs("keepdims", 0), first.Of[0]),
		b.Op("ReduceSumSquare", ir.Pairs("keepdims", 0), first.Of[1]))
	second := extend(t, first.Graph, length, params...)
	feeds := netFeeds(g, r)
	feeds[first.Seed], feeds[second.Seed] = tensor.Scalar(1.0), tensor.Scalar(1.0)
	for i, got := range evaluate(t, second.Graph, feeds, second.Of...) {
		closeTo(t, g.Values[params[i]].Name, got, differences(t, second.Graph, feeds, length, params[i]), 1e-5)
	}
}

// TestSeed: the gradient is that of Σ seed·y.
func TestSeed(t *testing.T) {
	g := ir.New("square")
	b := ir.NewBuilder(g, "")
	x := g.AddInput("x", tensor.Float64, ir.Dims(3))
	y := b.Op("Mul", nil, x, x) // one value twice: both parts are summed
	grad := extend(t, g, y, x, y)
	feeds := map[ir.ValueID]*tensor.Tensor{x: tensor.Vector(1., 2, 3), grad.Seed: tensor.Vector(1., 10, 100)}
	got := evaluate(t, grad.Graph, feeds, grad.Of...)
	if want := tensor.Vector(2., 40, 600); !tensor.Equal(got[0], want) {
		t.Errorf("gradient of x %v", tensor.Data[float64](got[0]))
	}
	if grad.Of[1] != grad.Seed {
		t.Error("the gradient of y with respect to itself is not the seed")
	}
	if in := grad.Graph.Inputs; in[len(in)-1] != grad.Seed {
		t.Error("the seed is no input")
	}
}

// TestOnlyThePathIsExtended counts the nodes that are added.
func TestOnlyThePathIsExtended(t *testing.T) {
	g := ir.New("branches")
	b := ir.NewBuilder(g, "")
	x, z := g.AddInput("x", tensor.Float32, ir.Dims(3)), g.AddInput("z", tensor.Float32, ir.Dims(3))
	before := b.Op("Tanh", nil, x)
	mid := b.Op("Sigmoid", nil, before)
	aside := b.Op("Tanh", nil, z)
	y := b.Op("Mul", nil, mid, aside)
	b.Op("Exp", nil, y) // behind y
	b.Op("Exp", nil, mid)
	nodes, values, inputs := len(g.Nodes), len(g.Values), len(g.Inputs)

	grad := extend(t, g, y, mid)
	var added []string
	for _, n := range grad.Graph.Nodes[nodes:] {
		added = append(added, n.Op)
	}
	if !slices.Equal(added, []string{"Mul"}) {
		t.Errorf("added %v, want one Mul", added)
	}
	if len(g.Nodes) != nodes || len(g.Values) != values || len(g.Inputs) != inputs {
		t.Error("the graph given was changed")
	}
	if err := grad.Graph.Clone().Sort(); err != nil || grad.Graph.Nodes[nodes].Version != ir.LatestOpset {
		t.Errorf("sorting: %v; version %d", err, grad.Graph.Nodes[nodes].Version)
	}
}

// TestNoDependence: what y does not depend on has zeros, and integers let
// nothing through.
func TestNoDependence(t *testing.T) {
	g := ir.New("cast")
	b := ir.NewBuilder(g, "")
	x, z := g.AddInput("x", tensor.Float32, ir.Dims(2, 2)), g.AddInput("z", tensor.Float64, ir.Dims(3))
	toInt, toFloat := ir.Attrs{"to": {Value: int64(7)}}, ir.Attrs{"to": {Value: int64(1)}}
	y := b.Op("Cast", toFloat, b.Op("Cast", toInt, x))
	grad := extend(t, g, y, x, z)
	feeds := map[ir.ValueID]*tensor.Tensor{
		x: tensor.New(tensor.Float32, 2, 2), z: tensor.New(tensor.Float64, 3), grad.Seed: tensor.New(tensor.Float32, 2, 2),
	}
	got := evaluate(t, grad.Graph, feeds, grad.Of...)
	for i, want := range []*tensor.Tensor{tensor.New(tensor.Float32, 2, 2), tensor.New(tensor.Float64, 3)} {
		if !tensor.Equal(got[i], want) {
			t.Errorf("gradient %d is %v", i, got[i])
		}
	}
}

func TestErrors(t *testing.T) {
	g := ir.New("g")
	b := ir.NewBuilder(g, "net/")
	x, ids := g.AddInput("x", tensor.Float32, ir.Dims(3)), g.AddInput("ids", tensor.Int64, ir.Dims(3))
	y := b.Node("com.example", "Mystery", nil, 1, b.Op("Relu", nil, x))[0]
	g.Values[y].DType = tensor.Float32
	types := infer(t, g)
	_, err := autodiff.Extend(g, types, y, []ir.ValueID{x}, nil)
	var none *autodiff.NoRuleError
	if !errors.As(err, &none) || none.Node != "net/Mystery" || none.Op != "com.example.Mystery" {
		t.Errorf("error %v", err)
	}
	for want, call := range map[string]func() error{
		"only floating-point": func() error { _, err := autodiff.Extend(g, types, y, []ir.ValueID{ids}, nil); return err },
		"no value 99":         func() error { _, err := autodiff.Extend(g, types, 99, []ir.ValueID{x}, nil); return err },
		"no value -1":         func() error { _, err := autodiff.Extend(g, types, y, []ir.ValueID{ir.None}, nil); return err },
		"types for":           func() error { _, err := autodiff.Extend(g, types[1:], y, []ir.ValueID{x}, nil); return err },
		"out of luck": func() error {
			rules := autodiff.Rules{"com.example.Mystery": func(*op.Grad, *ir.Node, []ir.ValueID) ([]ir.ValueID, error) {
				return nil, errors.New("out of luck")
			}}
			_, err := autodiff.Extend(g, types, y, []ir.ValueID{x}, rules)
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}

func TestMeanSquaredError(t *testing.T) {
	g := ir.New("mse")
	x, target := g.AddInput("x", tensor.Float64, ir.Dims(2, 2)), g.AddInput("target", tensor.Float64, ir.Dims(2, 2))
	loss := autodiff.MeanSquaredError(ir.NewBuilder(g, ""), x, target)
	grad := extend(t, g, loss, x)
	feeds := map[ir.ValueID]*tensor.Tensor{
		x: tensor.Of([]float64{1, 2, 3, 4}, 2, 2), target: tensor.Of([]float64{1, 0, 3, 8}, 2, 2), grad.Seed: tensor.Scalar(1.0),
	}
	got := evaluate(t, grad.Graph, feeds, loss, grad.Of[0])
	if v := tensor.Data[float64](got[0])[0]; math.Abs(v-5) > 1e-15 {
		t.Errorf("loss %v, want (4+16)/4", v)
	}
	if want := tensor.Of([]float64{0, 1, 0, -2}, 2, 2); !tensor.Equal(got[1], want) {
		t.Errorf("gradient %v", tensor.Data[float64](got[1]))
	}
}

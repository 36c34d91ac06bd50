package ort_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/exec/onnxtest"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/ort"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// listed is the version of the library that the lists of failing cases are of.
const listed = "1.30."

// suiteORT returns the executor on that version, or skips the test.
func suiteORT(t *testing.T) exec.Executor {
	t.Helper()
	version, err := ort.Version(shared.ORT(t))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(version, listed) {
		t.Skipf("the cases that fail are listed for ONNX Runtime %sx, and this is %s", listed, version)
	}
	return newORT(t, 2)
}

// TestONNXSuite runs the suite of the ONNX project.
func TestONNXSuite(t *testing.T) {
	e := suiteORT(t)
	for _, part := range []string{"node", "simple", "pytorch-operator", "pytorch-converted"} {
		t.Run(part, func(t *testing.T) {
			onnxtest.RunPart(t, part, "testdata/onnx-ort-fails.txt", func(g *ir.Graph, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
				feeds, err := given(g, in)
				if err != nil {
					return nil, err
				}
				return exec.NewSession(g, e).Run(context.Background(), feeds, g.Outputs...)
			})
		})
	}
}

// TestLightModels runs the suite's large architectures.
func TestLightModels(t *testing.T) {
	if testing.Short() {
		t.Skip("they are large")
	}
	e := newORT(t, 2)
	for _, name := range onnxtest.LightModels {
		err := onnxtest.Light(t, name).Run(func(g *ir.Graph, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			feeds, err := given(g, in)
			if err != nil {
				return nil, err
			}
			return exec.NewSession(g, e).Run(context.Background(), feeds, g.Outputs...)
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestGradientsOfSuite compares the gradient of each operator that the suite
// tests, in all the forms it tests, with that of the reference.
func TestGradientsOfSuite(t *testing.T) {
	e := suiteORT(t)
	for _, part := range []string{"node", "simple", "pytorch-operator", "pytorch-converted"} {
		t.Run(part, func(t *testing.T) {
			compared := 0
			onnxtest.CheckPart(t, part, "testdata/onnx-ort-gradient-fails.txt", func(c onnxtest.Case) (gradErr error) {
				c.Sets = c.Sets[:min(len(c.Sets), 1)]
				_ = c.Run(func(g *ir.Graph, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
					var some bool
					if some, gradErr = compareGradients(e, g, in); some {
						compared++
					}
					return nil, nil // what the outputs are is not asked here
				})
				return gradErr
			})
			t.Logf("%d gradients compared", compared)
		})
	}
}

// compareGradients compares the gradients of all inputs that are real numbers,
// on e and on the reference, and reports whether there were any.
func compareGradients(e exec.Executor, g *ir.Graph, in []*tensor.Tensor) (some bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	feeds, err := given(g, in)
	if err != nil {
		return false, err
	}
	settle(g, feeds)
	of := exec.GradientOf{Y: ir.None}
	for _, v := range g.Outputs {
		if of.Y == ir.None && g.Values[v].Kind == ir.TensorKind && g.Values[v].DType.IsFloat() {
			of.Y = v
		}
	}
	for _, v := range g.Inputs {
		if feeds[v] != nil && feeds[v].DType().IsFloat() {
			of.Wrt = append(of.Wrt, v)
		}
	}
	if of.Y == ir.None || len(of.Wrt) == 0 {
		return false, nil
	}
	ctx := context.Background()
	y, err := exec.NewSession(g, exec.Plain()).Run(ctx, feeds, of.Y)
	if err != nil {
		return false, nil // that is another test's
	}
	of.Seed = spread(y[0].DType(), y[0].Shape())
	want, _, err := exec.NewSession(g, exec.Plain()).Gradient(ctx, feeds, of)
	if err != nil {
		return false, nil // not differentiable
	}
	got, _, err := exec.NewSession(g, e).Gradient(ctx, feeds, of)
	if err != nil {
		return true, err
	}
	for i, v := range of.Wrt {
		if off := apart(got[i], want[i]); !(off <= precision(want[i].DType())) {
			return true, fmt.Errorf("the gradient of %q is off by %.2g of its greatest magnitude", g.Values[v].Name, off)
		}
	}
	return true, nil
}

// settle makes constants of the inputs that are no real numbers, such as
// shapes, and of the scales of Resize, as they are in a model.
func settle(g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor) {
	scales := map[ir.ValueID]bool{}
	for _, n := range g.Nodes {
		if n.Op == "Resize" || n.Op == "Upsample" {
			for _, v := range n.Inputs[1:] {
				scales[v] = true
			}
		}
	}
	for v, x := range feeds {
		if !x.DType().IsFloat() || scales[v] {
			g.Values[v].Const = x
			g.Inputs = slices.DeleteFunc(g.Inputs, func(in ir.ValueID) bool { return in == v })
			delete(feeds, v)
		}
	}
}

// precision is the tolerance of float32, and for narrower types some of their
// own steps.
func precision(d tensor.DType) float64 {
	switch d {
	case tensor.Float16:
		return 4.0 / (1 << 10)
	case tensor.BFloat16:
		return 4.0 / (1 << 7)
	}
	return tolerance
}

// apart is the greatest difference of two arrays, relative to the greatest
// magnitude of the second.
func apart(got, want *tensor.Tensor) float64 {
	if got.DType() != want.DType() || !slices.Equal(got.Shape(), want.Shape()) {
		return math.NaN()
	}
	a, errA := got.Floats()
	b, errB := want.Floats()
	if errA != nil || errB != nil {
		return math.NaN()
	}
	var worst, scale float64
	for i := range b {
		if a[i] == b[i] || math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		worst = max(worst, math.Abs(a[i]-b[i])) // NaN stays NaN
	}
	for _, x := range b {
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			scale = max(scale, math.Abs(x))
		}
	}
	if worst <= 1e-7 {
		return 0
	}
	return worst / scale
}

// spread is a tensor of numbers from -1 to 1.
func spread(d tensor.DType, shape []int) *tensor.Tensor {
	random := rand.New(rand.NewPCG(5, 6))
	x := tensor.New(tensor.Float64, shape...)
	for i := range tensor.Data[float64](x) {
		tensor.Data[float64](x)[i] = 2*random.Float64() - 1
	}
	y, err := x.Convert(d)
	if err != nil {
		panic(err)
	}
	return y
}

var errCount = errors.New("more inputs are given than there are")

// given pairs the inputs of a graph, which it sorts, with tensors.
func given(g *ir.Graph, in []*tensor.Tensor) (map[ir.ValueID]*tensor.Tensor, error) {
	if err := g.Sort(); err != nil {
		return nil, err
	}
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for _, v := range g.Inputs {
		if g.Values[v].Const != nil {
			continue
		}
		if len(in) == 0 {
			return nil, errCount
		}
		if in[0] != nil {
			feeds[v] = in[0]
		}
		in = in[1:]
	}
	return feeds, nil
}

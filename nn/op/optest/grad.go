package optest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// step is that of the central differences: with it, truncation and rounding
// errors of float64 are both near 1e-10.
const step = 1e-5

const rtol = 1e-5

// CheckGrad applies the operator's gradient rule to the case and compares what
// the emitted graph computes with central differences of Σ w·y, for fixed
// weights w. It does so for each input alone and for all together, with shapes
// known to the rule and with symbolic ones. The inputs must lie away from
// kinks.
func CheckGrad(t testing.TB, c Case) {
	t.Helper()
	wanted := c.wanted()
	if len(wanted) == 0 {
		t.Fatalf("%v: no input to differentiate", c)
	}
	want := make([][]float64, len(c.In))
	for _, i := range wanted {
		want[i] = c.differences(t, i)
	}
	subsets := [][]int{wanted}
	if len(wanted) > 1 {
		for _, i := range wanted {
			subsets = append(subsets, []int{i})
		}
	}
	for _, know := range []func(*tensor.Tensor) op.Type{op.TypeOf, onlyRank} {
		for _, s := range subsets {
			c.compare(t, s, want, know)
		}
	}
}

// Gradients applies the operator's gradient rule with dy for the gradient of
// the first output, and returns the gradients of the float64 inputs.
func Gradients(t testing.TB, c Case, dy *tensor.Tensor) []*tensor.Tensor {
	t.Helper()
	got, err := c.gradients(t, c.wanted(), op.TypeOf, func(k int, y *tensor.Tensor) *tensor.Tensor { return dy })
	if err != nil {
		t.Fatalf("%v: gradient: %v", c, err)
	}
	return got
}

// wanted lists the inputs to differentiate.
func (c Case) wanted() []int {
	var list []int
	for i, x := range c.In {
		if x != nil && x.DType() == tensor.Float64 && !slices.Contains(c.Fixed, i) {
			list = append(list, i)
		}
	}
	return list
}

// compare checks the gradients of the wanted inputs, telling the rule of each
// input what know says.
func (c Case) compare(t testing.TB, wanted []int, want [][]float64, know func(*tensor.Tensor) op.Type) {
	t.Helper()
	got, err := c.gradients(t, wanted, know, func(k int, y *tensor.Tensor) *tensor.Tensor { return weights(k, y.Shape()) })
	if err != nil {
		t.Errorf("%v: gradient: %v", c, err)
		return
	}
	atol := c.Atol
	if atol == 0 {
		atol = 1e-6
	}
	for k, i := range wanted {
		if !slices.Equal(got[k].Shape(), c.In[i].Shape()) {
			t.Errorf("%v: gradient of input %d is %v", c, i, got[k])
			continue
		}
		for e, g := range tensor.Data[float64](got[k]) {
			if d := math.Abs(g - want[i][e]); !(d <= atol+rtol*math.Abs(want[i][e])) {
				t.Errorf("%v: gradient of input %d at %d is %v, central difference %v", c, i, e, g, want[i][e])
				break
			}
		}
	}
}

// gradients runs the rule's graph. seed gives the gradient of output k.
func (c Case) gradients(t testing.TB, wanted []int, know func(*tensor.Tensor) op.Type, seed func(k int, y *tensor.Tensor) *tensor.Tensor) ([]*tensor.Tensor, error) {
	t.Helper()
	o := op.Lookup(c.Domain, c.Op)
	if o == nil || o.Grad == nil {
		return nil, fmt.Errorf("there is no rule")
	}
	g, in, out := c.graph(t)
	y := c.Eval(t)
	grad := &op.Grad{Types: c.types(g, in, y, know), Wanted: make([]bool, len(in))}
	for _, i := range wanted {
		grad.Wanted[i] = true
	}
	grad.Builder = ir.NewBuilder(g, "grad/")
	dy := make([]ir.ValueID, len(out))
	for k := range out {
		if dy[k] = ir.None; c.flows(k, y) {
			dy[k] = grad.Const(seed(k, y[k]))
		}
	}
	n := g.Nodes[0]
	dx, err := o.Grad(grad, &n, dy)
	if err != nil {
		return nil, err
	}
	if len(dx) != len(in) {
		return nil, fmt.Errorf("%d gradients for %d inputs", len(dx), len(in))
	}
	return c.fetch(g, in, dx, wanted)
}

// types tells the rule of inputs and outputs; constants are known to the last
// element, as they are in a model.
func (c Case) types(g *ir.Graph, in []ir.ValueID, y []*tensor.Tensor, know func(*tensor.Tensor) op.Type) []op.Type {
	types := make([]op.Type, len(g.Values))
	for i, v := range in {
		if v == ir.None {
			continue
		}
		types[v] = know(c.In[i])
		if g.Values[v].Const == nil {
			types[v].Value = nil
		} else {
			types[v] = op.TypeOf(c.In[i])
		}
	}
	for k, v := range g.Nodes[0].Outputs {
		if k < len(y) && y[k] != nil {
			types[v] = know(y[k])
			types[v].Value = nil
		}
	}
	return types
}

func (c Case) fetch(g *ir.Graph, in, dx []ir.ValueID, wanted []int) ([]*tensor.Tensor, error) {
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for i, v := range in {
		if v != ir.None {
			feeds[v] = c.In[i]
		}
	}
	values, err := Run(g, feeds)
	if err != nil {
		return nil, err
	}
	got := make([]*tensor.Tensor, len(wanted))
	for k, i := range wanted {
		if dx[i] == ir.None {
			return nil, fmt.Errorf("none for input %d", i)
		}
		got[k] = values[dx[i]]
		if got[k].DType() != tensor.Float64 {
			return nil, fmt.Errorf("that of input %d is %v", i, got[k])
		}
	}
	return got, nil
}

func (c Case) flows(output int, y []*tensor.Tensor) bool {
	return output < len(y) && y[output] != nil && y[output].DType() == tensor.Float64 && !slices.Contains(c.Ignore, output)
}

// weights are the same for the same output, and differ between elements.
func weights(output int, shape []int) *tensor.Tensor {
	return Random(uint64(1000+output), 0.5, 1.5, shape...)
}

// differences computes the gradient of Σ w·y with respect to input i.
func (c Case) differences(t testing.TB, i int) []float64 {
	t.Helper()
	d := make([]float64, c.In[i].Len())
	moved := c
	for e := range d {
		at := func(h float64) float64 {
			moved.In = slices.Clone(c.In)
			moved.In[i] = c.In[i].Clone()
			tensor.Data[float64](moved.In[i])[e] += h
			return moved.loss(t)
		}
		d[e] = (at(step) - at(-step)) / (2 * step)
	}
	return d
}

func (c Case) loss(t testing.TB) float64 {
	t.Helper()
	var sum float64
	y := c.Eval(t)
	for k := range max(c.Outputs, 1) {
		if !c.flows(k, y) {
			continue
		}
		w := tensor.Data[float64](weights(k, y[k].Shape()))
		for e, v := range tensor.Data[float64](y[k]) {
			sum += w[e] * v
		}
	}
	return sum
}

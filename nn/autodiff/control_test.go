package autodiff_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// controlled are graphs of one input x[3,2] and one weight w[2] whose result is
// made by control flow.
var controlled = map[string]func(b *ir.Builder, x, w ir.ValueID) ir.ValueID{
	"If, one branch without x": func(b *ir.Builder, x, w ir.ValueID) ir.ValueID {
		above := b.Op("Greater", nil, b.Op("ReduceSum", ir.Pairs("keepdims", 0), x), b.Float(0, tensor.Float64))
		then := subgraph(b, func(s *ir.Builder, capture func(ir.ValueID) ir.ValueID) []ir.ValueID {
			return []ir.ValueID{s.Op("Sin", nil, s.Op("Mul", nil, capture(x), capture(w)))}
		})
		other := subgraph(b, func(s *ir.Builder, capture func(ir.ValueID) ir.ValueID) []ir.ValueID {
			return []ir.ValueID{s.Op("Mul", nil, capture(w), capture(w))}
		})
		return b.Op("If", ir.Attrs{"then_branch": {Value: then}, "else_branch": {Value: other}}, above)
	},
	"Loop that carries, captures and scans out": func(b *ir.Builder, x, w ir.ValueID) ir.ValueID {
		body := subgraph(b, func(s *ir.Builder, capture func(ir.ValueID) ir.ValueID) []ir.ValueID {
			i := s.G.AddInput("i", tensor.Int64, ir.Shape{})
			going := s.G.AddInput("going", tensor.Bool, ir.Shape{})
			h := s.G.AddInput("h", tensor.Float64, nil)
			row := s.Op("Gather", nil, capture(x), i)
			next := s.Op("Tanh", nil, s.Op("Add", nil, s.Op("Mul", nil, h, capture(w)), row))
			return []ir.ValueID{s.Op("Identity", nil, going), next, s.Op("Mul", nil, next, h)}
		})
		start := b.Op("ReduceMean", ir.Pairs("keepdims", 0), x, b.Ints(0))
		out := b.Node("", "Loop", ir.Attrs{"body": {Value: body}}, 2, b.Const(tensor.Scalar[int64](3)), ir.None, start)
		return b.Op("Add", nil, b.Op("Mul", nil, out[0], out[0]), out[1])
	},
	"Scan from the end along the second axis": func(b *ir.Builder, x, w ir.ValueID) ir.ValueID {
		body := subgraph(b, func(s *ir.Builder, capture func(ir.ValueID) ir.ValueID) []ir.ValueID {
			h := s.G.AddInput("h", tensor.Float64, nil)
			column := s.G.AddInput("column", tensor.Float64, nil)
			next := s.Op("Sin", nil, s.Op("Add", nil, s.Op("Mul", nil, h, column), s.Op("ReduceSum", nil, capture(w))))
			return []ir.ValueID{next, s.Op("Mul", nil, next, column)}
		})
		attrs := ir.Pairs("num_scan_inputs", 1, "scan_input_axes", []int{1}, "scan_input_directions", []int{1}, "scan_output_axes", []int{-1}, "scan_output_directions", []int{1})
		attrs["body"] = ir.Attr{Value: body}
		start := b.Op("ReduceMean", ir.Pairs("keepdims", 0), x, b.Ints(1))
		out := b.Node("", "Scan", attrs, 2, start, x)
		return b.Op("Add", nil, b.Op("Unsqueeze", nil, out[0], b.Ints(1)), out[1])
	},
}

// subgraph builds a graph that captures values of b's.
func subgraph(b *ir.Builder, build func(*ir.Builder, func(ir.ValueID) ir.ValueID) []ir.ValueID) *ir.Graph {
	g := ir.New("body")
	g.Captures = map[ir.ValueID]ir.ValueID{}
	g.Outputs = build(ir.NewBuilder(g, "body/"), func(outer ir.ValueID) ir.ValueID {
		v := g.AddValue(ir.Value{Name: b.G.Values[outer].Name, DType: tensor.Float64})
		g.Captures[v] = outer
		return v
	})
	return g
}

// TestControlFlow compares gradients through control flow with central
// differences, in float64, on both executors.
func TestControlFlow(t *testing.T) {
	const h, rel = 1e-6, 1e-7
	for name, build := range controlled {
		for _, sign := range []float64{1, -1} {
			t.Run(name, func(t *testing.T) {
				g := ir.New("controlled")
				b := ir.NewBuilder(g, "")
				x := g.AddInput("x", tensor.Float64, ir.Dims(3, 2))
				w := g.AddInput("w", tensor.Float64, ir.Dims(2))
				y := b.Op("ReduceSum", ir.Pairs("keepdims", 0), build(b, x, w))
				g.Outputs = []ir.ValueID{y}
				types, err := pass.Infer(g, nil)
				if err != nil {
					t.Fatal(err)
				}
				grad, err := autodiff.Extend(g, types, y, []ir.ValueID{x, w}, nil)
				if err != nil {
					t.Fatal(err)
				}
				feeds := map[ir.ValueID]*tensor.Tensor{
					x: tensor.Of([]float64{sign * 0.3, 0.8, 0.5 * sign, sign * 1.1, 0.2, sign * 0.9}, 3, 2), w: tensor.Of([]float64{0.7, -0.4}, 2),
					grad.Seed: tensor.Scalar(1.0),
				}
				for _, e := range []exec.Executor{exec.Plain(), exec.Default()} {
					got, err := exec.NewSession(grad.Graph, e).Run(t.Context(), feeds, grad.Of...)
					if err != nil {
						t.Fatalf("%s: %v", e.Name(), err)
					}
					for i, v := range []ir.ValueID{x, w} {
						for k := range feeds[v].Len() {
							want := difference(t, g, feeds, v, k, h)
							if d := tensor.Data[float64](got[i])[k]; !(math.Abs(d-want) <= rel*(1+math.Abs(want))) {
								t.Errorf("%s: d/d%s[%d] is %v, central differences %v", e.Name(), g.Values[v].Name, k, d, want)
							}
						}
					}
				}
			})
		}
	}
}

// difference is the central difference of the output by one element.
func difference(t *testing.T, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, v ir.ValueID, k int, h float64) float64 {
	t.Helper()
	at := func(step float64) float64 {
		moved := map[ir.ValueID]*tensor.Tensor{}
		for _, in := range g.Inputs {
			moved[in] = feeds[in].Clone()
		}
		tensor.Data[float64](moved[v])[k] += step
		out, err := exec.NewSession(g, exec.Plain()).Run(t.Context(), moved, g.Outputs...)
		if err != nil {
			t.Fatal(err)
		}
		return tensor.Data[float64](out[0])[0]
	}
	return (at(h) - at(-h)) / (2 * h)
}

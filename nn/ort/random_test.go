package ort_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A drawnNode is an operator of ONNX in a configuration that was drawn.
type drawnNode struct {
	op      string
	attrs   ir.Attrs
	in      []*tensor.Tensor // constants where they hold no floats
	outputs int
}

func (d drawnNode) String() string {
	s := d.op + " ["
	for _, x := range d.in {
		if x != nil && !x.DType().IsFloat() && x.Len() < 20 {
			v, _ := x.Ints()
			s += fmt.Sprint(x, v, " ")
		} else {
			s += fmt.Sprint(x, " ")
		}
	}
	return s + "] " + fmt.Sprint(d.attrs)
}

// graph returns a graph of the node in opset 21.
func (d drawnNode) graph() (*ir.Graph, map[ir.ValueID]*tensor.Tensor) {
	g := ir.New(d.op)
	g.Opsets[""] = 21
	b := ir.NewBuilder(g, "")
	feeds := map[ir.ValueID]*tensor.Tensor{}
	var in []ir.ValueID
	for i, x := range d.in {
		switch {
		case x == nil:
			in = append(in, ir.None)
		case x.DType().IsFloat() && (d.op != "Resize" || i == 0):
			v := g.AddInput(fmt.Sprint("x", i), x.DType(), ir.ShapeOf(x))
			feeds[v] = x
			in = append(in, v)
		default:
			in = append(in, b.Const(x))
		}
	}
	g.Outputs = b.Node("", d.op, d.attrs, max(d.outputs, 1), in...)
	return g, feeds
}

// TestRandomOperators compares operators in random configurations with ONNX
// Runtime. What it refuses need not run.
func TestRandomOperators(t *testing.T) {
	e := newORT(t, 2)
	for name, draw := range families {
		t.Run(name, func(t *testing.T) {
			const rounds = 60
			ran := 0
			for seed := range uint64(rounds) {
				d := draw(&dice{rand.New(rand.NewPCG(seed, 7))})
				g, feeds := d.graph()
				want, err := exec.NewSession(g, e).Run(t.Context(), feeds, g.Outputs...)
				if err != nil {
					continue
				}
				ran++
				for _, own := range []exec.Executor{exec.Plain(), exec.Default()} {
					got, err := exec.NewSession(g, own).Run(t.Context(), feeds, g.Outputs...)
					if err != nil {
						t.Errorf("%v: %s: %v", d, own.Name(), err)
						continue
					}
					for i := range want {
						near(t, fmt.Sprintf("%v: %s: output %d", d, own.Name(), i), got[i], want[i], false)
					}
				}
			}
			if ran < rounds/3 {
				t.Errorf("the library runs %d of %d", ran, rounds)
			}
			t.Logf("%d of %d configurations run", ran, rounds)
		})
	}
}

// A dice draws what configurations are made of.
type dice struct{ *rand.Rand }

func (r *dice) from(lo, hi int) int { return lo + r.IntN(hi-lo+1) }

func (r *dice) chance() bool { return r.IntN(2) == 0 }

func one[T any](r *dice, list ...T) T { return list[r.IntN(len(list))] }

func (r *dice) shape(rank, most int) []int {
	s := make([]int, rank)
	for i := range s {
		s[i] = r.from(1, most)
	}
	return s
}

func (r *dice) each(n, lo, hi int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = r.from(lo, hi)
	}
	return s
}

func (r *dice) floats(shape ...int) *tensor.Tensor {
	x := tensor.New(tensor.Float32, shape...)
	for i := range x.F32() {
		x.F32()[i] = 2*r.Float32() - 1
	}
	return x
}

func ints(v ...int) *tensor.Tensor {
	x := tensor.New(tensor.Int64, len(v))
	for i, n := range v {
		x.I64()[i] = int64(n)
	}
	return x
}

// indices draws places along an axis, also counted from its end.
func (r *dice) indices(extent int, shape ...int) *tensor.Tensor {
	x := tensor.New(tensor.Int64, shape...)
	for i := range x.I64() {
		x.I64()[i] = int64(r.from(-extent, extent-1))
	}
	return x
}

// axis draws an axis, also counted from the end.
func (r *dice) axis(rank int) int { return r.from(-rank, rank-1) }

// axes draws some axes, each once.
func (r *dice) axes(rank int) []int {
	perm := r.Perm(rank)[:r.from(1, rank)]
	for i := range perm {
		if r.chance() {
			perm[i] -= rank
		}
	}
	return perm
}

var families = map[string]func(r *dice) drawnNode{
	"Conv": func(r *dice) drawnNode {
		rank, group := r.from(1, 3), r.from(1, 3)
		in, out := group*r.from(1, 5), group*r.from(1, 9)
		kernel := r.shape(rank, 3)
		attrs := ir.Pairs("group", group, "strides", r.each(rank, 1, 2), "dilations", r.each(rank, 1, 2))
		if mode := one(r, "", "SAME_UPPER", "SAME_LOWER", "VALID"); mode != "" {
			attrs["auto_pad"] = ir.Attr{Value: mode}
			delete(attrs, "dilations")
		} else {
			attrs["pads"] = ir.Pairs("p", r.each(2*rank, 0, 2))["p"]
		}
		x := r.floats(append([]int{r.from(1, 2), in}, r.each(rank, 5, 9)...)...)
		w := r.floats(append([]int{out, in / group}, kernel...)...)
		d := drawnNode{op: "Conv", attrs: attrs, in: []*tensor.Tensor{x, w}}
		if r.chance() {
			d.in = append(d.in, r.floats(out))
		}
		return d
	},
	"ConvTranspose": func(r *dice) drawnNode {
		rank, group := r.from(1, 2), r.from(1, 3)
		in, out := group*r.from(1, 4), r.from(1, 4)
		strides := r.each(rank, 1, 3)
		attrs := ir.Pairs("group", group, "strides", strides, "dilations", r.each(rank, 1, 2), "pads", r.each(2*rank, 0, 1))
		if r.chance() {
			extra := make([]int, rank)
			for i := range extra {
				extra[i] = r.IntN(strides[i])
			}
			attrs["output_padding"] = ir.Pairs("p", extra)["p"]
		}
		return drawnNode{op: "ConvTranspose", attrs: attrs, in: []*tensor.Tensor{
			r.floats(append([]int{r.from(1, 2), in}, r.each(rank, 2, 6)...)...), r.floats(append([]int{in, out}, r.each(rank, 1, 4)...)...), r.floats(group * out),
		}}
	},
	"MaxPool": func(r *dice) drawnNode {
		rank := r.from(1, 3)
		attrs := ir.Pairs("kernel_shape", r.each(rank, 2, 4), "strides", r.each(rank, 1, 3), "dilations", r.each(rank, 1, 2), "pads", r.each(2*rank, 0, 1), "ceil_mode", r.IntN(2))
		return drawnNode{op: "MaxPool", attrs: attrs, in: []*tensor.Tensor{r.floats(append([]int{r.from(1, 2), r.from(1, 17)}, r.each(rank, 7, 10)...)...)}, outputs: r.from(1, 2)}
	},
	"AveragePool": func(r *dice) drawnNode {
		rank := r.from(1, 3)
		attrs := ir.Pairs("kernel_shape", r.each(rank, 2, 4), "strides", r.each(rank, 1, 3), "count_include_pad", r.IntN(2), "ceil_mode", r.IntN(2))
		if r.chance() {
			attrs["pads"] = ir.Pairs("p", r.each(2*rank, 0, 1))["p"]
		} else {
			attrs["auto_pad"] = ir.Attr{Value: one(r, "SAME_UPPER", "SAME_LOWER", "VALID")}
			attrs["ceil_mode"] = ir.Attr{Value: int64(0)}
		}
		return drawnNode{op: "AveragePool", attrs: attrs, in: []*tensor.Tensor{r.floats(append([]int{r.from(1, 2), r.from(1, 17)}, r.each(rank, 5, 9)...)...)}}
	},
	"reductions": func(r *dice) drawnNode {
		rank := r.from(1, 4)
		op := one(r, "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp")
		return drawnNode{op: op, attrs: ir.Pairs("keepdims", r.IntN(2)), in: []*tensor.Tensor{r.floats(r.shape(rank, 6)...), ints(r.axes(rank)...)}}
	},
	"Slice": func(r *dice) drawnNode {
		rank := r.from(1, 4)
		axes := r.axes(rank)
		steps := make([]int, len(axes))
		for i := range steps {
			steps[i] = one(r, -3, -2, -1, 1, 2, 3)
		}
		return drawnNode{op: "Slice", in: []*tensor.Tensor{r.floats(r.each(rank, 3, 8)...), ints(r.each(len(axes), -9, 9)...), ints(r.each(len(axes), -9, 9)...), ints(axes...), ints(steps...)}}
	},
	"Pad": func(r *dice) drawnNode {
		rank, mode := r.from(1, 4), one(r, "constant", "reflect", "edge", "wrap")
		d := drawnNode{op: "Pad", attrs: ir.Pairs("mode", mode), in: []*tensor.Tensor{r.floats(r.each(rank, 3, 6)...), ints(r.each(2*rank, -1, 2)...)}}
		if mode == "constant" && r.chance() {
			d.in = append(d.in, tensor.Scalar[float32](0.5))
		}
		return d
	},
	"Gather": func(r *dice) drawnNode {
		shape := r.shape(r.from(1, 4), 6)
		axis := r.axis(len(shape))
		extent := shape[(axis+len(shape))%len(shape)]
		return drawnNode{op: "Gather", attrs: ir.Pairs("axis", axis), in: []*tensor.Tensor{r.floats(shape...), r.indices(extent, r.shape(r.IntN(3), 4)...)}}
	},
	"GatherElements": func(r *dice) drawnNode {
		shape := r.shape(r.from(1, 4), 5)
		axis := r.axis(len(shape))
		to := append([]int{}, shape...)
		to[(axis+len(shape))%len(shape)] = r.from(1, 4)
		return drawnNode{op: "GatherElements", attrs: ir.Pairs("axis", axis), in: []*tensor.Tensor{r.floats(shape...), r.indices(shape[(axis+len(shape))%len(shape)], to...)}}
	},
	"ScatterElements": func(r *dice) drawnNode {
		shape := r.shape(r.from(1, 4), 5)
		axis := r.axis(len(shape))
		to := append([]int{}, shape...)
		at := (axis + len(shape)) % len(shape)
		mode := one(r, "add", "mul", "max", "min")
		to[at] = r.from(1, 5)
		return drawnNode{op: "ScatterElements", attrs: ir.Pairs("axis", axis, "reduction", mode), in: []*tensor.Tensor{r.floats(shape...), r.indices(shape[at], to...), r.floats(to...)}}
	},
	"ScatterND": func(r *dice) drawnNode {
		shape := r.shape(r.from(1, 4), 5)
		depth := r.from(1, len(shape))
		count := r.from(1, 4)
		index := tensor.New(tensor.Int64, count, depth)
		for i := range index.I64() {
			index.I64()[i] = int64(r.IntN(shape[i%depth]))
		}
		return drawnNode{op: "ScatterND", attrs: ir.Pairs("reduction", one(r, "add", "mul", "max", "min")), in: []*tensor.Tensor{r.floats(shape...), index, r.floats(append([]int{count}, shape[depth:]...)...)}}
	},
	"TopK": func(r *dice) drawnNode {
		shape := r.each(r.from(1, 3), 3, 8)
		axis := r.axis(len(shape))
		return drawnNode{op: "TopK", attrs: ir.Pairs("axis", axis, "largest", r.IntN(2)), in: []*tensor.Tensor{r.floats(shape...), ints(r.from(1, shape[(axis+len(shape))%len(shape)]))}, outputs: 2}
	},
	"CumSum": func(r *dice) drawnNode {
		shape := r.shape(r.from(1, 4), 6)
		return drawnNode{op: "CumSum", attrs: ir.Pairs("exclusive", r.IntN(2), "reverse", r.IntN(2)), in: []*tensor.Tensor{r.floats(shape...), tensor.Scalar(int64(r.axis(len(shape))))}}
	},
	"Softmax": func(r *dice) drawnNode {
		shape := r.shape(r.from(1, 4), 7)
		return drawnNode{op: one(r, "Softmax", "LogSoftmax", "Hardmax"), attrs: ir.Pairs("axis", r.axis(len(shape))), in: []*tensor.Tensor{r.floats(shape...)}}
	},
	"LayerNormalization": func(r *dice) drawnNode {
		shape := r.each(r.from(1, 4), 2, 6)
		axis := r.axis(len(shape))
		rest := shape[(axis+len(shape))%len(shape):]
		d := drawnNode{op: "LayerNormalization", attrs: ir.Pairs("axis", axis, "epsilon", 0.01), in: []*tensor.Tensor{r.floats(shape...), r.floats(rest...)}, outputs: one(r, 1, 3)}
		if r.chance() {
			d.in = append(d.in, r.floats(rest...))
		}
		return d
	},
	"normalizations": func(r *dice) drawnNode {
		groups := r.from(1, 3)
		channels := groups * r.from(1, 4)
		x := r.floats(append([]int{r.from(1, 2), channels}, r.each(r.from(1, 3), 2, 5)...)...)
		switch r.IntN(4) {
		case 0:
			return drawnNode{op: "InstanceNormalization", attrs: ir.Pairs("epsilon", 0.01), in: []*tensor.Tensor{x, r.floats(channels), r.floats(channels)}}
		case 1:
			return drawnNode{op: "GroupNormalization", attrs: ir.Pairs("epsilon", 0.01, "num_groups", groups), in: []*tensor.Tensor{x, r.floats(channels), r.floats(channels)}}
		case 2:
			return drawnNode{op: "LpNormalization", attrs: ir.Pairs("axis", r.axis(x.Rank()), "p", r.from(1, 2)), in: []*tensor.Tensor{x}}
		}
		return drawnNode{op: "MeanVarianceNormalization", attrs: ir.Pairs("axes", []int{0, 2}), in: []*tensor.Tensor{x}}
	},
	"MatMul": func(r *dice) drawnNode {
		m, k, n := r.from(1, 20), r.from(1, 20), r.from(1, 20)
		batch := r.shape(r.IntN(3), 3)
		other := append([]int{}, batch[r.IntN(len(batch)+1):]...)
		for i := range other {
			if r.IntN(3) == 0 {
				other[i] = 1
			}
		}
		return drawnNode{op: "MatMul", in: []*tensor.Tensor{r.floats(append(append([]int{}, batch...), m, k)...), r.floats(append(other, k, n)...)}}
	},
	"Gemm": func(r *dice) drawnNode {
		m, k, n := r.from(1, 20), r.from(1, 20), r.from(1, 20)
		a, b := []int{m, k}, []int{k, n}
		transA, transB := r.IntN(2), r.IntN(2)
		if transA == 1 {
			a = []int{k, m}
		}
		if transB == 1 {
			b = []int{n, k}
		}
		attrs := ir.Pairs("transA", transA, "transB", transB, "alpha", one(r, 1.0, 0.5), "beta", one(r, 1.0, 2.0))
		return drawnNode{op: "Gemm", attrs: attrs, in: []*tensor.Tensor{r.floats(a...), r.floats(b...), r.floats(one(r, []int{m, n}, []int{n}, []int{1, n}, []int{m, 1}, []int{})...)}}
	},
	"Einsum": func(r *dice) drawnNode {
		extents := map[byte]int{}
		for _, c := range []byte("abcdij") {
			extents[c] = r.from(1, 5)
		}
		terms := one(r, []string{"abij", "abjc", "abic"}, []string{"abi", "cbi", "bac"}, []string{"ij", "jk", "ik"}, []string{"abc", "abc", "ab"}, []string{"ai", "bj", "abij"}, []string{"abij", "ij", "ba"}, []string{"ii", "ij", "j"})
		if extents['k'] = 4; terms[0] == "ii" {
			extents['j'] = 3
		}
		term := func(s string) *tensor.Tensor {
			shape := make([]int, len(s))
			for i := range s {
				shape[i] = extents[s[i]]
			}
			return r.floats(shape...)
		}
		return drawnNode{op: "Einsum", attrs: ir.Pairs("equation", terms[0]+","+terms[1]+"->"+terms[2]), in: []*tensor.Tensor{term(terms[0]), term(terms[1])}}
	},
	"Resize": func(r *dice) drawnNode {
		mode := one(r, "nearest", "linear", "cubic")
		attrs := ir.Pairs("mode", mode, "coordinate_transformation_mode", one(r, "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"))
		switch mode {
		case "nearest":
			attrs["nearest_mode"] = ir.Attr{Value: one(r, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")}
		case "cubic":
			attrs["cubic_coeff_a"] = ir.Attr{Value: one(r, float32(-0.75), float32(-0.5))}
		}
		x := r.floats(r.from(1, 2), r.from(1, 3), r.from(3, 8), r.from(3, 8))
		if r.chance() {
			return drawnNode{op: "Resize", attrs: attrs, in: []*tensor.Tensor{x, nil, nil, ints(x.Dim(0), x.Dim(1), r.from(2, 13), r.from(2, 13))}}
		}
		return drawnNode{op: "Resize", attrs: attrs, in: []*tensor.Tensor{x, nil, tensor.Vector[float32](1, 1, one[float32](r, 0.5, 2, 1.5), one[float32](r, 0.5, 2, 3))}}
	},
	"GridSample": func(r *dice) drawnNode {
		attrs := ir.Pairs("mode", one(r, "linear", "nearest", "cubic"), "padding_mode", one(r, "zeros", "border", "reflection"), "align_corners", r.IntN(2))
		n := r.from(1, 2)
		grid := r.floats(n, r.from(1, 5), r.from(1, 5), 2)
		for i := range grid.F32() {
			grid.F32()[i] *= 1.3
		}
		return drawnNode{op: "GridSample", attrs: attrs, in: []*tensor.Tensor{r.floats(n, r.from(1, 3), r.from(2, 6), r.from(2, 6)), grid}}
	},
	"binary": func(r *dice) drawnNode {
		shape := r.shape(r.from(1, 4), 5)
		other := append([]int{}, shape[r.IntN(len(shape)):]...)
		for i := range other {
			if r.IntN(3) == 0 {
				other[i] = 1
			}
		}
		in := []*tensor.Tensor{r.floats(shape...), r.floats(other...)}
		if r.chance() {
			in[0], in[1] = in[1], in[0]
		}
		return drawnNode{op: one(r, "Add", "Sub", "Mul", "Max", "Min", "PRelu", "Less", "GreaterOrEqual"), in: in}
	},
	"Transpose": func(r *dice) drawnNode {
		shape := r.shape(r.from(1, 5), 6)
		return drawnNode{op: "Transpose", attrs: ir.Pairs("perm", r.Perm(len(shape))), in: []*tensor.Tensor{r.floats(shape...)}}
	},
	"LRN": func(r *dice) drawnNode {
		return drawnNode{op: "LRN", attrs: ir.Pairs("size", r.from(1, 6), "alpha", 0.3, "beta", 0.6, "bias", 1.5), in: []*tensor.Tensor{r.floats(r.from(1, 2), r.from(1, 7), r.from(1, 4), r.from(1, 4))}}
	},
	"LSTM": func(r *dice) drawnNode { return r.recurrent("LSTM", 4) },
	"GRU":  func(r *dice) drawnNode { return r.recurrent("GRU", 3) },
	"RNN":  func(r *dice) drawnNode { return r.recurrent("RNN", 1) },
}

func (r *dice) recurrent(op string, gates int) drawnNode {
	steps, batch, width, hidden := r.from(1, 5), r.from(1, 3), r.from(1, 5), r.from(1, 6)
	direction := one(r, "forward", "reverse", "bidirectional")
	n := 1
	if direction == "bidirectional" {
		n = 2
	}
	attrs := ir.Pairs("hidden_size", hidden, "direction", direction)
	if op == "GRU" {
		attrs["linear_before_reset"] = ir.Attr{Value: int64(r.IntN(2))}
	}
	in := []*tensor.Tensor{r.floats(steps, batch, width), r.floats(n, gates*hidden, width), r.floats(n, gates*hidden, hidden), nil, nil, nil}
	if r.chance() {
		in[3] = r.floats(n, 2*gates*hidden)
	}
	if r.chance() {
		lengths := tensor.New(tensor.Int32, batch)
		for i := range tensor.Data[int32](lengths) {
			tensor.Data[int32](lengths)[i] = int32(r.from(1, steps))
		}
		in[4] = lengths
	}
	if r.chance() {
		in[5] = r.floats(n, batch, hidden)
	}
	outputs := 2
	if op == "LSTM" {
		outputs = 3
		in = append(in, nil, nil)
		if in[5] != nil {
			in[6] = r.floats(n, batch, hidden)
		}
		if r.chance() {
			in[7] = r.floats(n, 3*hidden)
		}
	}
	return drawnNode{op: op, attrs: attrs, in: in, outputs: outputs}
}

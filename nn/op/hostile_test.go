package op_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// noInput lists the operators that need no input.
var noInput = []string{"Constant", "RandomNormal", "RandomUniform", "SequenceEmpty", "Optional", "OptionalHasElement"}

func TestArityIsDeclared(t *testing.T) {
	for _, o := range op.All() {
		if (o.MinIn == 0) != slices.Contains(noInput, o.Name) {
			t.Errorf("%s has MinIn %d", o.Name, o.MinIn)
		}
		if o.MinIn > 0 {
			n := &ir.Node{Name: "n", Op: o.Name, Domain: o.Domain}
			if _, err := op.Eval(n, make([]*tensor.Tensor, o.MinIn)); err == nil || !strings.Contains(err.Error(), "missing") {
				t.Errorf("%s without inputs: %v", o.Name, err)
			}
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, o := range op.All() {
		k := [2]string{o.Domain, o.Name}
		if seen[k] {
			t.Errorf("%s %s is defined twice", o.Domain, o.Name)
		}
		seen[k] = true
	}
}

// TestNothingPanics feeds every operator with what no model should hold: wrong
// types and ranks, empty tensors, indices and sizes out of range, attributes
// with absurd values. It may err in any way but a panic, and must not take
// memory that a file of a few bytes asks for.
func TestNothingPanics(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	rounds := 400
	if testing.Short() {
		rounds = 50
	}
	for _, o := range op.All() {
		for range rounds {
			n, in := hostileNode(r, o)
			if msg := survives(n, in); msg != "" {
				t.Errorf("%s", msg)
				break
			}
		}
	}
}

// survives evaluates the node, infers its types, builds its gradient and runs
// that, and describes a panic or a contradiction.
func survives(n *ir.Node, in []*tensor.Tensor) (msg string) {
	defer func() {
		if p := recover(); p != nil {
			msg = fmt.Sprintf("%s%v with %v, version %d: %v\n%s", n.Op, in, n.Attrs, n.Version, p, stackOf())
		}
	}()
	out, evalErr := op.Eval(n, in)
	types := make([]op.Type, len(in))
	for i, x := range in {
		types[i] = op.TypeOf(x)
	}
	inferred, err := op.Infer(n, types)
	if evalErr == nil && err != nil {
		return fmt.Sprintf("%s%v with %v, version %d: runs, but its types are refused: %v", n.Op, in, n.Attrs, n.Version, err)
	}
	for i := range types {
		types[i] = op.Type{DType: types[i].DType}
	}
	if _, err := op.Infer(n, types); evalErr == nil && err != nil {
		return fmt.Sprintf("%s%v with %v, version %d: runs, but its types are refused when less is known: %v", n.Op, in, n.Attrs, n.Version, err)
	}
	if evalErr != nil {
		return ""
	}
	for i, y := range out {
		if y != nil && i < len(inferred) && i < len(n.Outputs) && inferred[i].DType != y.DType() {
			return fmt.Sprintf("%s%v with %v, version %d: output %d is %v, inferred %v", n.Op, in, n.Attrs, n.Version, i, y, inferred[i].DType)
		}
	}
	differentiate(n, in, out)
	return ""
}

// differentiate builds the gradient of a node that runs, with every output's
// gradient given and every input's wanted, and runs that. It may err.
func differentiate(n *ir.Node, in, out []*tensor.Tensor) {
	o := op.Lookup(n.Domain, n.Op)
	if o.Grad == nil {
		return
	}
	g := ir.New("hostile")
	node := *n
	node.Inputs, node.Outputs = slices.Clone(n.Inputs), nil
	g.Opsets[n.Domain] = n.Version
	types := []op.Type{}
	value := func(t *tensor.Tensor) ir.ValueID {
		if t == nil {
			return ir.None
		}
		types = append(types, op.TypeOf(t))
		return g.AddConst(fmt.Sprint(len(types)), t)
	}
	for i, t := range in {
		node.Inputs[i] = value(t)
	}
	rule := &op.Grad{Wanted: slices.Repeat([]bool{true}, len(in))}
	dy := []ir.ValueID{}
	for i, y := range out {
		if i < len(n.Outputs) {
			node.Outputs = append(node.Outputs, value(y))
			dy = append(dy, value(y))
		}
	}
	rule.Types, rule.Builder = types, ir.NewBuilder(g, "grad/")
	if _, err := o.Grad(rule, &node, dy); err == nil {
		_, _ = optest.Run(g, nil)
	}
}

// stackOf keeps the lines of the stack that lie in this module.
func stackOf() string {
	var lines []string
	for _, l := range strings.Split(string(debug.Stack()), "\n") {
		if strings.Contains(l, ".go:") && strings.Contains(l, "/nn/") && !strings.Contains(l, "hostile_test") {
			lines = append(lines, strings.TrimSpace(l))
		}
	}
	return strings.Join(lines[:min(4, len(lines))], "\n")
}

func hostileNode(r *rand.Rand, o *op.Op) (*ir.Node, []*tensor.Tensor) {
	n := &ir.Node{Name: "n", Op: o.Name, Domain: o.Domain, Version: 1 + r.IntN(ir.LatestOpset), Attrs: hostileAttrs(r)}
	in := make([]*tensor.Tensor, o.MinIn+r.IntN(3))
	shape := hostileShape(r)
	dtype := hostileType(r)
	for i := range in {
		n.Inputs = append(n.Inputs, ir.ValueID(i))
		switch r.IntN(8) {
		case 0: // anything
			shape, dtype = hostileShape(r), hostileType(r)
		case 1, 2: // a list of integers
			in[i] = hostileInts(r)
			continue
		case 3:
			if i >= o.MinIn {
				n.Inputs[i] = ir.None
				continue
			}
		}
		if in[i] = hostileTensor(r, dtype, shape); r.IntN(4) == 0 || o.Containers && r.IntN(2) == 0 {
			in[i] = hostileContainer(r, in[i])
		}
	}
	for i := range 1 + r.IntN(3) {
		n.Outputs = append(n.Outputs, ir.ValueID(len(in)+i))
	}
	return n, in
}

func hostileShape(r *rand.Rand) []int {
	shape := make([]int, []int{0, 1, 1, 2, 2, 3, 4, 4, 5}[r.IntN(9)])
	for i := range shape {
		shape[i] = []int{0, 1, 1, 2, 3, 4}[r.IntN(6)]
	}
	return shape
}

func hostileType(r *rand.Rand) tensor.DType {
	if r.IntN(2) == 0 {
		return tensor.Float32
	}
	return tensor.Float32 + tensor.DType(r.IntN(int(tensor.F4E2M1-tensor.Float32)+1))
}

func hostileTensor(r *rand.Rand, dtype tensor.DType, shape []int) *tensor.Tensor {
	if dtype == tensor.String {
		t := tensor.New(dtype, shape...)
		for i, d := 0, tensor.Data[string](t); i < len(d); i++ {
			d[i] = words[r.IntN(len(words))]
		}
		return t
	}
	v := tensor.New(tensor.Float64, shape...)
	for i, d := 0, tensor.Data[float64](v); i < len(d); i++ {
		d[i] = []float64{0, 1, -1, 2, 0.5, -3.7, 1e30, math.NaN(), math.Inf(1)}[r.IntN(9)]
	}
	if t, err := v.Convert(dtype); err == nil {
		return t
	}
	return tensor.New(dtype, shape...)
}

// hostileContainer makes a sequence or an optional of t, nested ones too, which
// no operator makes.
func hostileContainer(r *rand.Rand, t *tensor.Tensor) *tensor.Tensor {
	switch r.IntN(6) {
	case 0:
		return tensor.NewSequence()
	case 1:
		return tensor.NewOptional(nil)
	case 2:
		return tensor.NewOptional(t)
	case 3:
		return tensor.NewOptional(tensor.NewSequence(t))
	case 4:
		return tensor.NewSequence(t, tensor.NewSequence(t))
	}
	return tensor.NewSequence(slices.Repeat([]*tensor.Tensor{t}, 1+r.IntN(4))...)
}

var extremes = []int64{
	0, 0, 1, 1, 1, 2, 2, 3, 4, 5, -1, -1, -2, -3, 7, 100, 1 << 20, 1 << 31, 1 << 40,
	math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, -1 << 31,
}

func hostileInt(r *rand.Rand) int64 { return extremes[r.IntN(len(extremes))] }

func hostileInts(r *rand.Rand) *tensor.Tensor {
	v := make([]int64, r.IntN(6))
	for i := range v {
		v[i] = hostileInt(r)
	}
	t := tensor.Vector(v...)
	if len(v) == 1 && r.IntN(2) == 0 {
		t = t.Reshape()
	}
	if r.IntN(4) == 0 {
		t, _ = t.Convert(tensor.Int32)
	}
	return t
}

var attrNames = []string{
	"axis", "axes", "perm", "keepdims", "noop_with_empty_axes", "starts", "ends", "split", "num_outputs", "batch_dims",
	"shape", "allowzero", "to", "dtype", "value", "k", "largest", "blocksize", "block_size", "output_dtype", "pads", "paddings", "mode",
	"broadcast", "start", "end", "upper", "batch_axis", "time_axis", "kernel_shape", "strides", "dilations", "group", "auto_pad",
	"ceil_mode", "storage_order", "output_shape", "output_padding", "epsilon", "alpha", "beta", "bias", "size", "p", "num_groups",
	"direction", "seed", "ratio", "fmod", "equation", "hidden_size", "num_heads", "is_causal", "q_num_heads", "kv_num_heads",
	"scales", "tiles", "border", "reduction", "sorted", "detect_positive", "transA", "transB", "training_mode", "ignore_index",
	"coordinate_transformation_mode", "nearest_mode", "antialias", "align_corners", "padding_mode", "interpolation_mode", "width_scale",
	"new_axis", "stash_type", "approximate", "select_last_index", "exclusive", "reverse", "rotary_embedding_dim", "interleaved", "layout",
	"delimiter", "maxsplit", "pattern", "stopwords", "case_change_action", "ngram_counts", "ngram_indexes", "pool_int64s", "pool_strings",
	"weights", "min_gram_length", "max_gram_length", "max_skip_count", "classes_strings", "keys_strings", "keys_int64s", "keys_floats",
	"values_strings", "values_int64s", "values_floats", "cats_strings", "cats_int64s",
}

var words = []string{"", "constant", "reflect", "edge", "wrap", "CRD", "DCR", "add", "mul", "max", "SAME_UPPER", "SAME_LOWER", "VALID",
	"LEFT", "linear", "cubic", "nearest", "bidirectional", "ij,jk->ik", "...i->...", "ii->i", "mean", "none", "sum", "align_corners",
	"tf_crop_and_resize", "zeros", "border", "reflection", "nonsense", "TF", "IDF", "TFIDF", "LOWER", "(a{999}){999}", "[a-z]+", "\xff"}

func hostileAttrs(r *rand.Rand) ir.Attrs {
	a := ir.Attrs{}
	for range r.IntN(12) {
		name := attrNames[r.IntN(len(attrNames))]
		switch r.IntN(7) {
		case 5:
			a[name] = ir.Attr{Value: words[r.IntN(len(words)-3):][:r.IntN(4)]}
		case 6:
			a[name] = ir.Attr{Value: []float32{0, 1e30, float32(math.Inf(-1))}[:r.IntN(4)]}
		case 0, 1:
			a[name] = ir.Attr{Value: hostileInt(r)}
		case 2:
			v := make([]int64, r.IntN(6))
			for i := range v {
				v[i] = hostileInt(r)
			}
			a[name] = ir.Attr{Value: v}
		case 3:
			a[name] = ir.Attr{Value: words[r.IntN(len(words))]}
		case 4:
			a[name] = ir.Attr{Value: []float32{0, 1, -1, float32(math.NaN()), 1e30}[r.IntN(5)]}
		}
	}
	return a
}

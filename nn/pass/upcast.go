package pass

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Upcast returns g with float16 and bfloat16 widened to float32: inputs and
// other values, weights, and the types that Cast and its like name, in
// subgraphs and functions too. Nodes and values keep their IDs, so that what is
// known of one graph holds for the other. A graph without 16-bit floats is
// returned as it is.
func Upcast(g *ir.Graph) *ir.Graph {
	if !hasHalves(g) && !slices.ContainsFunc(slices.Collect(maps.Values(g.Functions)), functionHasHalves) {
		return g
	}
	u := &upcasting{map[string]*ir.Function{}}
	for key, f := range g.Functions {
		wide := *f
		wide.Body, wide.Defaults = u.graph(f.Body), u.attrs(f.Defaults)
		u.functions[key] = &wide
	}
	return u.graph(g)
}

// upcasting is the work on one model; all its graphs share the functions.
type upcasting struct{ functions map[string]*ir.Function }

func (u *upcasting) graph(g *ir.Graph) *ir.Graph {
	out := g.Clone()
	out.Functions = u.functions
	for i := range out.Values {
		upcastValue(&out.Values[i])
	}
	for i := range out.Nodes {
		out.Nodes[i].Attrs = u.attrs(out.Nodes[i].Attrs)
	}
	return out
}

func upcastValue(v *ir.Value) {
	if !isHalf(v.DType) {
		return
	}
	v.DType = tensor.Float32
	if v.Const != nil {
		v.Const = upcastTensor(v.Const)
	}
}

func upcastTensor(t *tensor.Tensor) *tensor.Tensor {
	if !isHalf(t.DType()) {
		return t
	}
	wide, err := t.Convert(tensor.Float32)
	if err != nil {
		panic(fmt.Sprintf("pass: %v", err)) // every float can be widened
	}
	return wide
}

func isHalf(d tensor.DType) bool { return d == tensor.Float16 || d == tensor.BFloat16 }

func (u *upcasting) attrs(attrs ir.Attrs) ir.Attrs {
	if attrs == nil {
		return nil
	}
	out := make(ir.Attrs, len(attrs))
	for name, a := range attrs {
		out[name] = ir.Attr{Value: u.attr(name, a.Value)}
	}
	return out
}

func (u *upcasting) attr(name string, value any) any {
	switch v := value.(type) {
	case int64:
		if namesType(name) && (v == onnxFloat16 || v == onnxBFloat16) {
			return int64(onnxFloat)
		}
	case string: // of Optional and SequenceEmpty: "seq(float16)"
		if name == "type" {
			return halfNames.Replace(v)
		}
	case *tensor.Tensor:
		return upcastTensor(v)
	case []*tensor.Tensor:
		return mapAll(v, upcastTensor)
	case *ir.Graph:
		return u.graph(v)
	case []*ir.Graph:
		return mapAll(v, u.graph)
	}
	return value
}

func mapAll[T any](list []T, f func(T) T) []T {
	out := make([]T, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

// The numbers by which ONNX names the 16-bit floats and float32 in attributes
// such as Cast's "to" (TensorProto.DataType).
const (
	onnxFloat    = 1
	onnxFloat16  = 10
	onnxBFloat16 = 16
)

var halfNames = strings.NewReplacer("bfloat16", "float32", "float16", "float32")

// namesType reports whether an attribute of that name holds an element type.
func namesType(attr string) bool {
	switch attr {
	case "to", "dtype", "output_dtype", "stash_type", "softmax_precision":
		return true
	}
	return false
}

// hasHalves reports whether a graph or one of its subgraphs holds anything that
// Upcast changes.
func hasHalves(g *ir.Graph) bool {
	return slices.ContainsFunc(g.Values, func(v ir.Value) bool { return isHalf(v.DType) }) ||
		slices.ContainsFunc(g.Nodes, func(n ir.Node) bool { return attrsHaveHalves(n.Attrs) })
}

func functionHasHalves(f *ir.Function) bool { return hasHalves(f.Body) || attrsHaveHalves(f.Defaults) }

func attrsHaveHalves(attrs ir.Attrs) bool {
	for name, a := range attrs {
		switch v := a.Value.(type) {
		case int64:
			if namesType(name) && (v == onnxFloat16 || v == onnxBFloat16) {
				return true
			}
		case string:
			if name == "type" && strings.Contains(v, "float16") {
				return true
			}
		case *tensor.Tensor:
			if isHalf(v.DType()) {
				return true
			}
		case []*tensor.Tensor:
			if slices.ContainsFunc(v, func(t *tensor.Tensor) bool { return isHalf(t.DType()) }) {
				return true
			}
		case *ir.Graph:
			if hasHalves(v) {
				return true
			}
		case []*ir.Graph:
			if slices.ContainsFunc(v, hasHalves) {
				return true
			}
		}
	}
	return false
}

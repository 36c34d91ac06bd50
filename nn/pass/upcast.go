package pass

import (
	"fmt"
	"maps"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Upcast returns g with float16 and bfloat16 widened to float32: inputs and
// other values, weights, and the types that Cast and its like name. Nodes and
// values keep their IDs, so that what is known of one graph holds for the
// other. A graph without 16-bit floats is returned as it is.
func Upcast(g *ir.Graph) *ir.Graph {
	if !hasHalves(g) {
		return g
	}
	out := g.Clone()
	for i := range out.Values {
		upcastValue(&out.Values[i])
	}
	for i := range out.Nodes {
		n := &out.Nodes[i]
		if changed := upcastAttrs(n.Attrs); changed != nil {
			n.Attrs = changed
		}
	}
	return out
}

func isHalf(d tensor.DType) bool { return d == tensor.Float16 || d == tensor.BFloat16 }

func hasHalves(g *ir.Graph) bool {
	for i := range g.Values {
		if isHalf(g.Values[i].DType) {
			return true
		}
	}
	for i := range g.Nodes {
		if upcastAttrs(g.Nodes[i].Attrs) != nil {
			return true
		}
	}
	return false
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
	wide, err := t.Convert(tensor.Float32)
	if err != nil {
		panic(fmt.Sprintf("pass: %v", err)) // every float can be widened
	}
	return wide
}

// The numbers by which ONNX names the 16-bit floats and float32 in attributes
// such as Cast's "to" (TensorProto.DataType).
const (
	onnxFloat    = 1
	onnxFloat16  = 10
	onnxBFloat16 = 16
)

// upcastAttrs returns the attributes with 16-bit types replaced, or nil if
// there are none.
func upcastAttrs(attrs ir.Attrs) ir.Attrs {
	var out ir.Attrs
	set := func(name string, v any) {
		if out == nil {
			out = maps.Clone(attrs)
		}
		out[name] = ir.Attr{Value: v}
	}
	for name, a := range attrs {
		switch v := a.Value.(type) {
		case int64:
			if namesType(name) && (v == onnxFloat16 || v == onnxBFloat16) {
				set(name, int64(onnxFloat))
			}
		case *tensor.Tensor:
			if isHalf(v.DType()) {
				set(name, upcastTensor(v))
			}
		case *ir.Graph:
			if hasHalves(v) {
				set(name, Upcast(v))
			}
		case []*ir.Graph:
			graphs := make([]*ir.Graph, len(v))
			for i, g := range v {
				graphs[i] = Upcast(g)
			}
			set(name, graphs)
		}
	}
	return out
}

// namesType reports whether an attribute of that name holds an element type.
func namesType(attr string) bool {
	switch attr {
	case "to", "dtype", "output_dtype", "stash_type", "softmax_precision":
		return true
	}
	return false
}

package exports

import (
	"maps"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Double returns the network g with float64 in place of float32: its inputs,
// constants and conversions, in bodies too. Weights keep their numbers. It is
// the network as it would compute without rounding.
func Double(g *ir.Graph) *ir.Graph {
	d := g.Clone()
	d.Functions = map[string]*ir.Function{}
	for key, f := range g.Functions {
		body := *f
		body.Body = double(f.Body, d.Functions)
		d.Functions[key] = &body
	}
	return double(d, d.Functions)
}

func double(g *ir.Graph, functions map[string]*ir.Function) *ir.Graph {
	d := g.Clone()
	d.Functions = functions
	kept := map[ir.ValueID]bool{}
	for i := range d.Nodes {
		n := &d.Nodes[i]
		for _, v := range single(n) {
			kept[v] = true
		}
		n.Attrs = doubleAttrs(n, functions)
	}
	for i := range d.Values {
		if v := &d.Values[i]; v.DType == tensor.Float32 && !kept[ir.ValueID(i)] {
			v.DType = tensor.Float64
			if v.Const != nil {
				v.Const = Widened(v.Const)
			}
		}
	}
	return d
}

// single lists the inputs that the standard wants in float32 whatever the type
// of the others is.
func single(n *ir.Node) []ir.ValueID {
	switch n.Op {
	case "Resize":
		if n.Version < 11 {
			return n.Inputs[1:] // scales
		}
		return n.Inputs[min(2, len(n.Inputs)):min(3, len(n.Inputs))]
	case "Upsample":
		return n.Inputs[1:]
	case "DequantizeLinear", "QuantizeLinear":
		return n.Inputs
	}
	return nil
}

func doubleAttrs(n *ir.Node, functions map[string]*ir.Function) ir.Attrs {
	attrs := ir.Attrs{}
	maps.Copy(attrs, n.Attrs)
	for name, a := range attrs {
		switch x := a.Value.(type) {
		case *tensor.Tensor:
			attrs[name] = ir.Attr{Value: Widened(x)}
		case *ir.Graph:
			attrs[name] = ir.Attr{Value: double(x, functions)}
		}
	}
	for _, name := range []string{"to", "dtype"} { // of Cast, EyeLike and others
		if attrs.Int(name, 0) == floatCode {
			attrs[name] = ir.Attr{Value: int64(doubleCode)}
		}
	}
	if n.Op == "ConstantOfShape" && !attrs.Has("value") {
		attrs["value"] = ir.Attr{Value: tensor.New(tensor.Float64, 1)}
	}
	return attrs
}

// The numbers of types in ONNX files.
const (
	floatCode  = 1
	doubleCode = 11
)

// Widened returns t in float64 if it is of float32, else t.
func Widened(t *tensor.Tensor) *tensor.Tensor {
	if t.DType() != tensor.Float32 {
		return t
	}
	wide, err := t.Convert(tensor.Float64)
	if err != nil {
		panic(err) // of a float32, which every float64 holds
	}
	return wide
}

package ort

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// tidy returns g as a model that can be written: its inputs are the feeds with
// their exact types, its outputs have element types, constants that nobody reads
// are gone, and every value has a name of its own, which subgraphs share for
// what they capture.
func tidy(g *ir.Graph, types []op.Type, feeds []exec.Feed) (*ir.Graph, error) {
	g = renamed(g, "v", nil)
	read := readValues(g)
	for i := range g.Values {
		v := &g.Values[i]
		v.Missing, v.Doc = "", ""
		if !read[ir.ValueID(i)] {
			v.Const = nil
		}
	}
	// Where the library can tell from shapes which branch is taken, it pulls the
	// branch out and then trips over the types it had before (1.30).
	branches := slices.ContainsFunc(g.Nodes, func(n ir.Node) bool { return len(n.Subgraphs()) > 0 })
	g.Inputs = nil
	for _, f := range feeds {
		v := &g.Values[f.Value]
		v.DType, v.Shape = f.DType, ir.Dims(f.Shape...)
		if branches {
			v.Shape = make(ir.Shape, len(f.Shape))
			for a := range v.Shape {
				v.Shape[a] = ir.Symbol("")
			}
		}
		if f.DType == tensor.String || f.DType.IsContainer() {
			return nil, &ValueError{f.DType.String()}
		}
		g.Inputs = append(g.Inputs, f.Value)
	}
	for _, id := range g.Outputs {
		v := &g.Values[id]
		if v.Kind != ir.TensorKind || types[id].DType.IsContainer() {
			return nil, &ValueError{"sequence, map or optional"}
		}
		v.DType, v.Shape = types[id].DType, nil
	}
	return g, nil
}

// apart returns g with copies for outputs that nodes read too. A fusion of the
// library's that takes such a node away may overlook that its result is asked
// for (FastGelu's, 1.30), and then gives what is in the memory.
func apart(g *ir.Graph) *ir.Graph {
	read := readValues(g)
	g = g.Clone()
	b := ir.NewBuilder(g, "output/")
	for i, v := range g.Outputs {
		if read[v] && g.Values[v].Kind == ir.TensorKind {
			g.Outputs[i] = b.Op("Identity", nil, v)
		}
	}
	return g
}

// renamed returns a copy of g whose values are called prefix and their number,
// but for captured ones, which are called as outside. Declared shapes are
// dropped: the library infers those that hold for the feeds.
func renamed(g *ir.Graph, prefix string, outside *ir.Graph) *ir.Graph {
	g = withOutputs(g.Clone())
	if outside != nil {
		throughNodes(g)
	}
	for i := range g.Values {
		g.Values[i].Name, g.Values[i].Shape = fmt.Sprint(prefix, i), nil
	}
	for inner, outer := range g.Captures {
		g.Values[inner].Name = outside.Values[outer].Name
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		n.Attrs = mapBodies(n.Attrs, func(name string, sub *ir.Graph) *ir.Graph {
			shapes := sub.Values
			sub = renamed(sub, fmt.Sprint(prefix, i, name), g)
			if n.Op == "Loop" { // whose iteration and condition must have a rank
				for _, v := range sub.Inputs[:2] {
					if sub.Values[v].Shape = shapes[v].Shape; shapes[v].Shape == nil {
						sub.Values[v].Shape = ir.Shape{}
					}
				}
			}
			return sub
		})
	}
	return g
}

// throughNodes lets every output of a body come out of a node of its own: of what
// a Scan only passes on the library does not learn the shape, and then puts out
// whatever is in the memory (1.30).
func throughNodes(g *ir.Graph) {
	for i, v := range g.Outputs {
		if g.Values[v].Producer != ir.None && !slices.Contains(g.Outputs[:i], v) {
			continue
		}
		passed := g.Values[v]
		passed.Const, passed.Producer = nil, ir.NodeID(len(g.Nodes))
		g.Outputs[i] = g.AddValue(passed)
		g.Nodes = append(g.Nodes, ir.Node{Name: passed.Name + "/passed", Op: "Identity", Version: ir.LatestOpset, Inputs: []ir.ValueID{v}, Outputs: g.Outputs[i : i+1 : i+1]})
	}
}

// optionalOutputs are the operators of ONNX of which outputs may be left out.
var optionalOutputs = map[string]bool{
	"Attention": true, "BatchNormalization": true, "Dropout": true, "GRU": true, "LayerNormalization": true,
	"LSTM": true, "MaxPool": true, "RNN": true, "SoftmaxCrossEntropyLoss": true, "Unique": true,
}

// withOutputs gives the other operators all their outputs, in g itself: the
// library does not look whether a Split has them, and crashes.
func withOutputs(g *ir.Graph) *ir.Graph {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Domain != "" || optionalOutputs[n.Op] || !slices.Contains(n.Outputs, ir.None) {
			continue
		}
		n.Outputs = slices.Clone(n.Outputs)
		for k, v := range n.Outputs {
			if v == ir.None {
				n.Outputs[k] = g.AddValue(ir.Value{})
			}
		}
	}
	return g
}

// mapBodies copies attributes with f applied to the graphs among them.
func mapBodies(attrs ir.Attrs, f func(name string, sub *ir.Graph) *ir.Graph) ir.Attrs {
	var out ir.Attrs
	for name, a := range attrs {
		if sub, ok := a.Value.(*ir.Graph); ok {
			if out == nil {
				out = maps.Clone(attrs)
			}
			out[name] = ir.Attr{Value: f(name, sub)}
		}
	}
	if out == nil {
		return attrs
	}
	return out
}

// withoutFunctions returns g with the functions inlined that its subgraphs call.
func withoutFunctions(g *ir.Graph) (*ir.Graph, error) {
	g = g.Clone()
	var failed error
	for i := range g.Nodes {
		g.Nodes[i].Attrs = mapBodies(g.Nodes[i].Attrs, func(_ string, sub *ir.Graph) *ir.Graph {
			sub, err := pass.InlineFunctions(sub)
			if err == nil {
				sub, err = withoutFunctions(sub)
			}
			failed = cmp.Or(failed, err)
			return sub
		})
	}
	g.Functions = nil
	return g, failed
}

func readValues(g *ir.Graph) map[ir.ValueID]bool {
	read := map[ir.ValueID]bool{}
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Reads() {
			read[v] = true
		}
	}
	return read
}

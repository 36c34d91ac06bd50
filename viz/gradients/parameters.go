package gradients

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A parameter is an array that training changes.
type parameter struct {
	name, layer string
	// matrix tells the weights that a layer multiplies with from biases, gains and
	// embeddings.
	matrix bool
	shape  []int // nil if not known
	// value is the constant in the graph, and node what reads it first; None in a
	// log.
	value ir.ValueID
	node  ir.NodeID
}

// A trainable network is a model's parameters, and what they are parts of.
type trainable struct {
	parameters []parameter // in the order of computation
	// layers are those that multiply with weights, in the order of computation.
	layers []layer
	// What is learned and has no gradient here.
	unreached, quantized []string
	// shared are parameters that several nodes read.
	shared []string
	// frozen counts the normalizations that use statistics kept from training.
	frozen int
}

// A layer is what the parameters of one name belong to.
type layer struct {
	name   string
	output ir.ValueID // what the last node that reads a parameter puts out
}

// findTrainable lists the parameters that the answer depends on.
func findTrainable(m *model.Model, answer ir.ValueID) (*trainable, error) {
	t := &trainable{}
	consumers := m.Net.Consumers()
	needed := m.Net.Needed([]ir.ValueID{answer}, nil)
	for i := range m.Net.Values {
		v := &m.Net.Values[i]
		if !m.File.Values[i].Param || v.Const == nil {
			continue
		}
		nodes := readers(m.Net, consumers, needed, ir.ValueID(i))
		switch {
		case !v.DType.IsFloat():
			t.quantized = append(t.quantized, v.Name)
		case len(nodes) == 0 || v.DType != tensor.Float32:
			t.unreached = append(t.unreached, v.Name)
		default:
			if len(nodes) > 1 {
				t.shared = append(t.shared, v.Name)
			}
			t.add(m, ir.ValueID(i), slices.Min(nodes))
		}
	}
	if len(t.parameters) == 0 {
		return nil, viz.Userf("%s has no parameter that its answer depends on: none of its constants is the weight of a layer", m.Name)
	}
	slices.SortStableFunc(t.parameters, func(a, b parameter) int { return cmp.Compare(a.node, b.node) })
	for i := range m.Net.Nodes {
		if m.Net.Nodes[i].Op == "BatchNormalization" && needed[i] {
			t.frozen++
		}
	}
	t.findLayers(m)
	return t, nil
}

// carriers pass a parameter on as it is.
var carriers = []string{"Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand", "Slice", "Split"}

// measures ask how large a parameter is, and not what it is: exporters write a
// bias of zeros in the size of the weights so.
var measures = []string{"Shape", "Size"}

// readers are the nodes on the way to the answer that compute with a value, be it
// reshaped or turned before.
func readers(g *ir.Graph, consumers [][]ir.NodeID, needed []bool, v ir.ValueID) []ir.NodeID {
	var out []ir.NodeID
	for _, id := range consumers[v] {
		n := &g.Nodes[id]
		switch {
		case !needed[id] || slices.Contains(measures, n.Op):
		case slices.Contains(carriers, n.Op):
			for _, carried := range n.Outputs {
				if carried != ir.None {
					out = append(out, readers(g, consumers, needed, carried)...)
				}
			}
		default:
			out = append(out, id)
		}
	}
	return out
}

func (t *trainable) add(m *model.Model, v ir.ValueID, node ir.NodeID) {
	value := &m.Net.Values[v]
	shape := value.Const.Shape()
	t.parameters = append(t.parameters, parameter{
		name: value.Name, layer: layerOf(value.Name, &m.Net.Nodes[node]), value: v, node: node, shape: shape,
		matrix: isMatrix(shape, &m.Net.Nodes[node]),
	})
}

// isMatrix tells by what reads it: gains and offsets may have several extents,
// of which all but one are 1, or be added as they are; embeddings are looked up,
// and scaled as they like before the first normalization.
func isMatrix(shape []int, n *ir.Node) bool {
	wide := 0
	for _, d := range shape {
		if d > 1 {
			wide++
		}
	}
	switch n.Op {
	case "Add", "Mul", "Sub", "Div", "BatchNormalization", "LayerNormalization", "InstanceNormalization", "GroupNormalization", "PRelu", "Concat", "Gather":
		return false
	case "Conv", "ConvTranspose", "MatMul", "Gemm":
		return len(shape) > 1
	}
	return wide > 1
}

// layerOf is what a parameter's name says, without its last part, or else the
// module or the node that reads it.
func layerOf(name string, n *ir.Node) string {
	if !strings.Contains(name, "::") { // as in onnx::MatMul_412
		if layer := strings.TrimRight(name[:strings.LastIndexAny(name, "./")+1], "./"); layer != "" {
			return layer
		}
	}
	switch {
	case n.Module != "":
		return n.Module
	case n.Name != "":
		return n.Name
	}
	return name
}

// findLayers groups the parameters. Gains and offsets pass a gradient on much as
// it is.
func (t *trainable) findLayers(m *model.Model) {
	last := map[string]ir.NodeID{}
	for _, p := range t.parameters {
		if _, known := last[p.layer]; !known {
			t.layers = append(t.layers, layer{name: p.layer})
		}
		last[p.layer] = max(last[p.layer], p.node)
	}
	for i := range t.layers {
		l := &t.layers[i]
		l.output = m.Net.Nodes[last[l.name]].Output(0)
	}
	t.layers = slices.DeleteFunc(t.layers, func(l layer) bool {
		return !slices.ContainsFunc(t.parameters, func(p parameter) bool { return p.layer == l.name && p.matrix })
	})
}

package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// nodeFacts is all there is to know of a node, for the side panel.
func nodeFacts(s *network, id ir.NodeID) []figure.Fact {
	n, f := &s.model.Net.Nodes[id], &s.nodes[id]
	var out facttable
	out.add("name", n.Name)
	out.add("operator", operatorName(n))
	out.add("module", n.Module)
	for i, v := range n.Inputs {
		if v != ir.None && s.model.Net.Values[v].Const == nil {
			out.add(fmt.Sprintf("input %d", i), valueText(s, v))
		}
	}
	for i, v := range n.Outputs {
		if v != ir.None {
			out.add(fmt.Sprintf("output %d", i), valueText(s, v))
		}
	}
	for _, v := range f.params {
		value := &s.model.File.Values[v]
		kind := "parameter"
		if value.Buffer {
			kind = "buffer"
		}
		out.add(kind, fmt.Sprintf("%s %s %s", value.Name, value.DType, value.Shape))
	}
	for _, name := range slices.Sorted(maps.Keys(n.Attrs)) {
		out.add(name, attrText(n.Attrs[name]))
	}
	out.addSums(f.sums)
	out.add("about", n.Doc)
	return out
}

func moduleFacts(s *network, m *module) []figure.Fact {
	var out facttable
	out.add("module", m.path)
	out.add("operators", figure.Thousands(int64(m.sums.nodes)))
	if v := s.model.Net.Nodes[m.last].Output(0); v != ir.None {
		out.add("output", valueText(s, v))
	}
	out.addSums(m.sums)
	return out
}

func valueFacts(s *network, v ir.ValueID) []figure.Fact {
	value := &s.model.Net.Values[v]
	var out facttable
	out.add("name", value.Name)
	out.add("type", s.model.File.Values[v].DType.String())
	out.add("shape", s.model.Types[v].Shape.String())
	out.add("about", value.Doc)
	return out
}

// A facttable leaves out what is empty.
type facttable []figure.Fact

func (t *facttable) add(name, value string) {
	if value != "" {
		*t = append(*t, figure.Fact{Name: name, Value: value})
	}
}

func (t *facttable) addSums(s sums) {
	if s.params > 0 {
		t.add("parameters", figure.Thousands(s.params))
	}
	if s.buffers > 0 {
		t.add("buffers", figure.Thousands(s.buffers))
	}
	if s.macs > 0 {
		t.add("multiply-accumulates", figure.Thousands(s.macs))
	}
	if s.flops > 0 {
		t.add("floating-point operations", figure.Thousands(s.flops))
	}
	if s.activations > 0 {
		t.add("bytes put out", figure.Thousands(s.activations))
	}
}

func operatorName(n *ir.Node) string {
	domain := n.Domain
	if domain == "" {
		domain = "ONNX"
	}
	return fmt.Sprintf("%s (%s, version %d)", n.Op, domain, n.Version)
}

func valueText(s *network, v ir.ValueID) string {
	dtype := s.model.File.Values[v].DType
	if dtype == tensor.Invalid {
		dtype = s.model.Types[v].DType
	}
	word := ""
	if dtype != tensor.Invalid {
		word = dtype.String() + " "
	}
	return strings.TrimSpace(s.model.Net.Values[v].Name + " " + word + s.model.Types[v].Shape.String())
}

// attrText writes an attribute for people; long lists are cut.
func attrText(a ir.Attr) string {
	switch v := a.Value.(type) {
	case *tensor.Tensor:
		return v.String()
	case *ir.Graph:
		return fmt.Sprintf("a graph of %d nodes", len(v.Nodes))
	case []int64:
		return sequence(v)
	case []float32:
		return sequence(v)
	case []string:
		return sequence(v)
	case ir.Ref:
		return "@" + v.Name
	}
	text := fmt.Sprint(a.Value)
	if r := []rune(text); len(r) > 80 {
		text = string(r[:79]) + "…"
	}
	return text
}

func sequence[T any](v []T) string {
	const most = 12
	var parts []string
	for _, x := range v[:min(len(v), most)] {
		parts = append(parts, fmt.Sprint(x))
	}
	if len(v) > most {
		parts = append(parts, fmt.Sprintf("… (%d)", len(v)))
	}
	return strings.Join(parts, ", ")
}

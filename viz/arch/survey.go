package arch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A network is what is known of a model's nodes before anything is drawn.
type network struct {
	model      *model.Model
	nodes      []facts // by NodeID
	operators  int     // nodes that are shown
	quantizers int     // of those that are not
	idle       int     // the rest of those
	inner      int     // nodes in the graphs of If, Loop and Scan
	unknown    []string
	missing    []string
	total      sums
	flow       *flow
	stored     int64 // bytes of the weights in the file
	peak       int64 // bytes of activations alive at once
}

// facts are what one node makes, holds and costs.
type facts struct {
	// hidden marks plumbing: nodes that compute only constants or shapes, and
	// quantizers. The latter pass on what they are given.
	hidden, passes bool
	class          string
	sums
	params []ir.ValueID // learned or kept numbers that belong to this node
}

// sums are what adds up over nodes.
type sums struct {
	nodes         int
	params        int64
	buffers       int64
	macs, flops   int64
	activations   int64 // bytes that the nodes put out, in float32 where they are floats
	paramsInFile  int64 // bytes
	buffersInFile int64
}

func (a *sums) add(b sums) {
	a.nodes += b.nodes
	a.params += b.params
	a.buffers += b.buffers
	a.macs += b.macs
	a.flops += b.flops
	a.activations += b.activations
	a.paramsInFile += b.paramsInFile
	a.buffersInFile += b.buffersInFile
}

func survey(m *model.Model, plumbing bool) (*network, error) {
	s := &network{model: m, nodes: make([]facts, len(m.Net.Nodes))}
	if !plumbing {
		s.hideIdle()
		s.hideQuantizers()
	}
	s.count(m.TypesFor(1))
	s.assignWeights()
	s.addSubgraphs()
	for i := range s.nodes {
		if f := &s.nodes[i]; !f.hidden {
			s.operators++
			s.total.add(f.sums)
		}
	}
	for i := range m.File.Values {
		if v := &m.File.Values[i]; v.Missing != "" {
			s.missing = append(s.missing, fmt.Sprintf("The elements of %q are missing: %s.", v.Name, v.Missing))
		}
	}
	s.stored = s.total.paramsInFile + s.total.buffersInFile
	return s, nil
}

// hideIdle hides the nodes that no data flows through: those whose inputs are
// all constant, and integer arithmetic on shapes.
func (s *network) hideIdle() {
	g := s.model.Net
	still := make([]bool, len(g.Values)) // constant, or known from shapes alone
	for i := range g.Values {
		still[i] = g.Values[i].Const != nil || g.Values[i].Missing != ""
	}
	outputs := map[ir.ValueID]bool{}
	for _, v := range g.Outputs {
		outputs[v] = true
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		reads := n.Reads()
		idle := n.Op == "Shape" || n.Op == "Size" ||
			len(reads) > 0 && !slices.ContainsFunc(reads, func(v ir.ValueID) bool { return !still[v] })
		if !idle || slices.ContainsFunc(n.Outputs, func(v ir.ValueID) bool { return outputs[v] }) {
			continue
		}
		s.nodes[i].hidden = true
		s.idle++
		for _, v := range n.Outputs {
			if v != ir.None {
				still[v] = true
			}
		}
	}
}

// hideQuantizers hides the steps that round the values between the layers of a
// quantized network, if it has any layers.
func (s *network) hideQuantizers() {
	var found []ir.NodeID
	others := 0
	for i := range s.nodes {
		n := &s.model.Net.Nodes[i]
		switch {
		case s.nodes[i].hidden:
		case (n.Op == "QuantizeLinear" || n.Op == "DequantizeLinear") && n.Input(0) != ir.None:
			found = append(found, ir.NodeID(i))
		default:
			others++
		}
	}
	if others == 0 {
		return
	}
	for _, id := range found {
		s.nodes[id].hidden, s.nodes[id].passes = true, true
	}
	s.quantizers = len(found)
}

// count fills in class, cost and activations, from types with every extent
// known as far as possible.
func (s *network) count(types []op.Type) {
	g := s.model.Net
	seen := map[string]bool{}
	for i := range g.Nodes {
		n, f := &g.Nodes[i], &s.nodes[i]
		o := op.Lookup(n.Domain, n.Op)
		f.class = classOf(n, o != nil || g.Functions[ir.FuncKey(n.Domain, n.Op)] != nil)
		f.sums.nodes = 1
		if f.class == "unknown" && !seen[n.Op] {
			seen[n.Op] = true
			s.unknown = append(s.unknown, n.Op)
		}
		in, out := typesOf(types, n.Inputs), typesOf(types, n.Outputs)
		if o != nil && o.Cost != nil && known(out) {
			c := o.Cost(n, in, out)
			f.macs, f.flops = c.MACs, c.FLOPs
		}
		for _, t := range out {
			f.activations += bytesOf(t)
		}
	}
	s.peak = s.peakActivations(types)
}

func typesOf(types []op.Type, ids []ir.ValueID) []op.Type {
	out := make([]op.Type, len(ids))
	for i, v := range ids {
		if v != ir.None {
			out[i] = types[v]
		}
	}
	return out
}

func known(types []op.Type) bool {
	return len(types) > 0 && types[0].Shape != nil
}

func bytesOf(t op.Type) int64 {
	shape, ok := t.Shape.Ints()
	if !ok {
		return 0
	}
	n, err := tensor.NumElements(shape)
	if err != nil {
		return 0
	}
	return int64(n) * int64(t.DType.Size())
}

// peakActivations is the most that is alive at once if the nodes run in order
// and a value is freed after its last use.
func (s *network) peakActivations(types []op.Type) int64 {
	g := s.model.Net
	last := make([]int, len(g.Values))
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Reads() {
			last[v] = i
		}
	}
	for _, v := range g.Outputs {
		last[v] = len(g.Nodes)
	}
	ends := make([]int64, len(g.Nodes)+1)
	var alive, peak int64
	for _, v := range g.Inputs {
		alive += bytesOf(types[v])
		ends[last[v]] += bytesOf(types[v])
	}
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Outputs {
			if v != ir.None {
				alive += bytesOf(types[v])
				ends[max(last[v], i)] += bytesOf(types[v])
			}
		}
		peak = max(peak, alive)
		alive -= ends[i]
	}
	return peak
}

// assignWeights gives each weight to the first node with data that reads it,
// through the plumbing, so that a shared one counts once.
func (s *network) assignWeights() {
	g := s.model.Net
	uses := g.Consumers()
	for v := range g.Values {
		value := &s.model.File.Values[v]
		if !value.Param && !value.Buffer {
			continue
		}
		id := s.reader(uses, ir.ValueID(v))
		if id == ir.None {
			continue
		}
		f := &s.nodes[id]
		f.params = append(f.params, ir.ValueID(v))
		f.keep(value)
	}
}

// keep adds a weight to the sums.
func (a *sums) keep(v *ir.Value) {
	n, bytes := elements(v)
	if v.Param {
		a.params += n
		a.paramsInFile += bytes
	} else if v.Buffer {
		a.buffers += n
		a.buffersInFile += bytes
	}
}

// addSubgraphs gives nodes such as If and Loop the weights of the graphs in
// them; what those cost depends on the run.
func (s *network) addSubgraphs() {
	for i := range s.model.File.Nodes {
		for _, sub := range s.model.File.Nodes[i].Subgraphs() {
			s.nodes[i].keepAll(sub)
			s.inner += countNodes(sub)
		}
	}
}

func (a *sums) keepAll(g *ir.Graph) {
	for i := range g.Values {
		a.keep(&g.Values[i])
	}
	for i := range g.Nodes {
		for _, sub := range g.Nodes[i].Subgraphs() {
			a.keepAll(sub)
		}
	}
}

func countNodes(g *ir.Graph) int {
	n := len(g.Nodes)
	for i := range g.Nodes {
		for _, sub := range g.Nodes[i].Subgraphs() {
			n += countNodes(sub)
		}
	}
	return n
}

func (s *network) reader(uses [][]ir.NodeID, v ir.ValueID) ir.NodeID {
	for _, id := range uses[v] {
		if !s.nodes[id].hidden {
			return id
		}
		for _, out := range s.model.Net.Nodes[id].Outputs {
			if out == ir.None {
				continue
			}
			if found := s.reader(uses, out); found != ir.None {
				return found
			}
		}
	}
	return ir.None
}

func elements(v *ir.Value) (n, bytes int64) {
	shape, ok := v.Shape.Ints()
	if !ok {
		return 0, 0
	}
	count, err := tensor.NumElements(shape)
	if err != nil {
		return 0, 0
	}
	return int64(count), int64(count) * int64(v.DType.Size())
}

// ports writes graph inputs or outputs: "data 1×3×224×224".
func ports(s *network, ids []ir.ValueID) string {
	var parts []string
	for _, v := range ids {
		parts = append(parts, strings.TrimSpace(s.model.Net.Values[v].Name+" "+s.model.Types[v].Shape.String()))
	}
	return list(parts, 3)
}

// totals are the sums over the whole network.
func totals(s *network) []figure.Fact {
	t := s.total
	out := []figure.Fact{{Name: "parameters", Value: figure.Thousands(t.params)}}
	if t.buffers > 0 {
		out = append(out, figure.Fact{Name: "buffers", Value: figure.Thousands(t.buffers)})
	}
	return append(out,
		figure.Fact{Name: "weights in the file", Value: bytesText(s.stored)},
		figure.Fact{Name: "multiply-accumulates", Value: countText(t.macs)},
		figure.Fact{Name: "floating-point operations", Value: countText(t.flops)},
		figure.Fact{Name: "largest activations at once", Value: bytesText(s.peak)},
	)
}

// countText writes 1814073344 as "1.81 G".
func countText(n int64) string {
	return scaled(float64(n), 1000, []string{"", " k", " M", " G", " T", " P"})
}

func bytesText(n int64) string {
	return scaled(float64(n), 1024, []string{" B", " KiB", " MiB", " GiB", " TiB"})
}

func scaled(x, step float64, units []string) string {
	i := 0
	for x >= step && i < len(units)-1 {
		x /= step
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%.0f%s", x, units[0])
	}
	return fmt.Sprintf("%.3g%s", x, units[i])
}

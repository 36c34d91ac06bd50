package arch

import (
	"fmt"
	"strings"

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

// ports writes graph inputs or outputs: "data 1×3×224×224".
func ports(s *network, ids []ir.ValueID) string {
	var parts []string
	for _, v := range ids {
		parts = append(parts, strings.TrimSpace(s.model.Net.Values[v].Name+" "+s.model.Types[v].Shape.String()))
	}
	return list(parts, 3)
}

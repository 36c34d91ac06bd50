package onnx

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
)

// A namer gives every node of a graph a name of its own. Names in the file are
// kept; a second node of the same name gets a number behind it, and a node
// without a name its operator and how many of that operator came before it.
type namer struct {
	given map[string]int // how often the name has been given so far
	ops   map[string]int // how many nodes of the operator have come
	next  map[string]int // the first number to try behind a stem
}

// reserve learns the names in the file, so that none is made up again.
func (n *namer) reserve(nodes []*onnxpb.NodeProto) {
	n.given, n.ops, n.next = make(map[string]int, len(nodes)), map[string]int{}, map[string]int{}
	for _, p := range nodes {
		n.given[p.GetName()] = 0
	}
}

// name returns the name of the next node.
func (n *namer) name(p *onnxpb.NodeProto) string {
	op := p.GetOpType()
	count := n.ops[op]
	n.ops[op]++
	name := p.GetName()
	if name == "" {
		return n.free(op, count)
	}
	n.given[name]++
	if n.given[name] == 1 {
		return name
	}
	return n.free(name, n.given[name]-1)
}

// free returns the first of stem_count, stem_count+1, ... that is not taken.
func (n *namer) free(stem string, count int) string {
	for count = max(count, n.next[stem]); ; count++ {
		name := fmt.Sprintf("%s_%d", stem, count)
		if _, taken := n.given[name]; !taken {
			n.given[name], n.next[stem] = 1, count+1
			return name
		}
	}
}

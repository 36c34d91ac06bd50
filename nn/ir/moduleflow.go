package ir

import "strings"

// A filler finds modules for the nodes that no name tells about. A path is nil
// where nothing is known, and "" at the top.
type filler struct {
	g      *Graph
	known  []bool // of each node, whether Module says where it is
	outer  *string
	uses   [][]NodeID
	before []*string // the module of each node, or what those it depends on have in common
	joined []bool    // nodes that join branches
	// children are the names of the modules in each module, as far as known.
	children map[string]map[string]bool
}

func newFiller(g *Graph, known []bool, outer string) *filler {
	n := len(g.Nodes)
	f := &filler{g, known, &outer, g.Consumers(), make([]*string, n), make([]bool, n), map[string]map[string]bool{}}
	for i := range g.Nodes {
		for path := g.Nodes[i].Module; path != ""; path = parent(path) {
			up := parent(path)
			if f.children[up] == nil {
				f.children[up] = map[string]bool{}
			}
			if f.children[up][path] {
				break // and so are those above
			}
			f.children[up][path] = true
		}
	}
	return f
}

// fill sets the module of each node that is not known.
func (f *filler) fill() {
	for i := range f.g.Nodes {
		f.forward(NodeID(i))
	}
	after := f.backward()
	for i := range f.g.Nodes {
		if path := common(f.before[i], after[i]); !f.known[i] && path != nil {
			f.g.Nodes[i].Module = *path
		}
	}
}

// forward finds what lies before a node, and its module if it is a join.
func (f *filler) forward(id NodeID) {
	n := &f.g.Nodes[id]
	if f.known[id] {
		f.before[id] = &n.Module
		return
	}
	reads := f.data(n)
	for _, v := range reads {
		f.before[id] = common(f.before[id], f.origin(v))
	}
	if path := f.join(n, reads); path != "" {
		n.Module, f.known[id], f.joined[id] = path, true, true
		f.before[id] = &n.Module
	}
}

// data lists the values that the node computes with, without constants and
// without repetition.
func (f *filler) data(n *Node) []ValueID {
	ids := unique(n.Reads())
	kept := ids[:0]
	for _, v := range ids {
		if !isConstant(&f.g.Values[v]) {
			kept = append(kept, v)
		}
	}
	return kept
}

// origin is the path of what makes a value.
func (f *filler) origin(v ValueID) *string {
	if p := f.g.Values[v].Producer; p != None {
		return f.before[p]
	}
	return f.outer
}

// activations are the operators that follow a join within its module.
var activations = map[string]bool{
	"Relu": true, "LeakyRelu": true, "PRelu": true, "Elu": true, "Celu": true, "Selu": true, "Gelu": true, "Sigmoid": true, "HardSigmoid": true,
	"HardSwish": true, "Swish": true, "Mish": true, "Tanh": true, "Softplus": true, "Clip": true, "ThresholdedRelu": true,
}

// join returns the module whose branches the node joins. It is the deepest one
// with modules in it in which all inputs are made, or which has those that are
// not made in it for inputs too, as a residual block has. A module with a single
// one in it is there for the join's sake. "" if the node is no join.
func (f *filler) join(n *Node, reads []ValueID) string {
	if len(reads) == 1 && activations[n.Op] {
		if p := f.g.Values[reads[0]].Producer; p != None && f.joined[p] {
			return f.g.Nodes[p].Module
		}
	}
	if len(reads) < 2 || len(reads) > maxBranches {
		return ""
	}
	deepest := ""
	for _, v := range reads {
		path := f.origin(v)
		if path == nil {
			continue
		}
		for p := *path; depth(p) > depth(deepest); p = parent(p) {
			if len(f.children[p]) > 0 && f.joins(p, reads) {
				deepest = p
			}
		}
	}
	for up := parent(deepest); up != "" && len(f.children[up]) == 1; up = parent(up) {
		deepest = up
	}
	return deepest
}

// maxBranches and maxReaders bound what is looked at for one node, so that no
// graph takes time with the square of its size.
const maxBranches, maxReaders = 64, 16

func (f *filler) joins(module string, reads []ValueID) bool {
	made := 0
	for _, v := range reads {
		path := f.origin(v)
		switch {
		case path != nil && within(*path, module):
			made++
		case !f.feeds(v, module):
			return false
		}
	}
	return made > 0
}

// feeds reports whether a node that is known to lie in the module reads v.
func (f *filler) feeds(v ValueID, module string) bool {
	uses := f.uses[v]
	for _, u := range uses[:min(len(uses), maxReaders)] {
		if f.known[u] && within(f.g.Nodes[u].Module, module) {
			return true
		}
	}
	return false
}

// backward finds what the nodes behind each node have in common.
func (f *filler) backward() []*string {
	leaves := make([]bool, len(f.g.Values))
	for _, v := range f.g.Outputs {
		leaves[v] = true
	}
	after := make([]*string, len(f.g.Nodes))
	for i := len(f.g.Nodes) - 1; i >= 0; i-- {
		n := &f.g.Nodes[i]
		if f.known[i] {
			after[i] = &n.Module
			continue
		}
		for _, v := range n.Outputs {
			if v == None {
				continue
			}
			if leaves[v] {
				after[i] = common(after[i], f.outer)
			}
			for _, u := range f.uses[v] {
				after[i] = common(after[i], after[u])
			}
		}
	}
	return after
}

// common returns the longest path that both lie in; nil is a path not known.
func common(a, b *string) *string {
	if a == nil || b == nil || a == b {
		if a == nil {
			return b
		}
		return a
	}
	p, q := strings.Split(*a, "."), strings.Split(*b, ".")
	n := 0
	for n < min(len(p), len(q)) && p[n] == q[n] {
		n++
	}
	path := strings.Join(p[:n], ".")
	return &path
}

// within reports whether path is the module or lies in it.
func within(path, module string) bool {
	return path == module || strings.HasPrefix(path, module+".")
}

// depth counts the parts of a path.
func depth(path string) int {
	if path == "" {
		return 0
	}
	return 1 + strings.Count(path, ".")
}

// parent returns the path without its last part.
func parent(path string) string { return path[:max(strings.LastIndexByte(path, '.'), 0)] }

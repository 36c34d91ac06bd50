package ir

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// AssignModules sets Node.Module, the dotted path of the module that a node
// belongs to, for the nodes of g and of its subgraphs that do not have one from
// the file. It goes by the node's name, then by the names of its weights. Of a
// node that says neither, the data flow tells: it lies in the module that holds
// everything before and after it, or whose branches it joins. Graphs whose names
// say nothing get no modules. The nodes of g are sorted.
func AssignModules(g *Graph) {
	a := newAssigner(g)
	a.assign(g, "")
	for _, fn := range g.Functions {
		newAssigner(fn.Body).assign(fn.Body, "")
	}
}

// An assigner knows what must be seen in all names of a graph at once.
type assigner struct {
	// root is the part that all names of TensorFlow begin with: the model's own.
	root string
	// renamed maps scopes of torch.onnx to paths. A module in a list that is
	// called from outside the list is called only by its own name in scopes,
	// "q" and then "q_1", but its weights have the whole, "blocks.1.q.weight".
	renamed map[string]string
}

func newAssigner(g *Graph) *assigner {
	a := &assigner{root: commonRoot(g), renamed: map[string]string{}}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		scope, ok := torchScope(n.Name)
		if !ok {
			continue
		}
		for _, v := range n.Inputs {
			if owner, ok := weightModule(weightName(g, v), n.Name); ok {
				a.rename(scope, owner)
			}
		}
	}
	return a
}

// rename notes that a scope, and so those around it, is a module of a longer
// path, if the scope is the end of that.
func (a *assigner) rename(scope, owner string) {
	if !strings.HasSuffix("."+owner, "."+withoutCounts(scope)) {
		return
	}
	for scope != "" && owner != "" {
		if was, ok := a.renamed[scope]; ok && was != owner {
			owner = scope // several modules in one scope: it stays
		}
		a.renamed[scope] = owner
		scope, owner = parent(scope), parent(owner)
	}
}

// withoutCounts drops the numbers that make scopes unique: "attn_1.q_1".
func withoutCounts(scope string) string { return scopeCount.ReplaceAllString(scope, "$1") }

// commonRoot returns what the names of all nodes and weights begin with, if any
// has more behind it.
func commonRoot(g *Graph) string {
	root, deep := "", false
	for i := range g.Nodes {
		parts := slashParts(g, &g.Nodes[i])
		switch {
		case parts == nil:
			continue
		case root == "":
			root = parts[0]
		case root != parts[0]:
			return ""
		}
		deep = deep || len(parts) > 1
	}
	if !deep {
		return "" // one layer, and nothing around it
	}
	return root
}

// slashParts is the path of a node as TensorFlow would write it, from its name
// or from that of its first weight.
func slashParts(g *Graph, n *Node) []string {
	if parts, ok := tensorFlowScope(n.Name); ok {
		return parts
	}
	for _, v := range n.Inputs {
		name := weightName(g, v)
		if _, ok := weightModule(name, n.Name); ok {
			parts := strings.Split(name, "/")
			return parts[:max(len(parts)-1, 1)]
		}
	}
	return nil
}

// assign works on one graph; outer is the module that the graph as a whole
// belongs to.
func (a *assigner) assign(g *Graph, outer string) {
	known := make([]bool, len(g.Nodes))
	any := false
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Module == "" {
			n.Module, known[i] = a.said(g, n)
		} else {
			known[i] = true
		}
		any = any || n.Module != ""
	}
	if any {
		newFiller(g, known, outer).fill()
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for _, sub := range n.Subgraphs() {
			a.assign(sub, n.Module)
		}
	}
}

// said returns the module that the names of a node and its weights give.
func (a *assigner) said(g *Graph, n *Node) (path string, ok bool) {
	if path, ok = torchScope(n.Name); ok {
		if full, ok := a.renamed[path]; ok {
			path = full
		}
		return path, true
	}
	if parts, ok := tensorFlowScope(n.Name); ok {
		return a.withoutRoot(joinGrouped(parts)), true
	}
	for _, v := range n.Inputs {
		if path, ok = weightModule(weightName(g, v), n.Name); ok {
			return a.withoutRoot(path), true
		}
	}
	if path := grouped(n.Name); path != n.Name {
		return path, true
	}
	return "", false
}

// withoutRoot drops the model's own name, which says nothing about any node.
func (a *assigner) withoutRoot(path string) string {
	if path == a.root {
		return ""
	}
	return strings.TrimPrefix(path, a.root+".")
}

// weightName returns the name of the constant that v is, or is made from by
// operators that only move or widen it; "" if there is none.
func weightName(g *Graph, v ValueID) string {
	for range 4 {
		if v == None {
			return ""
		}
		value := &g.Values[v]
		if isConstant(value) {
			if value.DType == tensor.Int64 { // an axis or an index
				return ""
			}
			return value.Name
		}
		if value.Producer == None {
			return ""
		}
		p := &g.Nodes[value.Producer]
		if carried[p.Op] == nil {
			return ""
		}
		v = p.Input(0)
	}
	return ""
}

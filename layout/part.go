package layout

import "sort"

// A part is a connected piece of the graph, drawn on its own. It is always
// drawn top down: for LeftRight its boxes lie on their side. Its groups stand
// parents first; groups[0] is the part as a whole and has no box.
type part struct {
	opt    Options
	nodes  []box
	arcs   []arc
	loops  []loop
	groups []frame
}

// box is a node. left and right are its reach from the centre line.
type box struct {
	id          int // in the Graph; None for the filling of an empty group
	w, h        float64
	left, right float64
	tall        float64 // height with the labels of its loops
	group       int
}

// arc is an edge between two different nodes, turned to point downwards.
type arc struct {
	id             int
	from, to       int
	port           int
	weight         float64
	labelW, labelH float64
	flipped        bool
}

// loop is an edge from a node to itself. It hangs to the right of the node,
// reaching from offset to offset+width beyond its border.
type loop struct {
	id, node      int
	offset, width float64
	labelW        float64
}

// frame is a group: its padding, and its least size.
type frame struct {
	id, parent               int
	top, bottom, left, right float64
	minW, minH               float64
	clear                    float64 // width to keep free for the title where edges enter
}

// split cuts g into connected parts, in the order of their first node or
// group. What shares an outermost group is connected.
func split(g Graph, opt Options) []*part {
	nested := nest(g.Groups)
	sets := newUnion(len(g.Nodes) + len(g.Groups))
	for i, n := range g.Nodes {
		if n.Group != None {
			sets.join(i, len(g.Nodes)+n.Group)
		}
	}
	for i, gr := range g.Groups {
		if gr.Parent != None {
			sets.join(len(g.Nodes)+i, len(g.Nodes)+gr.Parent)
		}
	}
	for _, e := range g.Edges {
		sets.join(e.From, e.To)
	}

	var parts []*part
	of := make(map[int]*part)
	find := func(member int) *part {
		root := sets.find(member)
		p := of[root]
		if p == nil {
			p = &part{opt: opt, groups: []frame{{id: None, parent: None}}}
			of[root] = p
			parts = append(parts, p)
		}
		return p
	}

	groupAt := make([]int, len(g.Groups)) // index in its part
	nodeAt := make([]int, len(g.Nodes))
	for i := range g.Nodes {
		find(i)
	}
	filled := make([]bool, len(g.Groups))
	for _, id := range nested {
		p := find(len(g.Nodes) + id)
		groupAt[id] = len(p.groups)
		p.addGroup(id, g.Groups, groupAt)
	}
	for i, n := range g.Nodes {
		p := find(i)
		nodeAt[i] = len(p.nodes)
		p.addNode(i, n, groupAt)
		for gr := n.Group; gr != None && !filled[gr]; gr = g.Groups[gr].Parent {
			filled[gr] = true
		}
	}
	for i := len(nested) - 1; i >= 0; i-- { // innermost first: one filling serves all around it
		id := nested[i]
		if filled[id] {
			continue
		}
		find(len(g.Nodes)+id).addNode(None, Node{Group: id}, groupAt)
		for gr := id; gr != None && !filled[gr]; gr = g.Groups[gr].Parent {
			filled[gr] = true
		}
	}
	for i, e := range g.Edges {
		find(e.From).addEdge(i, e, nodeAt)
	}
	return parts
}

// nest lists the groups parents first, siblings by index.
func nest(groups []Group) []int {
	depth := make([]int, len(groups))
	order := make([]int, len(groups))
	for i := range groups {
		order[i] = i
		chain := []int{}
		g := i
		for ; g != None && depth[g] == 0; g = groups[g].Parent {
			chain = append(chain, g)
		}
		d := 0
		if g != None {
			d = depth[g]
		}
		for j := len(chain) - 1; j >= 0; j-- {
			d++
			depth[chain[j]] = d
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return depth[order[a]] < depth[order[b]] })
	return order
}

func (p *part) addGroup(id int, groups []Group, groupAt []int) {
	g, pad := groups[id], p.opt.GroupPad
	f := frame{id: id, top: pad, bottom: pad, left: pad, right: pad}
	if g.Parent != None {
		f.parent = groupAt[g.Parent]
	}
	if g.TitleW > 0 || g.TitleH > 0 {
		width := g.TitleW + 2*pad
		if p.opt.Direction == LeftRight {
			f.left += g.TitleH
			f.minH = width
		} else {
			f.top += g.TitleH
			f.minW = width
			f.clear = pad + g.TitleW + p.opt.EdgeGap
		}
	}
	p.groups = append(p.groups, f)
}

func (p *part) addNode(id int, n Node, groupAt []int) {
	b := box{id: id, w: n.W, h: n.H}
	if p.opt.Direction == LeftRight {
		b.w, b.h = n.H, n.W
	}
	b.left, b.right, b.tall = b.w/2, b.w/2, b.h
	if n.Group != None {
		b.group = groupAt[n.Group]
	}
	p.nodes = append(p.nodes, b)
}

func (p *part) addEdge(id int, e Edge, nodeAt []int) {
	labelW, labelH := e.LabelW, e.LabelH
	if p.opt.Direction == LeftRight {
		labelW, labelH = labelH, labelW
	}
	if e.From == e.To {
		p.addLoop(id, nodeAt[e.From], labelW, labelH)
		return
	}
	weight := e.Weight
	if weight == 0 {
		weight = 1
	}
	p.arcs = append(p.arcs, arc{id: id, from: nodeAt[e.From], to: nodeAt[e.To], port: e.Port,
		weight: weight, labelW: labelW, labelH: labelH})
}

func (p *part) addLoop(id, node int, labelW, labelH float64) {
	b := &p.nodes[node]
	width := 2 * p.opt.EdgeGap
	if labelW > 0 {
		width += p.opt.EdgeGap/2 + labelW
	}
	p.loops = append(p.loops, loop{id: id, node: node, offset: b.right - b.w/2, width: width, labelW: labelW})
	b.right += width
	b.tall = max(b.tall, labelH)
}

// union is a forest of disjoint sets.
type union []int

func newUnion(n int) union {
	u := make(union, n)
	for i := range u {
		u[i] = i
	}
	return u
}

func (u union) find(i int) int {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

// join merges two sets; the smaller root stays the root.
func (u union) join(a, b int) {
	a, b = u.find(a), u.find(b)
	if a > b {
		a, b = b, a
	}
	u[b] = a
}

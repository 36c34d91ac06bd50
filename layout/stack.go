package layout

import (
	"cmp"
	"slices"
)

// A level is the content of a group, seen from outside its members: each
// member, a node or a group with all it holds, is one item. Items are named
// like the variables of their ranks: v for a node, topOf(g) for a group.
type level struct {
	nodes []int // all nodes inside, at any depth
	arcs  []int // all arcs inside
	depth int   // of the group
}

// stacker finds the spans that make boxes of groups follow each other: where
// one group feeds another and nothing comes back, the second starts below the
// end of the first. Groups that feed each other both ways (a module used twice)
// cannot be stacked; the most scattered of them are opened until the rest can,
// and their boxes run beside what they belong to.
type stacker struct {
	*part
	paths   [][]int // groups from the outermost to each group
	early   []int   // longest-path ranks of the nodes, groups aside
	item    []int   // per node, at the present level
	degree  []int   // arcs per node
	extents []extent
	spans   []span
	extra   int // variables beyond those of nodes and groups
	levels  []level
}

// stack returns the spans and how many new variables they use.
func (p *part) stack() ([]span, int) {
	if len(p.groups) == 1 {
		return nil, 0
	}
	s := &stacker{part: p, item: make([]int, len(p.nodes)), paths: p.paths(), degree: make([]int, len(p.nodes))}
	for _, a := range p.arcs {
		s.degree[a.from]++
		s.degree[a.to]++
	}
	s.extents = s.groupExtents()
	ranks := simplex{spans: p.arcSpans()}
	ranks.out = incidence(len(p.nodes), len(p.arcs), func(i int) int { return p.arcs[i].from })
	ranks.in = incidence(len(p.nodes), len(p.arcs), func(i int) int { return p.arcs[i].to })
	if _, err := ranks.longestPath(len(p.nodes)); err != nil {
		return nil, 0 // minimise will report it
	}
	s.early = ranks.rank

	all := level{nodes: make([]int, len(p.nodes)), arcs: make([]int, len(p.arcs))}
	for v := range all.nodes {
		all.nodes[v] = v
	}
	for a := range all.arcs {
		all.arcs[a] = a
	}
	s.levels = append(s.levels, all)
	for i := 0; i < len(s.levels); i++ {
		s.arrange(s.levels[i])
		s.levels[i] = level{}
	}
	return s.spans, s.extra
}

// paths lists, for every group, the groups around it from part to itself.
func (p *part) paths() [][]int {
	paths := make([][]int, len(p.groups))
	for g, f := range p.groups {
		if g == 0 {
			paths[g] = []int{0}
			continue
		}
		paths[g] = append(slices.Clip(paths[f.parent]), g)
	}
	return paths
}

// itemAt is what v belongs to among the members of its group of that depth.
func (s *stacker) itemAt(v, depth int) int {
	if path := s.paths[s.nodes[v].group]; len(path) > depth+1 {
		return s.topOf(path[depth+1])
	}
	return v
}

func (s *stacker) isGroup(item int) bool { return item >= len(s.nodes) }
func (s *stacker) groupOf(item int) int  { return (item - len(s.nodes)) / 2 }
func (s *stacker) itemBottom(item int) int {
	if s.isGroup(item) {
		return item + 1
	}
	return item
}

// arrange stacks the items of a level and queues the levels inside them.
func (s *stacker) arrange(l level) {
	for _, v := range l.nodes {
		s.item[v] = s.itemAt(v, l.depth)
	}
	opened := s.untangle(l)
	s.spans = append(s.spans, s.between(l)...)
	if !opened {
		s.spread(l)
	}
	s.descend(l)
}

// stackWork bounds how often untangle looks at an item or arc of a level before
// it opens all groups in question.
const stackWork = 2_000_000

// untangle opens groups until the arcs between items close no cycle.
func (s *stacker) untangle(l level) (opened bool) {
	for work := 0; ; work += len(l.nodes) + len(l.arcs) {
		tangled := s.tangled(l)
		if len(tangled) == 0 {
			return opened
		}
		opened = true
		inside := make(map[int][]int)
		for _, v := range l.nodes {
			inside[s.item[v]] = append(inside[s.item[v]], v)
		}
		if work < stackWork {
			tangled = s.mostScattered(tangled, inside)
		}
		for _, item := range tangled {
			depth := len(s.paths[s.groupOf(item)]) - 1
			for _, v := range inside[item] {
				s.item[v] = s.itemAt(v, depth)
			}
		}
	}
}

// mostScattered picks one item in sixteen, and at least one.
func (s *stacker) mostScattered(items []int, inside map[int][]int) []int {
	density := make(map[int]float64)
	for _, item := range items {
		density[item] = s.density(inside[item])
	}
	slices.SortStableFunc(items, func(a, b int) int { return cmp.Compare(density[a], density[b]) })
	return items[:1+len(items)/16]
}

// tangled lists the groups that lie on cycles of items.
func (s *stacker) tangled(l level) []int {
	items, at := s.itemsOf(l)
	var arcs [][2]int
	for _, a := range l.arcs {
		from, to := s.item[s.arcs[a].from], s.item[s.arcs[a].to]
		if from != to {
			arcs = append(arcs, [2]int{at[from], at[to]})
		}
	}
	component, size := strongComponents(len(items), arcs)
	var tangled []int
	for i, item := range items {
		if size[component[i]] > 1 && s.isGroup(item) {
			tangled = append(tangled, item)
		}
	}
	return tangled
}

// itemsOf lists the items of a level and where each stands in the list.
func (s *stacker) itemsOf(l level) (items []int, at map[int]int) {
	at = make(map[int]int)
	for _, v := range l.nodes {
		if _, known := at[s.item[v]]; !known {
			at[s.item[v]] = len(items)
			items = append(items, s.item[v])
		}
	}
	return items, at
}

// density is the share of the ranks from first to last that nodes occupy.
func (s *stacker) density(nodes []int) float64 {
	ranks := make([]int, len(nodes))
	for i, v := range nodes {
		ranks[i] = s.early[v]
	}
	slices.Sort(ranks)
	height := ranks[len(ranks)-1] - ranks[0] + 1
	return float64(len(slices.Compact(ranks))) / float64(height)
}

// between asks for one item to end before the other starts, for every arc
// between two different items of which one is a group.
func (s *stacker) between(l level) []span {
	var spans []span
	for _, a := range l.arcs {
		from, to := s.item[s.arcs[a].from], s.item[s.arcs[a].to]
		if from != to && (s.isGroup(from) || s.isGroup(to)) {
			spans = append(spans, span{s.itemBottom(from), to, 1, 0})
		}
	}
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.tail, b.tail), cmp.Compare(a.head, b.head))
	})
	return slices.Compact(spans)
}

// descend queues the inside of every item that is a group.
func (s *stacker) descend(l level) {
	inner := make(map[int]int) // item to its place in the queue
	for _, v := range l.nodes {
		item := s.item[v]
		if !s.isGroup(item) {
			continue
		}
		i, known := inner[item]
		if !known {
			i = len(s.levels)
			inner[item] = i
			s.levels = append(s.levels, level{depth: len(s.paths[s.groupOf(item)]) - 1})
		}
		s.levels[i].nodes = append(s.levels[i].nodes, v)
	}
	for _, a := range l.arcs {
		from, to := s.item[s.arcs[a].from], s.item[s.arcs[a].to]
		if from == to {
			i := inner[from]
			s.levels[i].arcs = append(s.levels[i].arcs, a)
		}
	}
}

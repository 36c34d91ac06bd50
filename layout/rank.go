package layout

import "context"

// rankWork bounds the network simplex: beyond some 50,000 nodes it only starts
// from tight ranks and improves them as far as this goes.
const rankWork = 40_000_000

// rank gives every node a layer. Besides the arcs, it keeps what belongs to a
// group between the group's top and bottom, and groups above those they feed.
func (p *part) rank(ctx context.Context) ([]int, error) {
	spans := append(p.arcSpans(), p.groupSpans()...)
	stack, extra := p.stack()
	spans = append(spans, stack...)
	ranks, err := minimise(ctx, p.bottomOf(len(p.groups)-1)+1+extra, spans, rankWork)
	if err != nil {
		return nil, err
	}
	return ranks[:len(p.nodes)], nil
}

// topOf and bottomOf are the variables of a group's first and last rank; a
// node's variable is its index.
func (p *part) topOf(group int) int    { return len(p.nodes) + 2*group }
func (p *part) bottomOf(group int) int { return len(p.nodes) + 2*group + 1 }

const (
	arcWeight   = 64 // of an edge of weight 1
	groupWeight = 8  // of a group's height
)

func (p *part) arcSpans() []span {
	spans := make([]span, len(p.arcs))
	for i, a := range p.arcs {
		spans[i] = span{a.from, a.to, 1, max(1, int(arcWeight*a.weight))}
		if a.labelled() {
			spans[i].least = 2 // a layer between for the label
		}
	}
	return spans
}

func (a *arc) labelled() bool { return a.labelW > 0 || a.labelH > 0 }

// groupSpans nests nodes and groups in their groups. A node below another one
// of its group needs no span of its own to the top, nor one above to the bottom.
func (p *part) groupSpans() []span {
	above, below := make([]bool, len(p.nodes)), make([]bool, len(p.nodes))
	for _, a := range p.arcs {
		if p.nodes[a.from].group == p.nodes[a.to].group {
			below[a.from], above[a.to] = true, true
		}
	}
	var spans []span
	for v, b := range p.nodes {
		if !above[v] {
			spans = append(spans, span{p.topOf(b.group), v, 0, 0})
		}
		if !below[v] {
			spans = append(spans, span{v, p.bottomOf(b.group), 0, 0})
		}
	}
	for g, f := range p.groups {
		spans = append(spans, span{p.topOf(g), p.bottomOf(g), 0, groupWeight})
		if g > 0 {
			spans = append(spans,
				span{p.topOf(f.parent), p.topOf(g), 0, 0},
				span{p.bottomOf(g), p.bottomOf(f.parent), 0, 0})
		}
	}
	return spans
}

package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// A padding says for each axis which element of the input an element of the
// output is, -1 for the constant.
type padding struct {
	from, to []int // shapes
	index    [][]int
	value    float32
}

// lowerPad lowers padding and cropping by constant amounts.
func lowerPad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if n.Version < 2 || !p.isFloat(x, y) || elementsOf(p.shape(x)) == 0 || len(p.shape(x)) == 0 {
		return nil, 0
	}
	value, ok := n.Attrs.Float("value", 0), true
	if v := n.Input(2); v != ir.None {
		value, ok = p.number(v)
	}
	before, known := p.padsBefore(n)
	if !ok || !known {
		return nil, 0
	}
	q := &padding{from: p.shape(x), to: p.shape(y), value: float32(value)}
	for a, b := range before {
		index, ok := padIndex(n.Attrs.Str("mode", "constant"), q.from[a], q.to[a], b)
		if !ok {
			return nil, 0
		}
		q.index = append(q.index, index)
	}
	return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(r *run) error {
		q.run(r.team, r.out(y), r.in(x))
		return nil
	}}, id
}

// padsBefore returns how many elements come before each axis: an attribute
// before opset 11, an input since, of some axes since opset 18.
func (p *planner) padsBefore(n *ir.Node) ([]int, bool) {
	rank := len(p.shape(n.Inputs[0]))
	pads, axes, known := n.Attrs.Ints("pads"), []int(nil), true
	if v := n.Input(1); v != ir.None {
		pads, known = p.types[v].Ints()
	}
	if v := n.Input(3); v != ir.None && known {
		axes, known = p.types[v].Ints()
	} else {
		for a := range rank {
			axes = append(axes, a)
		}
	}
	if !known || len(pads) != 2*len(axes) {
		return nil, false
	}
	before := make([]int, rank)
	for i, a := range axes {
		a, ok := axisOf(a, rank)
		if !ok {
			return nil, false
		}
		before[a] = pads[i]
	}
	return before, true
}

// padIndex lists the elements of an axis of extent from that make one of extent
// to.
func padIndex(mode string, from, to, before int) ([]int, bool) {
	index := make([]int, to)
	lo, hi := max(-before, 0), from+min(to-from-before, 0) // what negative pads leave
	for o := range index {
		i := o - before
		inside := i >= 0 && i < from
		switch {
		case inside:
		case mode == "constant":
			i = -1
		case mode == "edge":
			i = min(max(i, 0), from-1)
		case mode == "wrap" && lo < hi:
			n := hi - lo
			i = lo + ((i-lo)%n+n)%n
		case mode == "reflect" && from > 1:
			period := 2 * (from - 1)
			i = (i%period + period) % period
			i = min(i, period-i)
		default:
			return nil, false
		}
		index[o] = i
	}
	return index, true
}

func (q *padding) run(t *kernel.Team, dst, src []float32) {
	last := len(q.to) - 1
	n := q.to[last]
	if len(dst) == 0 {
		return
	}
	lo, hi := middle(q.index[last])
	t.Ranges(len(dst)/n, grain/n, func(r0, r1 int) {
		for r := r0; r < r1; r++ {
			line, at := dst[r*n:(r+1)*n], q.row(r)
			if at < 0 {
				fill(line, q.value)
				continue
			}
			row := src[at : at+q.from[last]]
			q.edge(line[:lo], row, q.index[last][:lo])
			if hi > lo {
				copy(line[lo:hi], row[q.index[last][lo]:])
			}
			q.edge(line[hi:], row, q.index[last][hi:])
		}
	})
}

// row returns where the line of the input lies that line r of the output is
// made of, -1 if it is all constant.
func (q *padding) row(r int) int {
	at, step := 0, q.from[len(q.from)-1]
	for a := len(q.to) - 2; a >= 0; a-- {
		i := q.index[a][r%q.to[a]]
		if i < 0 {
			return -1
		}
		at += i * step
		step *= q.from[a]
		r /= q.to[a]
	}
	return at
}

func (q *padding) edge(dst, row []float32, index []int) {
	for o, i := range index {
		if dst[o] = q.value; i >= 0 {
			dst[o] = row[i]
		}
	}
}

// middle returns the range of an index that steps on one by one, around its
// centre: what can be copied as a whole.
func middle(index []int) (lo, hi int) {
	lo = slices.Index(index, 0)
	if lo < 0 || len(index) == 0 {
		return 0, 0
	}
	for lo+1 < len(index) && index[lo+1] != 1 && index[lo+1] == 0 {
		lo++ // the last of repeated first elements
	}
	for hi = lo + 1; hi < len(index) && index[hi] == index[hi-1]+1; hi++ {
	}
	return lo, hi
}

package layout

// borderCost is what a segment pays, in crossings, for crossing a group's
// border from the side.
const borderCost = 4

// counter counts crossings.
type counter struct {
	l       *layered
	ends    []int // places of the lower ends, sorted by upper then lower end
	next    []int // where in ends each vertex of the upper layer stands
	partial []int // Fenwick tree over the lower layer
}

func newCounter(l *layered) counter { return counter{l: l} }

// crossings of the whole drawing.
func (c *counter) crossings() int {
	total := 0
	for layer := 0; layer+1 < len(c.l.layers); layer++ {
		total += c.below(layer)
	}
	return total
}

// below counts the crossings between a layer and the next: pairs of segments
// in opposite order (Barth, Jünger, Mutzel 2002), and borders.
func (c *counter) below(layer int) int {
	l, total := c.l, 0
	c.sortEnds(layer)
	n := len(l.layers[layer+1])
	c.partial = append(c.partial[:0], make([]int, n+1)...)
	for seen, end := range c.ends {
		notRight := 0
		for i := end + 1; i > 0; i -= i & -i {
			notRight += c.partial[i]
		}
		total += seen - notRight
		for i := end + 1; i <= n; i += i & -i {
			c.partial[i]++
		}
	}
	for _, u := range l.layers[layer] {
		for _, s := range l.down.of(u) {
			d := l.bordersDown[u] - l.bordersUp[l.segments[s].lower]
			total += borderCost * max(d, -d)
		}
	}
	return total
}

// sortEnds fills ends by a bucket sort.
func (c *counter) sortEnds(layer int) {
	l := c.l
	c.next = c.next[:0]
	sum := 0
	for _, u := range l.layers[layer] {
		c.next = append(c.next, sum)
		sum += len(l.down.of(u))
	}
	c.ends = append(c.ends[:0], make([]int, sum)...)
	for p, v := range l.layers[layer+1] {
		for _, s := range l.up.of(v) {
			u := l.pos[l.segments[s].upper]
			c.ends[c.next[u]] = p
			c.next[u]++
		}
	}
}

package render

import "math"

// An isoline is a line through points, closed where it ends as it began.
type isoline [][2]float64

// isolines returns the lines along which a field of w×h points passes a level,
// by marching squares with linear interpolation; where two corners of a square
// that face each other are above it, their mean decides how they connect. Points
// that are no numbers count as below. A point lies at the middle of its pixel,
// so that lines are in pixels of a picture of w×h.
func isolines(field []float32, w, h int, level float32) []isoline {
	c := contours{field, w, h, level, map[int][]int{}}
	for y := range h - 1 {
		for x := range w - 1 {
			c.square(x, y)
		}
	}
	return c.trace()
}

// contours links the crossings of a level. A crossing lies on an edge between
// neighbouring points, 2i to the right of point i and 2i+1 below it, and has up
// to two others that a line goes on to.
type contours struct {
	field []float32
	w, h  int
	level float32
	links map[int][]int
}

func (c *contours) above(i int) bool { return c.field[i] > c.level }

// square links the crossings on the four edges of the square whose top left
// corner is (x, y).
func (c *contours) square(x, y int) {
	i := y*c.w + x
	corners := [4]int{i, i + 1, i + c.w + 1, i + c.w}           // clockwise
	edges := [4]int{2 * i, 2*(i+1) + 1, 2 * (i + c.w), 2*i + 1} // from each corner to the next
	var crossed []int
	mean := float32(0)
	for k, corner := range corners {
		mean += c.field[corner] / 4
		if c.above(corner) != c.above(corners[(k+1)%4]) {
			crossed = append(crossed, edges[k])
		}
	}
	switch {
	case len(crossed) == 2:
		c.link(crossed[0], crossed[1])
	case len(crossed) == 4 && (mean > c.level) == c.above(i): // the first corner joins the one it faces
		c.link(crossed[0], crossed[1])
		c.link(crossed[2], crossed[3])
	case len(crossed) == 4:
		c.link(crossed[3], crossed[0])
		c.link(crossed[1], crossed[2])
	}
}

func (c *contours) link(a, b int) {
	c.links[a] = append(c.links[a], b)
	c.links[b] = append(c.links[b], a)
}

// trace follows the links: first the lines that end at the border, then those
// that close. Edges are taken in order, so that the same field gives the same
// lines.
func (c *contours) trace() []isoline {
	var lines []isoline
	for _, open := range []bool{true, false} {
		for edge := range 2 * c.w * c.h {
			if n := len(c.links[edge]); n == 1 || n == 2 && !open {
				lines = append(lines, c.follow(edge))
			}
		}
	}
	return lines
}

// follow walks from an edge to where the line ends, unlinking what it passes.
func (c *contours) follow(edge int) isoline {
	line := isoline{c.crossing(edge)}
	for len(c.links[edge]) > 0 {
		next := c.links[edge][0]
		c.unlink(edge, next)
		c.unlink(next, edge)
		edge = next
		line = append(line, c.crossing(edge))
	}
	return line
}

func (c *contours) unlink(from, to int) {
	rest := c.links[from][:0]
	for i, other := range c.links[from] {
		if other == to {
			rest = append(rest, c.links[from][i+1:]...)
			break
		}
		rest = append(rest, other)
	}
	c.links[from] = rest
}

// crossing is where the level lies between the two points of an edge.
func (c *contours) crossing(edge int) [2]float64 {
	i := edge / 2
	x, y := float64(i%c.w)+0.5, float64(i/c.w)+0.5
	j := i + 1
	if edge%2 == 1 {
		j = i + c.w
	}
	from, to := float64(c.field[i]), float64(c.field[j])
	t := (float64(c.level) - from) / (to - from)
	if math.IsNaN(t) {
		t = 0.5
	}
	if edge%2 == 1 {
		return [2]float64{x, y + t}
	}
	return [2]float64{x + t, y}
}

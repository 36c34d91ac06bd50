package series

import (
	"fmt"
	"slices"
)

// An Appender takes points at the end of a series. It holds what is not yet
// complete in memory: less than a chunk of points and, for each level, less than
// a block of summaries.
type Appender struct {
	n      int64
	points []Point     // of the chunk that fills
	blocks [][]Summary // of each level, the block that fills
	leaf   Summary     // of the points behind the last complete one
	total  Summary     // of the points up to there
	latest Point       // see Tally
}

// A Part is a chunk of points, whose Level is -1, or a block of summaries of a
// level. The last one of each is not full.
type Part struct {
	Level  int
	Index  int64
	Points []Point
	Nodes  []Summary
}

// Chunk is the level of a part that holds points.
const Chunk = -1

// Len is how many points there are.
func (a *Appender) Len() int64 { return a.n }

// Total summarizes all points; without one its Count is 0.
func (a *Appender) Total() Summary {
	total := a.total
	total.merge(a.leaf)
	return total
}

// Clone returns an appender at the same place. What one of the two appends is
// not seen by the other, but only one of them may go on being used.
func (a *Appender) Clone() *Appender {
	own := *a
	own.blocks = slices.Clone(a.blocks)
	return &own
}

// Append adds points and returns the parts that they completed, which are never
// changed again. A chunk may be a part of the points given.
func (a *Appender) Append(points ...Point) (full []Part) {
	for len(points) > 0 {
		some := points[:min(len(points), ChunkPoints-len(a.points))]
		points = points[len(some):]
		chunk := some[:len(some):len(some)]
		if len(some) < ChunkPoints {
			chunk = append(a.points, some...)
		}
		full = a.count(some, full)
		a.points = chunk
		if len(chunk) == ChunkPoints {
			full = append(full, Part{Level: Chunk, Index: a.n/ChunkPoints - 1, Points: chunk})
			a.points = nil
		}
	}
	return full
}

// count adds points to the summaries.
func (a *Appender) count(points []Point, full []Part) []Part {
	for len(points) > 0 {
		some := points[:min(int64(len(points)), LeafPoints-a.n%LeafPoints)]
		points = points[len(some):]
		a.n += int64(len(some))
		a.leaf.include(some)
		a.see(some)
		if a.n%LeafPoints == 0 {
			a.total.merge(a.leaf)
			full = a.add(0, a.leaf, full)
			a.leaf = Summary{}
		}
	}
	return full
}

// add puts a summary at the end of a level, and of the next one for every group.
func (a *Appender) add(level int, s Summary, full []Part) []Part {
	if level == len(a.blocks) {
		a.blocks = append(a.blocks, nil)
	}
	a.blocks[level] = append(a.blocks[level], s)
	block := a.blocks[level]
	count := nodesAt(level, a.n)
	if len(block)%Fan == 0 {
		group := block[len(block)-Fan:]
		above := group[0]
		for _, next := range group[1:] {
			above.merge(next)
		}
		full = a.add(level+1, above, full)
	}
	if len(block) == BlockNodes {
		full = append(full, Part{Level: level, Index: count/BlockNodes - 1, Nodes: block})
		a.blocks[level] = nil
	}
	return full
}

// Rest returns the parts that are not full; the next points change them.
func (a *Appender) Rest() []Part {
	parts := a.RestOfLevels()
	if len(a.points) > 0 {
		parts = append(parts, Part{Level: Chunk, Index: a.n / ChunkPoints, Points: a.points})
	}
	return parts
}

// RestOfLevels is Rest without the chunk. Resume takes these also for fewer
// points than they are of, back to where that chunk begins.
func (a *Appender) RestOfLevels() []Part {
	var parts []Part
	for level, block := range a.blocks {
		if len(block) > 0 {
			parts = append(parts, Part{Level: level, Index: nodesAt(level, a.n) / BlockNodes, Nodes: block})
		}
	}
	return parts
}

// Resume returns an appender behind n points, whose parts that are not full
// come from a source.
func Resume(n int64, src Source) (*Appender, error) {
	a := &Appender{n: n, blocks: make([][]Summary, levelsOf(n))}
	if rest := n % ChunkPoints; rest > 0 {
		points, err := src.Chunk(n / ChunkPoints)
		if err != nil {
			return nil, err
		}
		if int64(len(points)) < rest {
			return nil, fmt.Errorf("a chunk holds %d points, not %d", len(points), rest)
		}
		a.points = append(a.points, points[:rest]...)
	}
	for level := range a.blocks {
		nodes := nodesAt(level, n)
		rest := nodes % BlockNodes
		if rest == 0 {
			continue
		}
		block, err := src.Block(level, nodes/BlockNodes)
		if err != nil {
			return nil, err
		}
		if int64(len(block)) < rest {
			return nil, fmt.Errorf("a block of level %d holds %d summaries, not %d", level, len(block), rest)
		}
		a.blocks[level] = append(a.blocks[level], block[:rest]...)
	}
	rest := n % LeafPoints
	a.leaf.include(a.points[len(a.points)-int(rest):])
	var err error
	if a.total, _, err = Total(Whole(src, n-rest)); err != nil {
		return nil, err
	}
	return a, a.findLatest(src)
}

package kernel

// Sizes in numbers that a task should not exceed, so that what it works on stays
// in a second cache of half a megabyte or more.
const (
	maxSlab = 128 << 10 // of the left operand, one block deep
	maxRect = 128 << 10 // of the destination
)

// rect is a rectangle of tiles: row panels [p0, p1) and column panels [j0, j1).
type rect struct{ p0, p1, j0, j1 int }

// grid cuts the tiles of a product into rectangles, each a task.
type grid struct {
	rowPanels, colPanels int
	rowGroups, colGroups int
}

// newGrid plans for a left operand and n columns.
func newGrid(threads int, left *packed, n int) grid {
	tile := left.tile
	g := grid{rowPanels: left.panelCount(), colPanels: tile.panels(n), rowGroups: 1}
	tasks := 1
	if threads > 1 {
		tasks = 4 * threads
	}
	g.colGroups = min(g.colPanels, tasks)
	g.rowGroups = min(g.rowPanels, (tasks-1)/g.colGroups+1)
	depth := min(left.k, tile.depth)
	g.rowGroups = max(g.rowGroups, min(g.rowPanels, left.n/max(1, maxSlab/max(depth, 1))))
	rows := (left.n-1)/g.rowGroups + 1
	g.colGroups = max(g.colGroups, min(g.colPanels, n/max(1, maxRect/rows)))
	return g
}

func (g grid) count() int { return g.rowGroups * g.colGroups }

func (g grid) rect(i int) rect {
	p, j := i%g.rowGroups, i/g.rowGroups
	return rect{
		split(g.rowPanels, g.rowGroups, p), split(g.rowPanels, g.rowGroups, p+1),
		split(g.colPanels, g.colGroups, j), split(g.colPanels, g.colGroups, j+1),
	}
}

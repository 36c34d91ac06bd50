// Package layout draws compound directed graphs in layers (Sugiyama, Tagawa,
// Toda 1981): edges run one way, related nodes line up, and nested groups
// become nested boxes that hold their members and nothing else.
//
// The steps, one file or two each, in the order a graph takes them:
//
//	validate   refuse what cannot be drawn
//	part       split into connected parts, which pack sets side by side
//	acyclic    turn round the edges that close cycles
//	rank       a layer for every node, by the network simplex (simplex), with
//	           groups above those they feed (stack) and what has no edges in
//	           columns (spread)
//	chain      long edges become chains of bends, one per layer (layered)
//	order      the order within the layers: barycentre sweeps (sweep) and
//	           exchanges of whole columns (exchange)
//	align      which neighbours share a vertical line (straight, spine)
//	place      horizontal coordinates: a quadratic programme (program, project,
//	           refine)
//	rows       vertical coordinates and the boxes of groups
//	route      curves, attached to nodes at ports (port, outside)
//
// Every step is deterministic, and bounded by counts of work rather than by
// the clock, so that equal inputs give equal drawings however busy the machine.
// A network of 10,000 nodes takes some tenths of a second; far larger graphs
// are drawn with fewer improvements.
package layout

import "context"

// Direction is the way the edges run.
type Direction int

const (
	TopDown Direction = iota
	LeftRight
)

// None is the group of a node, or the parent of a group, that is in no group.
const None = -1

// Graph is what to draw. Indices refer to the slices of the same struct.
type Graph struct {
	Nodes  []Node
	Edges  []Edge
	Groups []Group
}

// Node is a box of W by H units, in Groups[Group] or, for None, in no group.
type Node struct {
	W, H  float64
	Group int
}

// Edge is an arrow between two nodes; self loops, parallel edges and cycles
// are fine.
type Edge struct {
	From, To int
	// Port tells apart the outputs of From: long edges of one port run as one
	// line for as long as they go the same way.
	Port int
	// Weight says how much this edge should be short and straight; 0 means 1.
	Weight float64
	// LabelW and LabelH reserve room for a label in the middle of the edge.
	LabelW, LabelH float64
}

// Group is a box around the nodes and groups that name it, with room for a
// title of TitleW by TitleH units at its top left.
type Group struct {
	Parent         int
	TitleW, TitleH float64
}

// Options are distances in the units of the node sizes; zero means the default.
type Options struct {
	Direction Direction
	NodeGap   float64 // between neighbours in a layer; 24
	LayerGap  float64 // between layers; 32
	EdgeGap   float64 // between an edge and what it passes; 12
	GroupPad  float64 // between a group's border and its content; 12
}

func (o Options) withDefaults() Options {
	fill := func(v *float64, def float64) {
		if *v == 0 {
			*v = def
		}
	}
	fill(&o.NodeGap, 24)
	fill(&o.LayerGap, 32)
	fill(&o.EdgeGap, 12)
	fill(&o.GroupPad, 12)
	return o
}

// Point is a position; X grows to the right and Y downwards.
type Point struct{ X, Y float64 }

// Rect is a box with its top left corner at X, Y.
type Rect struct{ X, Y, W, H float64 }

// Result is a drawing in the box (0,0)-(W,H). Its slices run parallel to those
// of the Graph.
type Result struct {
	W, H   float64
	Nodes  []Point // centres
	Edges  []Path
	Groups []Rect
}

// Path is the curve of an edge, from the border of its From node to the border
// of its To node.
type Path struct {
	// Points is a start point followed by three points per cubic Bézier piece:
	// two control points and an end point, as SVG's M and C take them.
	Points []Point
	// Label is the centre of the label, if the edge has one.
	Label Point
	// Reversed says that the edge closes a cycle and runs against the direction.
	Reversed bool
}

// Layered draws g. It fails on graphs that make no sense (an index out of
// range, a size that is negative or not finite, a group inside itself), on
// groups too deep to draw, and with ctx's error soon after ctx is cancelled.
func Layered(ctx context.Context, g Graph, opt Options) (Result, error) {
	opt = opt.withDefaults()
	if err := validate(g, opt); err != nil {
		return Result{}, err
	}
	parts := split(g, opt)
	pictures := make([]picture, len(parts))
	for i, p := range parts {
		var err error
		if pictures[i], err = p.draw(ctx); err != nil {
			return Result{}, err
		}
	}
	res := Result{
		Nodes:  make([]Point, len(g.Nodes)),
		Edges:  make([]Path, len(g.Edges)),
		Groups: make([]Rect, len(g.Groups)),
	}
	pack(&res, parts, pictures, opt)
	if opt.Direction == LeftRight {
		res.transpose()
	}
	return res, nil
}

// draw takes one connected part through all steps.
func (p *part) draw(ctx context.Context) (picture, error) {
	p.orient()
	ranks, err := p.rank(ctx)
	if err != nil {
		return picture{}, err
	}
	l, err := p.layer(ranks)
	if err != nil {
		return picture{}, err
	}
	if err := l.order(ctx); err != nil {
		return picture{}, err
	}
	if err := l.place(ctx); err != nil {
		return picture{}, err
	}
	l.setRows()
	return l.route(ctx)
}

// transpose turns a top-down drawing into one from left to right.
func (r *Result) transpose() {
	r.W, r.H = r.H, r.W
	for i, p := range r.Nodes {
		r.Nodes[i] = Point{p.Y, p.X}
	}
	for i := range r.Edges {
		e := &r.Edges[i]
		e.Label = Point{e.Label.Y, e.Label.X}
		for j, p := range e.Points {
			e.Points[j] = Point{p.Y, p.X}
		}
	}
	for i, g := range r.Groups {
		r.Groups[i] = Rect{g.Y, g.X, g.H, g.W}
	}
}

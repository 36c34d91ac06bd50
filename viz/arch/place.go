package arch

import (
	"context"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/layout"
)

// place lays the boxes out and writes where everything is.
func place(ctx context.Context, fig *figure.Graph, p Params) error {
	opt := layout.Options{}
	if p.Direction == "left-right" {
		opt.Direction = layout.LeftRight
	}
	r, err := layout.Layered(ctx, sized(fig), opt)
	if err != nil {
		return err
	}
	fig.W, fig.H = r.W, r.H
	for i, c := range r.Nodes {
		n := &fig.Nodes[i]
		n.X, n.Y = c.X-n.W/2, c.Y-n.H/2
	}
	for i, path := range r.Edges {
		fig.Edges[i].Back = path.Reversed
		if fig.Edges[i].Label != "" {
			fig.Edges[i].LabelAt = &[2]float64{path.Label.X, path.Label.Y}
		}
		for _, pt := range path.Points {
			fig.Edges[i].Path = append(fig.Edges[i].Path, [2]float64{pt.X, pt.Y})
		}
	}
	for i, box := range r.Groups {
		fig.Groups[i].Box = figure.Box{X: box.X, Y: box.Y, W: box.W, H: box.H}
	}
	return nil
}

// sized gives boxes and titles the room that their texts take.
func sized(fig *figure.Graph) layout.Graph {
	g := layout.Graph{}
	for i := range fig.Nodes {
		n := &fig.Nodes[i]
		n.W, n.H = figure.NodeSize(n.Title, n.Lines)
		g.Nodes = append(g.Nodes, layout.Node{W: n.W, H: n.H, Group: n.Group})
	}
	for _, e := range fig.Edges {
		g.Edges = append(g.Edges, layoutEdge(e))
	}
	for _, gr := range fig.Groups {
		width := figure.TextWidth(gr.Title, figure.GroupTitleSize, true) + 2*figure.NodePadX
		g.Groups = append(g.Groups, layout.Group{Parent: gr.Parent, TitleW: width, TitleH: figure.GroupTitleLine})
	}
	return g
}

func layoutEdge(e figure.GraphEdge) layout.Edge {
	l := layout.Edge{From: e.From, To: e.To}
	if e.Label != "" {
		l.LabelW, l.LabelH = figure.TextWidth(e.Label, figure.EdgeLabelSize, false)+6, 12
	}
	return l
}

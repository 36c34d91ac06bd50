package layout_test

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/layout"
)

// A residual block: the convolutions stand in one line, and the skip edge runs
// beside them.
func ExampleLayered() {
	const input, conv1, conv2, add = 0, 1, 2, 3
	g := layout.Graph{
		Nodes: []layout.Node{
			input: {W: 60, H: 24, Group: layout.None},
			conv1: {W: 60, H: 24, Group: 0},
			conv2: {W: 60, H: 24, Group: 0},
			add:   {W: 24, H: 24, Group: 0},
		},
		Edges: []layout.Edge{
			{From: input, To: conv1},
			{From: conv1, To: conv2},
			{From: conv2, To: add},
			{From: input, To: add},
		},
		Groups: []layout.Group{{Parent: layout.None, TitleW: 40, TitleH: 14}},
	}
	drawing, err := layout.Layered(context.Background(), g, layout.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, p := range drawing.Nodes {
		fmt.Printf("node %d at %.1f,%.1f\n", i, p.X, p.Y)
	}
	b := drawing.Groups[0]
	fmt.Printf("block at %.1f,%.1f of %.1f by %.1f\n", b.X, b.Y, b.W, b.H)
	// Output:
	// node 0 at 64.0,12.0
	// node 1 at 64.0,84.4
	// node 2 at 64.0,140.4
	// node 3 at 64.0,196.4
	// block at 0.0,46.4 of 118.0 by 174.0
}

package render

import (
	"fmt"
	"io"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationsansregular"

	"github.com/tomo-viz/tomo/figure"
)

// BenchmarkWrite is one map over one photograph in every format.
func BenchmarkWrite(b *testing.B) {
	fig := heatmapOf(b, 1, bumps("gradcam", "layer4", 285, "Egyptian cat", 7, .5, .4))
	for _, format := range Formats(fig) {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				if err := Write(io.Discard, fig, format, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// ladder is a graph of n nodes in groups of ten, with as many edges.
func ladder(n int) *figure.Graph {
	g := &figure.Graph{W: 40 * 180, H: float64(n/40+1) * 90}
	for i := range n {
		title, lines := "Conv", []string{fmt.Sprintf("layer%d.conv", i), "64 @ 3×3"}
		x, y := float64(i%40)*180, float64(i/40)*90
		g.Nodes = append(g.Nodes, figure.GraphNode{ID: fmt.Sprint("n", i), Title: title, Lines: lines, Class: "conv", Group: i / 10,
			Facts: []figure.Fact{{Name: "parameters", Value: "36,864"}}, Box: figure.Box{X: x + 10, Y: y + 20, W: 120, H: 50}})
		if i%10 == 0 {
			g.Groups = append(g.Groups, figure.GraphGroup{Path: fmt.Sprint("g", i/10), Title: "Block", Parent: -1,
				Box: figure.Box{X: x, Y: y, W: 1790, H: 80}})
		}
		if i > 0 {
			x0, x1 := x-50, x+10
			g.Edges = append(g.Edges, figure.GraphEdge{From: i - 1, To: i, Label: "1×64×56×56",
				Path: [][2]float64{{x0, y + 45}, {x0 + 20, y + 45}, {x1 - 20, y + 45}, {x1, y + 45}}})
		}
	}
	return g
}

func BenchmarkLargeGraph(b *testing.B) {
	g := ladder(5000)
	for _, format := range []string{"svg", "png", "pdf", "html"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				if err := Write(io.Discard, g, format, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFirstText is what the fonts cost a process that has not used them.
func BenchmarkFirstText(b *testing.B) {
	for b.Loop() {
		f := mustFace(liberationsansregular.TTF)
		for _, r := range "Where the network looks for tabby cat 0123456789" {
			f.glyph(r)
		}
	}
}

package layout

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSVG writes pictures to look at into the folder that LAYOUT_SVG names.
func TestSVG(t *testing.T) {
	folder := os.Getenv("LAYOUT_SVG")
	if folder == "" {
		t.Skip("LAYOUT_SVG names no folder for the pictures")
	}
	for _, c := range []struct {
		name string
		net  *net
		dir  Direction
	}{
		{"resnet", resnet(2, 2), TopDown},
		{"resnet18", resnet(2, 2, 2, 2), TopDown},
		{"inception", inception(3), TopDown},
		{"transformer", transformer(2), TopDown},
		{"unet", unet(4), TopDown},
		{"unet-lr", unet(3), LeftRight},
		{"inception-lr", inception(2), LeftRight},
		{"transformer-lr", transformer(1), LeftRight},
		{"densenet", densenet(2, 4), TopDown},
		{"scattered", scattered(), TopDown},
		{"weights", weights(6), TopDown},
		{"diffusion", diffusion(2), TopDown},
		{"pyramid", pyramid(), TopDown},
		{"labelled", labelled(resnet(1, 1)), TopDown},
		{"labelled-lr", labelled(resnet(1, 1)), LeftRight},
	} {
		res, err := Layered(context.Background(), c.net.Graph, Options{Direction: c.dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, c.name+".svg"), []byte(svg(c.net, res)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func svg(n *net, r Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 -20 %.0f %.0f" width="%.0f" height="%.0f" font-family="sans-serif" font-size="12">
<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0.5L8 4L0 7.5z" fill="#555"/></marker></defs>
<rect x="-20" y="-20" width="100%%" height="100%%" fill="white"/>
`, r.W+40, r.H+40, r.W+40, r.H+40)
	order := nest(n.Groups)
	for _, i := range order {
		g := r.Groups[i]
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="6" fill="#4a6fa5" fill-opacity="0.07" stroke="#4a6fa5" stroke-opacity="0.5"/><text x="%.1f" y="%.1f" fill="#4a6fa5" font-size="11">%s</text>
`, g.X, g.Y, g.W, g.H, g.X+8, g.Y+15, n.titles[i])
	}
	for i, e := range r.Edges {
		d := fmt.Sprintf("M%.1f %.1f", e.Points[0].X, e.Points[0].Y)
		for j := 1; j+2 < len(e.Points); j += 3 {
			p := e.Points[j:]
			d += fmt.Sprintf("C%.1f %.1f %.1f %.1f %.1f %.1f", p[0].X, p[0].Y, p[1].X, p[1].Y, p[2].X, p[2].Y)
		}
		colour := "#555"
		if e.Reversed {
			colour = "#c33"
		}
		fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="%s" stroke-width="1.2" marker-end="url(#a)"/>
`, d, colour)
		if n.Edges[i].LabelW > 0 {
			w, h := n.Edges[i].LabelW, n.Edges[i].LabelH
			fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="#ffd"/>
`, e.Label.X-w/2, e.Label.Y-h/2, w, h)
		}
	}
	palette := []string{"#dce8f7", "#e3f2dd", "#fdebd0", "#f7dce4", "#e8e0f5", "#fff6cc"}
	for i, p := range r.Nodes {
		w, h := n.Nodes[i].W, n.Nodes[i].H
		sum := 0
		for _, c := range n.names[i] {
			sum += int(c)
		}
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="5" fill="%s" stroke="#666"/><text x="%.1f" y="%.1f" text-anchor="middle">%s</text>
`, p.X-w/2, p.Y-h/2, w, h, palette[sum%len(palette)], p.X, p.Y+4, n.names[i])
	}
	b.WriteString("</svg>\n")
	return b.String()
}

package render

import (
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// reportPage needs no script: pictures are drawn, tables are tables. It prints
// as it is read.
func reportPage(r *figure.Report, theme Theme) (page, error) {
	var b strings.Builder
	for i := range r.Sections[:min(len(r.Sections), mostSections)] {
		if err := writeHTMLSection(&b, i, &r.Sections[i], theme); err != nil {
			return page{}, err
		}
	}
	return page{main: b.String()}, nil
}

func writeHTMLSection(b *strings.Builder, n int, s *figure.Section, theme Theme) error {
	b.WriteString("<section>\n")
	if s.Title != "" {
		fmt.Fprintf(b, "<h2>%s</h2>\n", escape(clean(s.Title)))
	}
	for _, words := range s.Text {
		fmt.Fprintf(b, "<p>%s</p>\n", escape(clean(words)))
	}
	b.WriteString(htmlFacts(s.Facts))
	writeHTMLWarnings(b, s.Warnings)
	if s.Figure != nil {
		if err := writeHTMLPart(b, n, s.Figure, theme); err != nil {
			return err
		}
	}
	b.WriteString("</section>\n")
	return nil
}

func writeHTMLWarnings(b *strings.Builder, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintf(b, "<p class=\"warning\">%s</p>\n", escape(clean(w)))
	}
}

// writeHTMLPart writes a figure of a report, its caption as text.
func writeHTMLPart(b *strings.Builder, n int, fig figure.Figure, theme Theme) error {
	about := fig.Caption()
	if about.Title != "" {
		fmt.Fprintf(b, "<h3>%s</h3>\n", escape(clean(about.Title)))
	}
	if about.Subtitle != "" {
		fmt.Fprintf(b, "<p class=\"soft\">%s</p>\n", escape(clean(about.Subtitle)))
	}
	if t, ok := fig.(*figure.Table); ok {
		writeHTMLTable(b, t, func(name string) string { return name })
	} else {
		svg, err := drawSVG(part{layOutPart(uncaptioned(fig))}, about, theme, fmt.Sprintf("s%d-", n))
		if err != nil {
			return err
		}
		b.WriteString("<div class=\"part\">\n" + svg + "</div>\n")
	}
	writeHTMLWarnings(b, about.Warnings)
	b.WriteString(htmlFacts(about.Facts) + htmlFacts(about.Source))
	return nil
}

// uncaptioned returns a figure without what stands around it.
func uncaptioned(fig figure.Figure) figure.Figure {
	switch f := fig.(type) {
	case *figure.Graph:
		bare := *f
		bare.About = figure.About{}
		return &bare
	case *figure.Heatmap:
		bare := *f
		bare.About = figure.About{}
		return &bare
	case *figure.Lines:
		bare := *f
		bare.About = figure.About{}
		return &bare
	}
	return fig
}

// A part is a drawing without its margin.
type part struct{ drawing }

func (p part) size() (w, h float64) {
	w, h = p.drawing.size()
	return max(w-2*margin, 0) + 2, max(h-2*margin, 0) + 2
}

func (p part) draw(c canvas) { p.drawing.draw(placedCanvas{c, 1 - margin, 1 - margin, 1}) }

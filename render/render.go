package render

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// software is the name that files carry.
const software = "Tomo"

// Options are choices that are not the figure's own.
type Options struct {
	// Theme is Auto, Light or Dark; empty means Auto.
	Theme Theme
	// Scale is the number of PNG pixels to a point, above 0 and up to 16; 0
	// means 2. Very large pictures get a lower one, and say so.
	Scale float64
}

// A format is one way to write figures down.
type format struct {
	name  string // and the extension of its files
	write func(io.Writer, figure.Figure, Options) error
	kinds []string // nil means all
}

// formats lists them in the order in which they are offered.
var formats = []format{
	{"svg", writeSVG, nil},
	{"png", writePNG, nil},
	{"pdf", writePDF, nil},
	{"html", writeHTML, nil},
	{"json", writeJSON, nil},
	{"npz", writeNPZ, []string{"heatmap", "images", "matrix", "table", "lines", "parallel", "report"}},
	{"dot", writeDOT, []string{"graph"}},
	{"csv", writeCSV, []string{"heatmap", "images", "matrix", "table", "lines", "parallel"}},
	{"txt", writeTXT, []string{"table", "heatmap", "images", "matrix", "lines", "report"}},
}

// Formats lists the formats that a figure can be written in, pictures first.
func Formats(fig figure.Figure) []string {
	var names []string
	for _, f := range formats {
		if f.kinds == nil || slices.Contains(f.kinds, fig.Kind()) {
			names = append(names, f.name)
		}
	}
	return names
}

// Write writes a figure in one of its Formats.
func Write(w io.Writer, fig figure.Figure, name string, opt Options) error {
	if !slices.Contains(Formats(fig), name) {
		return fmt.Errorf("a %s cannot be written as %q; it can as %s", fig.Kind(), name, strings.Join(Formats(fig), ", "))
	}
	theme, err := ParseTheme(string(opt.Theme))
	if err != nil {
		return err
	}
	opt.Theme = theme
	if !(opt.Scale >= 0 && opt.Scale <= 16) {
		return fmt.Errorf("the scale is above 0 and up to 16 pixels per point, not %v", opt.Scale)
	}
	i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
	return formats[i].write(w, fig, opt)
}

// FormatOf returns the format that a file's name asks for by its extension.
func FormatOf(path string) (string, error) {
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	var names []string
	for _, f := range formats {
		if f.name == ext {
			return ext, nil
		}
		names = append(names, f.name)
	}
	if ext == "htm" {
		return "html", nil
	}
	problem := fmt.Sprintf("the extension %q is no format", "."+ext)
	if ext == "" {
		problem = "without an extension, its format is not known"
	}
	return "", fmt.Errorf("%s: %s; end its name in .%s", path, problem, strings.Join(names, ", ."))
}

// layOut returns the drawing of a figure.
func layOut(fig figure.Figure) drawing {
	switch f := fig.(type) {
	case *figure.Graph:
		return layOutGraph(f)
	case *figure.Heatmap:
		return layOutHeatmap(f)
	case *figure.Images:
		return layOutImages(f)
	case *figure.Matrix:
		return layOutMatrix(f)
	case *figure.Table:
		return layOutTable(f)
	case *figure.Lines:
		return layOutLines(f)
	case *figure.Parallel:
		return layOutParallel(f)
	case *figure.Report:
		return layOutReport(f)
	}
	panic(fmt.Sprintf("render: no drawing for a %s", fig.Kind()))
}

// describe returns what a figure says of itself, a line each, for the metadata
// of files.
func describe(about *figure.About) string {
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, clean(s))
		}
	}
	add(about.Title)
	add(about.Subtitle)
	for _, f := range about.Facts {
		add(f.Name + ": " + f.Value)
	}
	for _, w := range about.Warnings {
		add("Warning: " + w)
	}
	for _, f := range about.Source {
		add(f.Name + ": " + f.Value)
	}
	return strings.Join(lines[:min(len(lines), 200)], "\n")
}

// Package render turns any kind of figure into any format.
//
// Each kind of figure has one drawing on a small canvas (graph.go, heatmap.go,
// tablepicture.go), and each picture format is one canvas (svg.go, png.go,
// pdf.go), so a new kind costs one file and a new format costs one file. All
// text is measured in one font (glyph.go, text.go), so boxes fit in every
// format; all colours come from theme.go and colormaps.txt.
//
// Pages (html.go) carry the figure and a script by hand and need no network.
// JSON keeps everything and can be read back; NPZ, CSV, TXT and DOT are for
// other programs.
//
// Text in figures comes from model files, which may be hostile: it is cleaned,
// cut to its box and escaped here, whatever it is.
package render

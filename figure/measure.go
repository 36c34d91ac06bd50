package figure

// Sizes of text in the boxes of a Graph, in points. Who lays a graph out and
// who draws it both go by them, so that text fits its box in every format.
const (
	NodeTitleSize  = 12.0 // bold
	NodeTitleLine  = 16.0 // height of the title line
	NodeLineSize   = 10.0
	NodeLineHeight = 13.0
	NodePadX       = 10.0 // on either side of the text
	NodePadY       = 6.0  // above and below it
	GroupTitleSize = 10.5 // bold, at the top left of the group's box
	GroupTitleLine = 18.0
	EdgeLabelSize  = 9.0
)

// NodeSize returns the size of a box that holds a title and further lines,
// cutting nothing off, in points.
func NodeSize(title string, lines []string) (w, h float64) {
	w = TextWidth(title, NodeTitleSize, true)
	for _, line := range lines {
		w = max(w, TextWidth(line, NodeLineSize, false))
	}
	return w + 2*NodePadX, NodeTitleLine + float64(len(lines))*NodeLineHeight + 2*NodePadY
}

// TextWidth returns how wide one line of text is in a sans-serif face of the
// given size, in the unit of size: exact for ASCII in Liberation Sans and in
// Arial and Helvetica, whose widths it shares, and an upper estimate for other
// characters.
func TextWidth(s string, size float64, bold bool) float64 {
	table := &regularWidths
	if bold {
		table = &boldWidths
	}
	units := 0
	for _, r := range s {
		switch {
		case r < ' ' || r == 0x7f: // control characters are not drawn
		case r < 0x7f:
			units += int(table[r-' '])
		case r >= 0x1100: // Hangul, kana, ideographs, symbols: up to a full em
			units += unitsPerEm
		default:
			units += 1479 // the widest common letters with accents
		}
	}
	return float64(units) * size / unitsPerEm
}

const unitsPerEm = 2048

// Advance widths of U+0020 to U+007E in units per em of 2048, from the hmtx
// tables of Liberation Sans 2.1.
var (
	regularWidths = [95]uint16{
		569, 569, 727, 1139, 1139, 1821, 1366, 391, 682, 682, 797, 1196, 569, 682, 569, 569,
		1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 569, 569, 1196, 1196, 1196, 1139,
		2079, 1366, 1366, 1479, 1479, 1366, 1251, 1593, 1479, 569, 1024, 1366, 1139, 1706, 1479, 1593,
		1366, 1593, 1479, 1366, 1251, 1479, 1366, 1933, 1366, 1366, 1251, 569, 569, 569, 961, 1139,
		682, 1139, 1139, 1024, 1139, 1139, 569, 1139, 1139, 455, 455, 1024, 455, 1706, 1139, 1139,
		1139, 1139, 682, 1024, 569, 1139, 1024, 1479, 1024, 1024, 1024, 684, 532, 684, 1196,
	}
	boldWidths = [95]uint16{
		569, 682, 971, 1139, 1139, 1821, 1479, 487, 682, 682, 797, 1196, 569, 682, 569, 569,
		1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 682, 682, 1196, 1196, 1196, 1251,
		1997, 1479, 1479, 1479, 1479, 1366, 1251, 1593, 1479, 569, 1139, 1479, 1251, 1706, 1479, 1593,
		1366, 1593, 1479, 1366, 1251, 1479, 1366, 1933, 1366, 1366, 1251, 682, 569, 682, 1196, 1139,
		682, 1139, 1251, 1139, 1251, 1139, 682, 1251, 1251, 569, 569, 1139, 569, 1821, 1251, 1251,
		1251, 1251, 797, 1139, 682, 1251, 1139, 1593, 1139, 1139, 1024, 797, 573, 797, 1196,
	}
)

package render

import (
	"math"

	"github.com/tomo-viz/tomo/figure"
)

const (
	tileGap   = 16.0
	panelGap  = 26.0
	barsGap   = 28.0
	barsWidth = 236.0
	// Heights of what stands under a tile.
	tileCaption  = 62.0
	inputCaption = 40.0
	noticeLine   = 13.0
)

// heatmapDrawing has a panel for each image: a row of tiles, which are the
// image and its maps, and bars for the predictions. Panels go down the page,
// and many of them in columns.
type heatmapDrawing struct {
	*figure.Heatmap
	caption *caption
	panels  []*heatPanel
	inner   float64
	bottom  float64
}

func layOutHeatmap(h *figure.Heatmap) drawing {
	style := panelStyleOf(h)
	d := &heatmapDrawing{Heatmap: h}
	total := 0.0
	for i := range h.Panels {
		d.panels = append(d.panels, layOutPanel(style, &h.Panels[i]))
		total += d.panels[i].height() + panelGap
	}
	columns := panelColumns(len(h.Panels), style.width(), total)
	d.inner = max(float64(columns)*(style.width()+2*barsGap)-2*barsGap, narrowest)
	d.caption = layOutCaption(&h.About, min(d.inner, widestText))
	d.bottom = d.placePanels(columns, style.width()+2*barsGap)
	return d
}

// panelColumns returns in how many columns to arrange panels, so that many of
// them make a page and not a ribbon.
func panelColumns(n int, width, height float64) int {
	if n <= 5 {
		return 1
	}
	return max(1, int(math.Sqrt(1.3*height/width)))
}

// placePanels sets the panels' places and returns where the last row ends.
func (d *heatmapDrawing) placePanels(columns int, pitch float64) float64 {
	y, row := margin+d.caption.above(), 0.0
	for i, p := range d.panels {
		if i > 0 && i%columns == 0 {
			y, row = y+row+panelGap, 0
		}
		p.x, p.y = margin+float64(i%columns)*pitch, y
		row = max(row, p.height())
	}
	return y + row
}

func (d *heatmapDrawing) size() (w, h float64) {
	return d.inner + 2*margin, d.bottom + d.caption.below() + margin
}

func (d *heatmapDrawing) draw(c canvas) {
	d.caption.drawAbove(c, margin, margin)
	for _, p := range d.panels {
		p.draw(c)
	}
	d.caption.drawBelow(c, margin, d.bottom)
}

// A panelStyle is what all panels of a figure have in common.
type panelStyle struct {
	colors  *Colormap
	opacity float64
	contour float64
	perRow  int // maps beside an image; further ones go on below
	tile    float64
	bars    bool
}

func panelStyleOf(h *figure.Heatmap) *panelStyle {
	s := &panelStyle{opacity: h.Opacity, contour: h.Contour, colors: colormapOr(h.Colormap)}
	most, perClass := 0, 0
	for _, p := range h.Panels {
		most = max(most, len(p.Maps))
		perClass = max(perClass, mapsOfOneClass(p.Maps))
		s.bars = s.bars || len(p.Predictions) > 0
	}
	s.perRow, s.tile = tiling(most)
	if most > s.perRow && perClass > 1 && perClass <= s.perRow { // a row for each class
		s.perRow = perClass
	}
	return s
}

// mapsOfOneClass counts the maps that stand together for the first class.
func mapsOfOneClass(maps []figure.Map) int {
	for i := range maps {
		if maps[i].Class != maps[0].Class {
			return i
		}
	}
	return len(maps)
}

// colormapOr returns a colour map, the default if there is none of that name.
func colormapOr(name string) *Colormap {
	c, err := ColormapByName(name)
	if err != nil {
		c, _ = ColormapByName("")
	}
	return c
}

// tiling returns how many maps stand side by side and how large a tile is.
func tiling(maps int) (perRow int, tile float64) {
	switch {
	case maps <= 1:
		return maps, 280
	case maps == 2:
		return 2, 250
	case maps == 3:
		return 3, 220
	case maps == 4 || maps == 7 || maps == 8:
		return 4, 200
	}
	return 5, 180
}

// tiles is the width of the image and the maps beside it.
func (s *panelStyle) tiles() float64 {
	return float64(1+s.perRow)*(s.tile+tileGap) - tileGap
}

func (s *panelStyle) width() float64 {
	if s.bars {
		return s.tiles() + barsGap + barsWidth
	}
	return s.tiles()
}

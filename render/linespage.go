package render

import (
	"math"
	"strconv"

	"github.com/tomo-viz/tomo/figure"
)

// linesPage is the picture, over which its script reads off the curves.
func linesPage(l *figure.Lines, theme Theme) (page, error) {
	d := &bareLines{layOutLines(&figure.Lines{Plots: l.Plots}).(*linesDrawing)}
	svg, err := drawSVG(d, &l.About, theme, "")
	if err != nil {
		return page{}, err
	}
	data := struct {
		Plots []pagePlot `json:"plots"`
	}{[]pagePlot{}}
	for _, p := range d.plots {
		data.Plots = append(data.Plots, newPagePlot(p))
	}
	return page{"lines.js", "<div id=\"stage\">\n" + svg + "<div id=\"reading\" role=\"status\" hidden></div></div>\n", data}, nil
}

// bareLines are plots and legend without a caption, which the page has as text.
type bareLines struct{ *linesDrawing }

func (d *bareLines) draw(c canvas) { d.drawPlots(c) }

// A pagePlot is what the script knows of a plot: where it lies, and the curves'
// points in lengths and in words.
type pagePlot struct {
	X      float64     `json:"x"`
	Y      float64     `json:"y"`
	W      float64     `json:"w"`
	H      float64     `json:"h"`
	Title  string      `json:"title"` // of the axis below
	Curves []pageCurve `json:"curves"`
}

type pageCurve struct {
	Name string       `json:"name"`
	Ink  string       `json:"ink"`
	At   [][2]float64 `json:"at"`
	Text [][2]string  `json:"text"`
}

// mostRead bounds the points of a curve that can be read off.
const mostRead = 2000

func newPagePlot(p plotDrawing) pagePlot {
	f := p.frame
	out := pagePlot{X: f.X, Y: f.Y, W: f.W, H: f.H, Title: clean(p.X.Title), Curves: []pageCurve{}}
	for i, c := range p.Curves {
		curve := pageCurve{Name: clean(c.Name), Ink: curveInk(p.looks[i]).shade().name, At: [][2]float64{}, Text: [][2]string{}}
		n := min(len(c.X), len(c.Y))
		for j := 0; j < n; j += 1 + n/mostRead {
			at, ok := f.place(c.X[j], c.Y[j])
			if !ok || !f.inside(at) {
				continue
			}
			curve.At = append(curve.At, [2]float64{math.Round(10*at[0]) / 10, math.Round(10*at[1]) / 10})
			curve.Text = append(curve.Text, [2]string{readingText(c.X[j]), readingText(c.Y[j])})
		}
		out.Curves = append(out.Curves, curve)
	}
	return out
}

// readingText writes a value that is read off with five digits.
func readingText(v float64) string { return minus(strconv.FormatFloat(v, 'g', 5, 64)) }

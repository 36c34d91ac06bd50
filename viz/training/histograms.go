package training

import (
	"context"
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/bins"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// A Style is how histograms are drawn.
type Style string

const (
	stylePercentiles Style = "percentiles"
	styleHeatmap     Style = "heatmap"
	styleOffset      Style = "offset"
	styleOverlay     Style = "overlay"
)

// Choices lists them.
func (Style) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(stylePercentiles), Help: "bands between percentiles, over the steps"},
		{Name: string(styleHeatmap), Help: "values up and down, steps to the right, shares as colours"},
		{Name: string(styleOffset), Help: "one histogram behind the other, each standing at its step"},
		{Name: string(styleOverlay), Help: "histograms of some steps over each other"},
	}
}

// most is how many steps a style can show.
func (s Style) most() int {
	switch s {
	case styleOffset:
		return 24
	case styleOverlay:
		return 6
	case styleHeatmap:
		return 120
	}
	return 400
}

// Bounds of the histograms of one figure.
const (
	mostHistograms = 12
	mostHeatmaps   = 6
	cells          = 60 // bins along the values
)

// showHistograms draws those of each name in a plot, or a matrix, of its own.
func showHistograms(ctx context.Context, s *session) (figure.Figure, error) {
	most := mostHistograms
	if s.p.Style == styleHeatmap {
		most = mostHeatmaps
	}
	list, left, err := s.shelves(ctx, track.Histogram, most, s.p.Style.most())
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		s.total += len(l.heads)
	}
	lines, report := &figure.Lines{}, &figure.Report{}
	var fig figure.Figure = lines
	if s.p.Style == styleHeatmap {
		fig = report
	}
	fig.Caption().Title = "Logged histograms"
	s.shelvesLeft(fig.Caption().Warn, left)
	for i, l := range list {
		h, err := s.histograms(ctx, l)
		if err != nil {
			return part(fig, i), err
		}
		switch s.p.Style {
		case styleHeatmap:
			report.Sections = append(report.Sections, figure.Section{Figure: h.matrix()})
		case styleOffset:
			lines.Plots = append(lines.Plots, h.offset())
		case styleOverlay:
			lines.Plots = append(lines.Plots, h.overlay())
		default:
			lines.Plots = append(lines.Plots, h.percentiles())
		}
	}
	if s.p.Style == stylePercentiles {
		fig.Caption().Add("bands", "all values, 7 to 93 %, 16 to 84 % and 31 to 69 % of them")
	}
	fig.Caption().Add("within a bin", "values are taken to lie evenly")
	return fig, nil
}

// A stack is the histograms of one name, by step, and where their values lie.
type stack struct {
	title     string
	steps     []float64
	at        []*track.HistogramBody
	low, high float64
	note      string
}

func (s *session) histograms(ctx context.Context, l *shelf) (*stack, error) {
	out := &stack{title: s.titleOf(l), low: math.Inf(1), high: math.Inf(-1), note: l.some()}
	for _, head := range l.heads {
		s.step(l.name)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		body, err := l.run.store.RecordBody(ctx, head)
		if err != nil {
			return nil, err
		}
		h, err := track.ParseHistogram(body)
		if err != nil {
			return nil, fmt.Errorf("the histogram %q at step %v: %w", l.name, head.Step, err) // the store takes none that is damaged
		}
		out.steps, out.at = append(out.steps, head.Step), append(out.at, h)
		if low, high, ok := bins.Range(h); ok {
			out.low, out.high = min(out.low, low), max(out.high, high)
		}
	}
	if out.low > out.high {
		out.low, out.high = 0, 1
	}
	if out.low == out.high {
		out.low, out.high = out.low-0.5, out.high+0.5
	}
	return out, nil
}

// densities are the shares of each step's values in equal bins.
func (h *stack) densities() [][]float64 {
	out := make([][]float64, len(h.at))
	for i, body := range h.at {
		out[i] = bins.Rebin(body, h.low, h.high, cells)
	}
	return out
}

// middle is that of one of the equal bins.
func (h *stack) middle(k int) float64 {
	return h.low + (h.high-h.low)*(float64(k)+0.5)/cells
}

// matrix has the greatest values above.
func (h *stack) matrix() *figure.Matrix {
	m := &figure.Matrix{RowsAre: "value", ColumnsAre: "step", ValuesAre: "share of the values", Colormap: "viridis"}
	m.Title, m.Subtitle = h.title, h.note
	all := h.densities()
	for _, step := range h.steps {
		m.Columns = append(m.Columns, figure.Line{Name: findings.Figure(step)})
	}
	for k := cells - 1; k >= 0; k-- {
		m.Rows = append(m.Rows, figure.Line{Name: findings.Figure(h.middle(k))})
		for i := range all {
			share := float32(all[i][k])
			m.Values = append(m.Values, share)
			m.High = max(m.High, share)
		}
	}
	return m
}

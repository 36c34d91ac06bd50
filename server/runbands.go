package server

import (
	"context"
	"net/http"
	"slices"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz/training/curve"
)

// A bandQuestion asks for means of runs on a chart.
type bandQuestion struct {
	windowQuestion
	Weight float64     `json:"weight"` // by which the runs are smoothed first; 0 is not at all
	Spread string      `json:"spread"` // one of curve.Spreads; empty is the first
	LogX   bool        `json:"logx"`   // places are evenly spaced by their logarithm
	Curves []bandCurve `json:"curves"`
}

// A bandCurve is one metric of several runs.
type bandCurve struct {
	Runs []string `json:"runs"`
	Name string   `json:"name"`
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

// sendBands answers as sendWindows does. The means are those of the technique:
// of runs at places that are evenly spaced, on straight lines between the points of
// each.
//
//	head  place, kind (0 nothing, 4 a band), n, points of all the curves, 1 if
//	      smoothing looked at every point, NaN three times
//	band  n x, n means, n lower ends, n upper ends, n counts of runs
func (s *Server) sendBands(w http.ResponseWriter, r *http.Request) {
	var q bandQuestion
	err := readJSON(r, maxRunRequest, &q)
	if err == nil {
		for _, c := range q.Curves {
			for _, run := range c.Runs {
				q.windowQuestion.Curves = append(q.windowQuestion.Curves, windowCurve{run, c.Name, c.Low, c.High})
			}
		}
		err = q.check()
	}
	if err == nil {
		err = checkWeight(q.Weight)
	}
	at := slices.IndexFunc(curve.Spreads, func(s curve.NamedSpread) bool { return s.Name == q.Spread || q.Spread == "" })
	if err == nil && at < 0 {
		err = fault.Userf("there is no band %q", q.Spread)
	}
	if err == nil {
		err = s.runs.refresh(r.Context())
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	s.sendCurves(w, r, len(q.Curves), func(ctx context.Context, i int) ([]byte, error) {
		return s.band(ctx, &q, i, curve.Spreads[at].Of)
	})
}

// band encodes one band.
func (s *Server) band(ctx context.Context, q *bandQuestion, place int, spread curve.Spread) ([]byte, error) {
	head := newCurveHead(place)
	asked := &q.Curves[place]
	points, exact := int64(0), true
	var lines []curve.Line
	for _, run := range asked.Runs {
		f, err := s.frame(ctx, &windowCurve{run, asked.Name, asked.Low, asked.High}, &q.windowQuestion)
		if err != nil {
			return nil, err
		}
		if f == nil {
			continue
		}
		points += f.curve.Points
		if !f.proper() {
			continue
		}
		line, isExact, err := f.line(ctx, q.Weight, q.Columns)
		if err != nil {
			return nil, err
		}
		lines, exact = append(lines, line), exact && isExact
	}
	band := curve.Together(lines, spanOf(&windowCurve{Low: asked.Low, High: asked.High}), q.Columns, q.LogX, spread)
	if len(band.X) == 0 {
		return littleEndian(head[:]), nil
	}
	head[1], head[2], head[3], head[4] = 4, float64(len(band.X)), float64(points), one(exact)
	counts := make([]float64, len(band.Lines))
	for i, n := range band.Lines {
		counts[i] = float64(n)
	}
	return littleEndian(head[:], band.X, band.Mean, band.Low, band.High, counts), nil
}

// line is the curve as straight lines, on to the nearest points outside.
func (f *curveFrame) line(ctx context.Context, weight float64, columns int) (line curve.Line, exact bool, err error) {
	if weight > 0 {
		low, high := f.axis.ends(f.curve.Total)
		if margin := (f.high - f.low) / 4; f.course == nil && (f.low > low || f.high < high) { // so that lines go on to the edges
			f.low, f.high, columns = f.low-margin, f.high+margin, columns*3/2
		}
		x, smooth, _, err := f.smooth(ctx, weight, columns, nil)
		return curve.NewLine(x, smooth.Value), smooth.Exact, err
	}
	if f.course != nil {
		cells, err := f.along(ctx, columns)
		n := len(cells) / 8
		return curve.NewLine(cells[:n], cells[6*n:7*n]), true, err
	}
	look, err := f.store.Look(ctx, f.curve, f.axis.kind, f.low, f.high, columns)
	var x, y []float64
	for _, p := range []*series.Point{look.Before, look.After} {
		if p != nil {
			x, y = append(x, f.axis.at(f.axis.of(*p))), append(y, p.Value)
		}
	}
	for _, b := range look.Buckets {
		low, high := f.axis.ends(b)
		x, y = append(x, f.axis.at((low+high)/2)), append(y, b.Mean())
	}
	return curve.NewLine(x, y), true, err
}

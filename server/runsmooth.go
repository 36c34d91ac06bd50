package server

import (
	"context"
	"net/http"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/viz/training/curve"
)

// A smoothQuestion asks how curves look on a chart when they are smoothed.
type smoothQuestion struct {
	windowQuestion
	// Weight is that of package curve, from 0 to below 1.
	Weight float64       `json:"weight"`
	Curves []smoothCurve `json:"curves"`
}

// A smoothCurve is one curve of a chart. Known is what an earlier answer told of
// it, if it is asked for again because it has grown.
type smoothCurve struct {
	windowCurve
	Known *smoothKnown `json:"known"`
}

// A smoothKnown is how far a smoothed curve is known.
type smoothKnown struct {
	After    float64 `json:"after"`    // x of the last column but one
	Settled  float64 `json:"settled"`  // as the answer told
	Distance float64 `json:"distance"` // so, too
}

// sendSmoothed answers as sendWindows does. It is the smoothing of the technique,
// over every point wherever that is.
//
//	head  place, kind (0 nothing, 3 a line), n, points of the whole curve, 1 if
//	      every point was looked at, the usual distance of two steps, how many
//	      points come before the last column, 1 if it goes on from what is known
//	line  n x, n y: the average at the last point of each column
func (s *Server) sendSmoothed(w http.ResponseWriter, r *http.Request) {
	var q smoothQuestion
	err := readJSON(r, maxRunRequest, &q)
	if err == nil {
		for _, c := range q.Curves {
			q.windowQuestion.Curves = append(q.windowQuestion.Curves, c.windowCurve)
		}
		err = q.check()
	}
	if err == nil {
		err = checkWeight(q.Weight)
	}
	if err == nil {
		err = s.runs.refresh(r.Context())
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	s.sendCurves(w, r, len(q.Curves), func(ctx context.Context, i int) ([]byte, error) { return s.smoothed(ctx, &q, i) })
}

func checkWeight(weight float64) error {
	if !(weight >= 0 && weight < 1) {
		return fault.Userf("a smoothing of %v is not from 0 to below 1", weight)
	}
	return nil
}

// smoothed encodes one curve.
func (s *Server) smoothed(ctx context.Context, q *smoothQuestion, place int) ([]byte, error) {
	head := newCurveHead(place)
	asked := &q.Curves[place]
	f, err := s.frame(ctx, &asked.windowCurve, &q.windowQuestion)
	if f == nil || err != nil || !f.proper() {
		return littleEndian(head[:]), err
	}
	x, line, goesOn, err := f.smooth(ctx, q.Weight, q.Columns, asked.Known)
	if err != nil {
		return nil, err
	}
	head[1], head[2], head[3] = 3, float64(len(line.Value)), float64(f.curve.Points)
	head[4], head[5], head[6], head[7] = one(line.Exact), line.Distance, float64(line.Settled), one(goesOn)
	return littleEndian(head[:], x, line.Value), nil
}

// goOn smooths what lies behind the known part, or all where that is no longer
// what it was: the run went back to earlier steps, or its steps lie otherwise.
func (f *curveFrame) goOn(ctx context.Context, how curve.Smoothing, known *smoothKnown) (curve.Smoothed, bool, error) {
	if known != nil && f.curve.Points <= curve.MostExact && known.Distance == curve.Distance(f.curve.Total) {
		after := f.axis.bound(&known.After, 0)
		how.After = &after
		line, err := curve.Smooth(ctx, f.store, f.curve, how)
		if err != nil || line.Exact && float64(line.Passed) == known.Settled && line.Distance == known.Distance {
			return line, true, err
		}
		how.After = nil
	}
	line, err := curve.Smooth(ctx, f.store, f.curve, how)
	return line, false, err
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

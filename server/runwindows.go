package server

import (
	"bufio"
	"context"
	"encoding/binary"
	"math"
	"net/http"
	"runtime"
	"sync"

	"github.com/klauspost/compress/gzhttp"
	"golang.org/x/sync/errgroup"

	"github.com/tomo-viz/tomo/internal/fault"
)

// A windowQuestion asks how curves look on a chart.
type windowQuestion struct {
	Curves []windowCurve `json:"curves"`
	// Axis is what points are laid out along: step, wall (seconds since 1970) or
	// relative (seconds since the run began).
	Axis string `json:"axis"`
	// By is a metric along which points are laid out instead of the steps; Low and
	// High are then values of it.
	By string `json:"by"`
	// Columns is how many columns of pixels the chart has.
	Columns int `json:"columns"`
}

// A windowCurve is one curve of a chart, from Low to High, both included; null
// is where the curve ends.
type windowCurve struct {
	Run  string   `json:"run"`
	Name string   `json:"name"`
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

// Bounds of one answer.
const (
	maxColumns     = 8192
	maxWindowCells = 4 << 20 // columns of all its curves
)

func (q *windowQuestion) check() error {
	if q.Axis != "step" && q.Axis != "wall" && q.Axis != "relative" {
		return fault.Userf("there is no axis %q; there are step, wall and relative", q.Axis)
	}
	if q.By != "" && q.Axis != "step" {
		return fault.Userf("along the metric %q there is no axis %q; ask for step", q.By, q.Axis)
	}
	if q.Columns < 1 || q.Columns > maxColumns {
		return fault.Userf("a chart of %d columns cannot be asked for; 1 to %d can", q.Columns, maxColumns)
	}
	if n := q.Columns * len(q.Curves); n > maxWindowCells {
		return fault.Userf("%d curves of %d columns are too much for one answer; ask for at most %d columns in all", len(q.Curves), q.Columns, maxWindowCells)
	}
	unit := 1.0
	if q.Axis != "step" {
		unit = 1e6 // times are looked up by microseconds
	}
	for _, c := range q.Curves {
		if c.Low != nil && c.High != nil && math.IsInf(unit**c.High-unit**c.Low, 0) {
			return fault.Userf("a window from %v to %v is wider than numbers are great", *c.Low, *c.High)
		}
	}
	return nil
}

// sendWindows answers with little-endian float64 numbers: for each curve, in the
// order in which they are ready, a head of eight and then its columns.
//
//	head     place among those asked for, kind (0 nothing, 1 points, 2 buckets), n,
//	         points of the whole curve, x and y of the nearest point before and
//	         of that after, NaN without
//	points   n x, n y: every point there is
//	buckets  n least x, n greatest x, n counts, n counts of those not finite,
//	         n least y, n greatest y, n means, n last y
func (s *Server) sendWindows(w http.ResponseWriter, r *http.Request) {
	var q windowQuestion
	err := readJSON(r, maxRunRequest, &q)
	if err == nil {
		err = q.check()
	}
	if err == nil {
		err = s.runs.refresh(r.Context())
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	s.sendCurves(w, r, len(q.Curves), func(ctx context.Context, i int) ([]byte, error) { return s.window(ctx, &q, i) })
}

// sendCurves sends what is told of so many curves, in the order in which they
// are ready.
func (s *Server) sendCurves(w http.ResponseWriter, r *http.Request, n int, encode func(ctx context.Context, place int) ([]byte, error)) {
	if s.guard.local { // packing takes longer than sending
		w.Header().Set(gzhttp.HeaderNoCompression, "1")
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := bufio.NewWriterSize(w, 1<<16)
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(r.Context())
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error {
			raw, err := encode(ctx, i)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			_, err = out.Write(raw)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		if r.Context().Err() == nil {
			s.log.Println("a chart:", err)
		}
		panic(http.ErrAbortHandler) // what was sent must not look whole
	}
	_ = out.Flush()
}

// window encodes one curve.
func (s *Server) window(ctx context.Context, q *windowQuestion, place int) ([]byte, error) {
	head := newCurveHead(place)
	f, err := s.frame(ctx, &q.Curves[place], q)
	if f == nil || err != nil {
		return littleEndian(head[:]), err
	}
	head[3] = float64(f.curve.Points)
	if !f.proper() {
		return littleEndian(head[:]), nil
	}
	if f.course != nil {
		along, err := f.along(ctx, q.Columns)
		head[1], head[2] = 2, float64(len(along)/8)
		return littleEndian(head[:], along), err
	}
	axis := f.axis
	look, err := f.store.Look(ctx, f.curve, axis.kind, f.low, f.high, q.Columns)
	if err != nil {
		return nil, err
	}
	head[1], head[2] = 1, float64(len(look.Buckets))
	if p := look.Before; p != nil {
		head[4], head[5] = axis.at(axis.of(*p)), p.Value
	}
	if p := look.After; p != nil {
		head[6], head[7] = axis.at(axis.of(*p)), p.Value
	}
	for _, b := range look.Buckets {
		if b.Count > 1 {
			head[1] = 2
		}
	}
	if head[1] == 1 {
		return littleEndian(head[:], axis.points(look.Buckets)), nil
	}
	return littleEndian(head[:], axis.buckets(look.Buckets)), nil
}

// A curveHead begins what is told of a curve.
type curveHead [8]float64

func newCurveHead(place int) curveHead {
	nan := math.NaN()
	return curveHead{float64(place), 0, 0, 0, nan, nan, nan, nan}
}

func littleEndian(parts ...[]float64) []byte {
	var raw []byte
	for _, part := range parts {
		for _, v := range part {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		}
	}
	return raw
}

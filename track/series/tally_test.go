package series

import (
	"bytes"
	"math"
	"testing"
)

// TestTally compares what is known without the points with what they say, for
// series that grow at once, in portions, and from what is kept.
func TestTally(t *testing.T) {
	for _, n := range []int{1, 255, 256, 257, 5000, 20_000} {
		for name, points := range runs(n) {
			want := points[0]
			for _, p := range points {
				if p.Step > want.Step || p.Step == want.Step && p.Time >= want.Time {
					want = p
				}
			}
			for _, portion := range []int{n, 1 + n/7} {
				a := &Appender{}
				for from := 0; from < n; from += portion {
					a.Append(points[from:min(from+portion, n)]...)
				}
				resumed, err := Resume(int64(n), keep(t, points, portion))
				if err != nil {
					t.Fatal(err)
				}
				for how, got := range map[string]Tally{"appended": a.Tally(), "resumed": resumed.Tally()} {
					if l := got.Latest; l.Step != want.Step || l.Time != want.Time || math.Float64bits(l.Value) != math.Float64bits(want.Value) {
						t.Errorf("%s, %d points in portions of %d, %s: the latest is %+v, want %+v", name, n, portion, how, l, want)
					}
					if got.Count != int64(n) || got.MaxStep != want.Step {
						t.Errorf("%s: %+v", name, got)
					}
					raw := EncodeTally(got)
					again, err := DecodeTally(raw)
					if err != nil || !bytes.Equal(EncodeTally(again), raw) {
						t.Errorf("%s: read back as %+v, %v; was %+v", name, again, err, got)
					}
				}
			}
		}
	}
	if _, err := DecodeTally([]byte("short")); err == nil {
		t.Error("bytes that are no tally were read")
	}
}

// TestLatest: of points at the greatest step it is the one whose time is the
// latest, then that of the greatest value, wherever it lies among them.
func TestLatest(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		some []Point
		want Point
	}{
		"time before arrival": {[]Point{{9, 900, 1}, {9, 100, 2}}, Point{9, 900, 1}},
		"step before time":    {[]Point{{9, 100, 1}, {8, 900, 2}}, Point{9, 100, 1}},
		"value at last":       {[]Point{{9, 100, 3}, {9, 100, math.Inf(1)}, {9, 100, nan}, {9, 100, 5}}, Point{9, 100, math.Inf(1)}},
		"rather than NaN":     {[]Point{{9, 100, nan}, {9, 100, -1}, {9, 100, nan}}, Point{9, 100, -1}},
	} {
		for _, others := range []int{0, 63, 300, 10_000} {
			for _, first := range []bool{true, false} {
				points := make([]Point, others)
				for i := range points {
					points[i] = Point{float64(i % 8), int64(1000 + i), 0}
				}
				if first {
					points = append(append([]Point(nil), c.some...), points...)
				} else {
					points = append(points, c.some...)
				}
				a := &Appender{}
				a.Append(points...)
				resumed, err := Resume(int64(len(points)), keep(t, points, 1+len(points)/3))
				if err != nil {
					t.Fatal(err)
				}
				if a.latest != c.want || resumed.latest != c.want {
					t.Errorf("%s, among %d others: %+v, resumed %+v, want %+v", name, others, a.latest, resumed.latest, c.want)
				}
			}
		}
	}
}

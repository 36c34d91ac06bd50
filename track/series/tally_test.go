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
				if p.Step >= want.Step {
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
					if l := got.Latest; l.Step != want.Step || math.Float64bits(l.Value) != math.Float64bits(want.Value) || how == "appended" && l != want && l.Value == l.Value {
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

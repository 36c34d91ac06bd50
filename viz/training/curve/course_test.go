package curve

import (
	"math"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/track/series"
)

// TestFollow: a small part of a metric that grows, and one that goes up and down,
// are found to the point.
func TestFollow(t *testing.T) {
	const n = 300_000
	grows, swings := make([]series.Point, n), make([]series.Point, n)
	for i := range n {
		grows[i] = series.Point{Step: float64(i), Time: int64(i) + 1, Value: 7 * float64(i)}
		swings[i] = series.Point{Step: float64(i), Time: int64(i) + 1, Value: math.Sin(4 * math.Pi * float64(i) / n)}
	}
	s, c := logged(t, grows)
	course, err := Follow(t.Context(), s, c, Span{7 * 123_456.5, 7 * 123_460}, 100)
	if err != nil || len(course.Steps) != 1 || course.Steps[0].Low > 123_456 || course.Steps[0].High < 123_460 || course.Steps[0].High-course.Steps[0].Low > 300 {
		t.Fatalf("%v, %v", course.Steps, err)
	}
	for step := 123_456.0; step < 123_460; step += 0.25 {
		if got := course.Line.At(step); !near(got, 7*step, 1e-12) {
			t.Errorf("at step %v it is %v", step, got)
		}
	}
	if course, err := Follow(t.Context(), s, c, Span{-5, -1}, 100); err != nil || len(course.Steps) != 0 {
		t.Errorf("where it never is: %v, %v", course.Steps, err)
	}
	if course, err := Follow(t.Context(), s, c, Everything, 100); err != nil || len(course.Steps) != 1 || course.Steps[0] != (Span{0, n - 1}) || len(course.Line.X) > 201 {
		t.Errorf("all of it: %v, %v", course.Steps, err)
	}
	s, c = logged(t, swings)
	course, err = Follow(t.Context(), s, c, Span{0.5, 0.501}, 400)
	if err != nil || len(course.Steps) != 4 {
		t.Fatalf("passed %v, %v", course.Steps, err)
	}
	for i, turn := range []float64{1. / 24, 5. / 24, 13. / 24, 17. / 24} {
		if at := turn * n; !course.Steps[i].Contains(at) || course.Steps[i].High-course.Steps[i].Low > 500 || !near(course.Line.At(at), 0.5, 1e-6) {
			t.Errorf("it passes at %v, in %v as %v", at, course.Steps[i], course.Line.At(at))
		}
	}
}

// TestLineOf: a line reaches the ends of each of its stretches, between which it
// does not guess from the middle of the last bucket.
func TestLineOf(t *testing.T) {
	bucket := func(low, high float64) series.Summary { // of twice the step
		return series.Summarize([]series.Point{{Step: low, Value: 2 * low}, {Step: high, Value: 2 * high}})
	}
	line := lineOf([]series.Summary{bucket(0, 4), bucket(5, 9), bucket(90, 90), bucket(91, 99)}, []Span{{0, 9}, {90, 99}})
	for _, step := range []float64{0, 1, 9, 90, 98, 99} {
		if got := line.At(step); !near(got, 2*step, 1e-12) {
			t.Errorf("at step %v it is %v", step, got)
		}
	}
	if want := []float64{0, 2, 7, 9, 90, 95, 99}; !slices.Equal(line.X, want) {
		t.Errorf("it has places at %v, want %v", line.X, want)
	}
}

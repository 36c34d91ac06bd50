package render

import (
	"math"
	"testing"
)

// TestIsolineOfACone is a circle, closed and of the right radius.
func TestIsolineOfACone(t *testing.T) {
	const side, radius = 64, 20.0
	field := make([]float32, side*side)
	for i := range field {
		field[i] = float32(-math.Hypot(float64(i%side)+0.5-32, float64(i/side)+0.5-30))
	}
	lines := isolines(field, side, side, -radius)
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1", len(lines))
	}
	line := lines[0]
	if line[0] != line[len(line)-1] {
		t.Errorf("the line begins at %v and ends at %v", line[0], line[len(line)-1])
	}
	length := 0.0
	for i, p := range line {
		if r := math.Hypot(p[0]-32, p[1]-30); math.Abs(r-radius) > 0.05 {
			t.Errorf("a point lies %v from the middle, want %v", r, radius)
		}
		if i > 0 {
			length += math.Hypot(p[0]-line[i-1][0], p[1]-line[i-1][1])
		}
	}
	if want := 2 * math.Pi * radius; math.Abs(length-want) > 0.01*want {
		t.Errorf("the line is %v long, want %v", length, want)
	}
}

// TestIsolinesEnd at the border and around what is no number; both ways to read
// a saddle are taken by its mean.
func TestIsolinesEnd(t *testing.T) {
	nan := float32(math.NaN())
	cases := map[string]struct {
		field  []float32
		w      int
		points []int // of each line
	}{
		"flat":          {[]float32{1, 1, 1, 1}, 2, nil},
		"one point":     {[]float32{1}, 1, nil},
		"a ramp":        {[]float32{0, 1, 0, 1, 0, 1}, 2, []int{3}},
		"a peak":        {[]float32{0, 0, 0, 0, 1, 0, 0, 0, 0}, 3, []int{5}},
		"no number":     {[]float32{1, 1, 1, 1, nan, 1, 1, 1, 1}, 3, []int{5}},
		"a high saddle": {[]float32{1, 0.2, 0.2, 1}, 2, []int{2, 2}},
		"a low saddle":  {[]float32{0.7, 0, 0, 0.7}, 2, []int{2, 2}},
	}
	for name, c := range cases {
		lines := isolines(c.field, c.w, len(c.field)/c.w, 0.5)
		if len(lines) != len(c.points) {
			t.Errorf("%s: %d lines, want %d", name, len(lines), len(c.points))
			continue
		}
		for i, line := range lines {
			if len(line) != c.points[i] {
				t.Errorf("%s: line %d has %d points, want %d", name, i, len(line), c.points[i])
			}
		}
	}
	// The corners above the level are on one side of each line, or between them.
	ends := func(field []float32) (x float64) {
		return isolines(field, 2, 2, 0.5)[0][0][1] + isolines(field, 2, 2, 0.5)[0][1][1]
	}
	if high, low := ends([]float32{1, 0.2, 0.2, 1}), ends([]float32{0.7, 0, 0, 0.7}); high == low {
		t.Error("both saddles are read the same way")
	}
}

package render

import (
	"bytes"
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

// sweep is a search for settings: forty runs, of which some lack a value.
func sweep() *figure.Parallel {
	p := &figure.Parallel{Scales: []figure.Scale{
		{Name: "learning rate", Low: 1e-5, High: 1e-1, Log: true},
		{Name: "optimizer", High: 2, Labels: []string{"adam", "adamw", "sgd"}},
		{Name: "layers", Low: 2, High: 12},
		{Name: "validation loss", Low: 0.21, High: 2.3},
	}}
	p.Title = "Settings and results"
	p.Add("runs", "40")
	for i := range 40 {
		x := float64(i) / 39
		loss := 0.21 + 2*math.Abs(math.Sin(3*x))
		t := figure.Thread{Name: "run", Values: figure.Doubles{math.Pow(10, -5+4*x), float64(i % 3), float64(2 + i%11), loss}, Strength: x}
		if i%9 == 4 {
			t.Values[2] = math.NaN()
		}
		p.Threads = append(p.Threads, t)
	}
	return p
}

// TestParallelPlaces puts each value at its height on its axis, and interrupts
// lines where there is none.
func TestParallelPlaces(t *testing.T) {
	d := layOutParallel(sweep()).(*parallelDrawing)
	for _, at := range []struct {
		axis     int
		value, y float64
	}{
		{0, 1e-5, 1}, {0, 1e-3, 0.5}, {0, 1e-1, 0}, {1, 0, 5. / 6}, {1, 2, 1. / 6},
	} {
		if got, want := d.y(at.axis, at.value), d.top+scaleHeight*at.y; math.Abs(got-want) > 1e-9 {
			t.Errorf("%v on axis %d lies at %v, want %v", at.value, at.axis, got, want)
		}
	}
	p := &figure.Parallel{Scales: sweep().Scales, Threads: []figure.Thread{{Name: "broken", Values: figure.Doubles{1e-3, 1, math.NaN(), 1}}}}
	svg := string(write(t, p, "svg", Options{}))
	if n := strings.Count(svg, "<path"); n != 1 {
		t.Errorf("a line of two values, a gap and a value has %d strokes", n)
	}
}

func TestParallelAsCSV(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(write(t, sweep(), "csv", Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 41 || strings.Join(rows[0], ",") != "name,learning rate,optimizer,layers,validation loss" || rows[2][2] != "adamw" || rows[5][3] != "NaN" {
		t.Errorf("%d rows: %q, %q, %q", len(rows), rows[0], rows[2], rows[5])
	}
}

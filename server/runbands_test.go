package server

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// TestBands means three runs, one of which ends earlier.
func TestBands(t *testing.T) {
	b, store := newRunBench(t)
	for r, id := range []string{"x", "y", "z"} {
		m := track.Metric{Name: "loss"}
		for i := range 101 - 50*(r/2) {
			m.Points = append(m.Points, series.Point{Step: float64(i), Time: int64(i+1) * 1e6, Value: float64(10*r*r + i)}) // 0, 10 and 40 above the step
		}
		fill(t, store, id, &track.Batch{Metrics: []track.Metric{m}})
	}
	ask := func(rest, low string) seen {
		return b.curves("/api/curves/bands", fmt.Sprintf(`{"axis":"step","columns":101,%s,"curves":[{"runs":["x","y","z","absent"],"name":"loss"%s}]}`, rest, low))[0]
	}
	s := ask(`"spread":"deviation"`, "")
	if s.kind != 4 || s.n != 101 || s.head[3] != 253 || s.columns[4][0] != 3 || s.columns[4][100] != 2 {
		t.Fatalf("%v", s.head)
	}
	deviation := math.Sqrt(1300. / 3) // of 0, 10 and 40: squares of -50/3, -20/3, 70/3 over 2
	for i, want := range []float64{0, 50. / 3, 50./3 - deviation, 50./3 + deviation} {
		if got := s.columns[i][0]; math.Abs(got-want) > 1e-12 {
			t.Errorf("at step 0, column %d is %v, want %v", i, got, want)
		}
	}
	if s := ask(`"spread":"extremes"`, `,"low":20.5,"high":30.5`); s.columns[0][0] != 20.5 || s.columns[0][100] != 30.5 || s.columns[2][0] != 20.5 || s.columns[3][100] != 70.5 {
		t.Errorf("a part: %v", s.columns)
	}
	if s := ask(`"spread":"middle","weight":0.5`, ""); s.kind != 4 || s.head[4] != 1 || math.Abs(s.columns[1][50]-(50./3+49)) > 1e-9 { // a ramp lags one step behind
		t.Errorf("smoothed: %v, %v", s.head, s.columns[1][50])
	}
	whole := b.curves("/api/curves/bands", `{"axis":"step","columns":10,"weight":0.5,"spread":"deviation","curves":[{"runs":["x"],"name":"loss"}]}`)[0]
	line := b.curves("/api/curves/smooth", `{"axis":"step","columns":10,"weight":0.5,"curves":[{"run":"x","name":"loss"}]}`)[0]
	if whole.n != 10 || whole.columns[0][0] != line.columns[0][0] || whole.columns[1][9] != line.columns[1][line.n-1] {
		t.Errorf("the mean of one run is %v, and the run %v", whole.columns, line.columns)
	}
	if s := ask(`"spread":"extremes","by":"loss"`, ""); s.columns[0][0] != 0 || s.columns[0][100] != 110 || s.columns[1][50] != 55 || s.columns[4][50] != 3 {
		t.Errorf("along itself: %v", s.columns)
	}
	for _, rest := range []string{`"spread":"wide"`, `"spread":"middle","weight":1`, `"spread":"middle","by":"loss","axis":"wall"`} {
		status, body, _ := b.do("POST", "/api/curves/bands", `{"axis":"step","columns":10,`+rest+`,"curves":[]}`)
		var f failure
		if err := json.Unmarshal([]byte(body), &f); err != nil || status != 400 || f.Kind != "user" {
			t.Errorf("%s: %d %s", rest, status, body)
		}
	}
}

// TestAlong lays a metric out along another, in a part that is far finer than a
// column of the whole.
func TestAlong(t *testing.T) {
	b, store := newRunBench(t)
	const n = 50_000
	tokens, loss := track.Metric{Name: "tokens"}, track.Metric{Name: "loss"}
	for i := range n {
		p := series.Point{Step: float64(i), Time: int64(i+1) * 1e6, Value: 1000 * float64(i)}
		tokens.Points = append(tokens.Points, p)
		p.Value = math.Sin(float64(i))
		loss.Points = append(loss.Points, p)
	}
	fill(t, store, "x", &track.Batch{Metrics: []track.Metric{tokens, loss}})
	s := b.windows(`{"axis":"step","by":"tokens","columns":100,"curves":[{"run":"x","name":"loss","low":7000000,"high":7050000},{"run":"x","name":"loss"},{"run":"a","name":"loss/train"},{"run":"x","name":"loss","low":-9,"high":-1}]}`)
	near, all := s[0], s[1]
	found := 0
	for i := range near.n {
		x := near.columns[0][i]
		if near.columns[2][i] != 1 || near.columns[6][i] != math.Sin(x/1000) {
			t.Fatalf("at %v are %v points, of %v", x, near.columns[2][i], near.columns[6][i])
		}
		if x >= 7e6 && x <= 7.05e6 {
			found++
		}
	}
	if found != 51 || near.n > 200 {
		t.Errorf("%d of %d points lie in the part, of 51", found, near.n)
	}
	count := 0.0
	for _, c := range all.columns[2] {
		count += c
	}
	if count != n || all.n > 200 || s[2].kind != 0 || s[3].n != 0 {
		t.Errorf("all: %v points in %d buckets; without the metric: %v; where it never is: %v", count, all.n, s[2].head, s[3].head)
	}
	line := b.curves("/api/curves/smooth", `{"axis":"step","by":"tokens","columns":100,"weight":0.5,"curves":[{"run":"x","name":"tokens","low":7000000,"high":7050000}]}`)[0]
	for i := range line.n { // a ramp lags behind
		if x := line.columns[0][i]; math.Abs(line.columns[1][i]-(x-1000)) > 1e-6 {
			t.Fatalf("smoothed, at %v it is %v", x, line.columns[1][i])
		}
	}
	if line.n < 51 {
		t.Errorf("%d smoothed columns", line.n)
	}
}

// TestAlongToTheEnd: smoothed along a metric, a curve and a mean of curves reach
// from the first point to the last, where each column holds many points.
func TestAlongToTheEnd(t *testing.T) {
	b, store := newRunBench(t)
	for n, columns := range map[int]int{5000: 100, 50_001: 1000} {
		tokens := track.Metric{Name: "tokens"}
		for i := range n {
			tokens.Points = append(tokens.Points, series.Point{Step: float64(i), Time: int64(i+1) * 1e6, Value: 1000 * float64(i)})
		}
		run := fmt.Sprint("n", n)
		fill(t, store, run, &track.Batch{Metrics: []track.Metric{tokens}})
		end := 1000 * float64(n-1)
		ask := fmt.Sprintf(`{"axis":"step","by":"tokens","columns":%d,"weight":0.5,"curves":[{"run":%q,"name":"tokens"}]}`, columns, run)
		line := b.curves("/api/curves/smooth", ask)[0]
		for i, x := range line.columns[0] {
			if math.IsNaN(x) {
				t.Fatalf("%d points: place %d of %d is NaN", n, i, line.n)
			}
		}
		if last := line.columns[0][line.n-1]; last != end {
			t.Errorf("%d points: smoothed up to %v of %v", n, last, end)
		}
		ask = fmt.Sprintf(`{"axis":"step","by":"tokens","columns":%d,"weight":0.5,"spread":"extremes","curves":[{"runs":[%q],"name":"tokens"}]}`, columns, run)
		band := b.curves("/api/curves/bands", ask)[0]
		if last := band.columns[0][band.n-1]; last != end {
			t.Errorf("%d points: the mean goes up to %v of %v", n, last, end)
		}
	}
}

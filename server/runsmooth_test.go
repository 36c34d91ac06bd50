package server

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// TestSmoothed compares with the definition, summed up, and asks for what came
// behind what is known.
func TestSmoothed(t *testing.T) {
	b, store := newRunBench(t)
	ask := func(axis, rest string) seen {
		return b.curves("/api/curves/smooth", fmt.Sprintf(`{"axis":%q,"columns":200,"weight":0.9,"curves":[{"run":"b","name":"accuracy"%s}]}`, axis, rest))[0]
	}
	value := func(i int) float64 { return math.Sin(float64(i) / 7) }
	points := func(from, to int) *track.Batch {
		m := track.Metric{Name: "accuracy"}
		for i := from; i < to; i++ {
			m.Points = append(m.Points, series.Point{Step: float64(i), Time: int64(i+1) * 1e6, Value: value(i)})
		}
		return &track.Batch{Metrics: []track.Metric{m}}
	}
	fill(t, store, "b", points(3, 900)) // behind the three that are there: 1, 1/2, 1/3
	want := func(n int) float64 {
		sum, mass := 0.0, 0.0
		for i := range n + 1 {
			v := value(i)
			if i < 3 {
				v = 1 / float64(i+1)
			}
			k := math.Pow(0.9, float64(n-i))
			sum, mass = sum+k*v, mass+k
		}
		return sum / mass
	}
	check := func(what string, s seen, at func(x float64) int) {
		t.Helper()
		if s.kind != 3 || s.n < 2 || s.head[4] != 1 {
			t.Fatalf("%s: %v", what, s.head)
		}
		for i, x := range s.columns[0] {
			if got, want := s.columns[1][i], want(at(x)); math.Abs(got-want) > 1e-12 {
				t.Fatalf("%s: at %v it is %v, want %v", what, x, got, want)
			}
		}
	}
	step := func(x float64) int { return int(x) }
	whole := ask("step", "")
	check("the whole", whole, step)
	check("by time", ask("wall", ""), func(x float64) int { return int(x) - 1 })
	part := ask("step", `,"low":100,"high":150`)
	if check("a part", part, step); part.n != 51 || part.columns[0][0] != 100 {
		t.Errorf("a part has %d columns, from %v", part.n, part.columns[0][0])
	}
	known := fmt.Sprintf(`,"known":{"after":%v,"settled":%v,"distance":%v}`, whole.columns[0][whole.n-2], whole.head[6], whole.head[5])
	fill(t, store, "b", points(900, 1000))
	more := ask("step", known)
	if check("what came since", more, step); more.head[7] != 1 || more.n > 110 || more.columns[0][0] < whole.columns[0][whole.n-2] || more.columns[0][more.n-1] != 999 {
		t.Errorf("what came since: %v, %v", more.head, more.columns[0])
	}
	fill(t, store, "b", points(500, 501)) // back to an earlier step
	if again := ask("step", known); again.head[7] != 0 || again.columns[0][0] > 5 {
		t.Errorf("a run went back, and the answer begins at %v: %v", again.columns[0][0], again.head)
	}
	if s := b.curves("/api/curves/smooth", `{"axis":"step","columns":10,"weight":0.5,"curves":[{"run":"b","name":"absent"},{"run":"absent","name":"x"},{"run":"a","name":"loss/train","low":9000,"high":9001}]}`); len(s) != 3 || s[0].kind != 0 || s[1].kind != 0 || s[2].n != 0 {
		t.Errorf("what is not there: %v", s)
	}
	for _, weight := range []string{"1", "-0.1", "1e999"} {
		status, body, _ := b.do("POST", "/api/curves/smooth", `{"axis":"step","columns":10,"weight":`+weight+`,"curves":[]}`)
		var f failure
		if err := json.Unmarshal([]byte(body), &f); err != nil || status != 400 || f.Kind != "user" {
			t.Errorf("a weight of %s: %d %s", weight, status, body)
		}
	}
}

package curve

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

func near(a, b, tolerance float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b))
}

// logged writes one metric.
func logged(t *testing.T, points []series.Point) (*track.Store, track.Curve) {
	t.Helper()
	s, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r, err := s.CreateRun(t.Context(), track.Run{Project: "trial"})
	if err == nil {
		err = s.Log(t.Context(), r, &track.Batch{Metrics: []track.Metric{{Name: "loss", Points: points}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	curves, err := s.Curves(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return s, curves[0]
}

// TestAverageIsPandas compares with pandas 3.1's Series.ewm(alpha=0.4,
// adjust=True).mean() of the same values, which TensorBoard's smoothing of 0.6 is,
// too.
func TestAverageIsPandas(t *testing.T) {
	want := []float64{3, 1.7499999999999998, 2.8979591836734695, 2.0257352941176467, 3.3157529493407356, 5.700725026852847, 4.177802944507362, 4.9191332694550916}
	a := NewAverage(0.6, 10)
	for i, y := range []float64{3, 1, 4, 1, 5, 9, 2, 6} {
		if got := a.Add(float64(10*i), y, 1); !near(got, want[i], 1e-14) {
			t.Errorf("value %d is smoothed to %v, want %v", i, got, want[i])
		}
	}
}

// TestAverageIsItsDefinition sums up the definition at uneven steps.
func TestAverageIsItsDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const w, d = 0.9, 2.5
	var x, y []float64
	a := NewAverage(w, d)
	at := 0.0
	for i := range 300 {
		at += random.ExpFloat64() * float64(i%7) // some steps twice
		x, y = append(x, at), append(y, random.NormFloat64())
		sum, mass := 0.0, 0.0
		for j := range x {
			k := math.Pow(w, (at-x[j])/d)
			sum, mass = sum+k*y[j], mass+k
		}
		if got := a.Add(at, y[i], 1); !near(got, sum/mass, 1e-12) {
			t.Fatalf("value %d is %v, want %v", i, got, sum/mass)
		}
	}
	before := a.Add(at, 0, 0) // nothing added
	if got := a.Add(at+1, math.NaN(), 1); !math.IsNaN(got) {
		t.Errorf("NaN is smoothed to %v", got)
	}
	if got := a.Add(at, 0, 0); !near(got, before, 1e-12) {
		t.Errorf("NaN has moved the average from %v to %v", before, got)
	}
	none := NewAverage(0, 1)
	for _, v := range []float64{1, 5, 2} {
		if got := none.Add(7, v, 1); got != v {
			t.Errorf("no smoothing makes %v of %v", got, v)
		}
	}
}

// TestSmoothOverBuckets holds the smoothing over buckets to that over all points:
// what it is off by is small beside what smoothing leaves of the curve.
func TestSmoothOverBuckets(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const n, weight = MostExact + 10_000, 0.999
	points, want := make([]series.Point, n), make([]float64, n)
	a := NewAverage(weight, 1)
	for i := range points {
		x := float64(i)
		points[i] = series.Point{Step: x, Time: int64(i) + 1, Value: math.Exp(-x/200_000) + 0.1*random.NormFloat64()}
		want[i] = a.Add(x, points[i].Value, 1)
	}
	s, c := logged(t, points)
	exact, err := Smooth(t.Context(), s, c, Smoothing{Weight: weight, Span: Everything, Columns: 500, Exact: true})
	if err != nil || !exact.Exact {
		t.Fatal(exact.Exact, err)
	}
	for i, x := range exact.Step {
		if !near(exact.Value[i], want[int(x)], 1e-12) {
			t.Fatalf("at step %v: %v, want %v", x, exact.Value[i], want[int(x)])
		}
	}
	if k := len(exact.Step); k < 500 || k > 510 || exact.Step[k-1] != n-1 {
		t.Errorf("%d columns, the last at %v", k, exact.Step[k-1])
	}
	buckets, err := Read(t.Context(), s, c, series.ByStep, Everything, fineColumns)
	if err != nil {
		t.Fatal(err)
	}
	ends := map[float64]float64{} // of buckets, by their middles
	for _, b := range buckets {
		ends[(b.MinStep+b.MaxStep)/2] = b.MaxStep
	}
	coarse, err := Smooth(t.Context(), s, c, Smoothing{Weight: weight, Span: Everything, Columns: 500})
	if err != nil || coarse.Exact || len(coarse.Step) < 500 || len(coarse.Step) > 510 {
		t.Fatalf("exact: %v, %d columns, %v", coarse.Exact, len(coarse.Step), err)
	}
	for i, x := range coarse.Step {
		end, ok := ends[x]
		if !ok || math.Abs(coarse.Value[i]-want[int(end)]) > 1e-3 { // noise of a smoothed value is 2.2e-3
			t.Fatalf("at step %v buckets give %v, points up to %v give %v", x, coarse.Value[i], end, want[int(end)])
		}
	}
}

// TestSmoothGoesOn: the columns behind a place, of a curve that has grown, are those
// of the whole, and the points that are told to lie before them do.
func TestSmoothGoesOn(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	points := make([]series.Point, 5000)
	for i := range points {
		points[i] = series.Point{Step: float64(3 * i), Time: int64(i+1) * 1000, Value: random.NormFloat64()}
	}
	for _, axis := range []series.Axis{series.ByStep, series.ByTime} {
		s, c := logged(t, points[:4000])
		how := Smoothing{Weight: 0.95, Axis: axis, Span: Everything, Columns: 100}
		first, err := Smooth(t.Context(), s, c, how)
		if err != nil || len(first.Step) < 100 || len(first.Step) > 102 {
			t.Fatal(len(first.Step), err)
		}
		s, c = logged(t, points)
		place := first.Step
		if axis == series.ByTime {
			place = first.Time
		}
		how.After = &place[len(place)-2]
		rest, err := Smooth(t.Context(), s, c, how)
		if err != nil || rest.Passed != first.Settled || rest.Distance != first.Distance || first.Settled < 3900 {
			t.Fatalf("%d points passed, %d were settled, %v", rest.Passed, first.Settled, err)
		}
		average := NewAverage(0.95, 3)
		at := map[float64]float64{}
		for _, p := range points {
			at[p.Step] = average.Add(p.Step, p.Value, 1)
		}
		for i, step := range rest.Step {
			if !near(rest.Value[i], at[step], 1e-12) || float64(3*rest.Passed) > step {
				t.Fatalf("at step %v: %v, want %v", step, rest.Value[i], at[step])
			}
		}
		if last := rest.Step[len(rest.Step)-1]; last != 3*4999 {
			t.Errorf("it ends at step %v", last)
		}
	}
}

// TestFind finds single points among many.
func TestFind(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	points := make([]series.Point, 100_000)
	for i := range points {
		points[i] = series.Point{Step: float64(i) / 3, Time: int64(i) + 1, Value: random.Float64()}
	}
	points[77_777].Value = math.Inf(1)
	points[90_000].Value = math.NaN()
	points[12_345].Value = -1
	points[54_321].Value = 2
	points[60_000].Value = 2
	s, c := logged(t, points)
	at, ok, err := FirstNonFinite(t.Context(), s, c)
	if err != nil || !ok || at.MinStep != points[77_777].Step || NonFiniteValue(at) != "∞" {
		t.Errorf("the first that is not finite: %v at %v, %v, %v", NonFiniteValue(at), at.MinStep, ok, err)
	}
	if at, _, err := Extreme(t.Context(), s, c, false); err != nil || at.MinStep != points[12_345].Step || at.Min != -1 {
		t.Errorf("the least: %v at %v, %v", at.Min, at.MinStep, err)
	}
	if at, _, err := Extreme(t.Context(), s, c, true); err != nil || at.MinStep != points[54_321].Step {
		t.Errorf("the greatest: %v at %v, %v", at.Max, at.MinStep, err)
	}
	long, ok, err := Measure(t.Context(), s, c)
	if short := statsOf(points); err != nil || !ok || long != short {
		t.Errorf("searched: %+v, read: %+v, %v", long, short, err)
	}
}

// TestReadKeepsEveryPoint: the buckets of any span hold all of its points.
func TestReadKeepsEveryPoint(t *testing.T) {
	points := make([]series.Point, 10_000)
	for i := range points {
		points[i] = series.Point{Step: float64(i), Time: int64(i) + 1, Value: float64(i % 13)}
	}
	points[5000].Value = 1e9
	s, c := logged(t, points)
	for _, span := range []Span{Everything, {4000, 6000}, {-5, 0}, {9999, 1e9}, {20_000, 30_000}} {
		buckets, err := Read(t.Context(), s, c, series.ByStep, span, 30)
		if err != nil {
			t.Fatal(err)
		}
		count, most := int64(0), math.Inf(-1)
		for _, b := range buckets {
			count, most = count+b.Count, max(most, b.Max)
		}
		want := max(0, min(span.High, 9999)-max(span.Low, 0)+1)
		if float64(count) != want || span.Contains(5000) && most != 1e9 {
			t.Errorf("%v: %d points up to %v in %d buckets, want %v", span, count, most, len(buckets), want)
		}
	}
}

// TestLine compares with numpy.interp.
func TestLine(t *testing.T) {
	l := NewLine([]float64{3, 0, 1, math.NaN(), 1, 2}, []float64{0, 2, 3, 9, 5, math.Inf(1)})
	for x, want := range map[float64]float64{0.5: 3, 1: 4, 2.5: 1, 0: 2, 3: 0, -1: math.NaN(), 3.1: math.NaN()} {
		if got := l.At(x); !near(got, want, 1e-15) {
			t.Errorf("at %v the line is %v, want %v", x, got, want)
		}
	}
}

func TestTogether(t *testing.T) {
	lines := []Line{
		NewLine([]float64{0, 10}, []float64{0, 10}),
		NewLine([]float64{0, 10}, []float64{2, 12}),
		NewLine([]float64{0, 5}, []float64{10, 15}),
	}
	b := Together(lines, Everything, 11, false, Deviation)
	if !slices.Equal(b.Lines, []int{3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2}) {
		t.Errorf("so many lines reach the places: %v", b.Lines)
	}
	if s := math.Sqrt(28); !near(b.Mean[0], 4, 1e-15) || !near(b.High[0], 4+s, 1e-15) || !near(b.Low[0], 4-s, 1e-15) || !near(b.Mean[10], 11, 1e-15) {
		t.Errorf("%+v", b)
	}
	if b := Together(lines, Everything, 3, true, Extremes); len(b.X) != 3 || !near(b.X[1], math.Sqrt(50), 1e-12) || b.Low[0] != 5 || b.High[0] != 15 {
		t.Errorf("by the logarithm: %v", b.X)
	}
	if b := Together(lines, Everything, 2, false, Middle); !near(b.Low[0], 0.4, 1e-12) || !near(b.High[0], 8.4, 1e-12) { // of 0, 2 and 10
		t.Errorf("the middle is from %v to %v", b.Low[0], b.High[0])
	}
	if b := Together(lines, Span{2.5, 7}, 2, false, Extremes); b.X[0] != 2.5 || b.X[1] != 7 || b.Low[0] != 2.5 || b.High[0] != 12.5 || b.Lines[1] != 2 {
		t.Errorf("of a part: %+v", b)
	}
	if b := Together(nil, Everything, 5, false, Middle); len(b.X) != 0 {
		t.Errorf("of nothing: %v", b)
	}
}

// TestQuantile compares with numpy.quantile.
func TestQuantile(t *testing.T) {
	y := []float64{3, 1, 4, 1, 5, 9, 2, 6}
	for share, want := range map[float64]float64{0: 1, 0.1: 1, 0.25: 1.75, 0.5: 3.5, 0.9: 6.9, 1: 9} {
		if got := Quantile(y, share); !near(got, want, 1e-12) {
			t.Errorf("the quantile of %v is %v, want %v", share, got, want)
		}
	}
}

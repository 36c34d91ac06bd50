package series

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// TestSummarize sums up by hand, at once and in two halves.
func TestSummarize(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		points []Point
		want   Summary
	}{
		{nil, Summary{}},
		{[]Point{{7, 8, -3}}, Summary{1, 0, -3, -3, -3, -3, -3, 7, 7, 8, 8}},
		{[]Point{{7, 8, nan}, {6, 9, -inf}}, Summary{2, 2, inf, -inf, 0, nan, -inf, 6, 7, 8, 9}},
		{[]Point{{3, 30, 2}, {1, 50, nan}, {2, 10, -1}, {5, 20, inf}, {4, 40, 6}}, Summary{5, 2, -1, 6, 7, 2, 6, 1, 5, 10, 50}},
	} {
		if got := Summarize(c.points); !same(got, c.want) {
			t.Errorf("%v: %+v, want %+v", c.points, got, c.want)
		}
		for i := range c.points {
			got := Summarize(c.points[:i])
			if got.merge(Summarize(c.points[i:])); !same(got, c.want) {
				t.Errorf("%v in halves at %d: %+v, want %+v", c.points, i, got, c.want)
			}
		}
	}
}

// A kept is a source in memory that counts what is read of it.
type kept struct {
	parts map[string][]byte
	reads int
}

func (k *kept) put(parts []Part) {
	for _, p := range parts {
		if p.Level == Chunk {
			k.parts[fmt.Sprint(Chunk, p.Index)] = EncodePoints(p.Points)
		} else {
			k.parts[fmt.Sprint(p.Level, p.Index)] = EncodeNodes(p.Nodes)
		}
	}
}

func (k *kept) Chunk(i int64) ([]Point, error) {
	k.reads++
	return DecodePoints(k.parts[fmt.Sprint(Chunk, i)])
}

func (k *kept) Block(level int, i int64) ([]Summary, error) {
	k.reads++
	return DecodeNodes(k.parts[fmt.Sprint(level, i)])
}

// keep appends points in portions, and begins anew from what is kept between
// them, as a store does that is closed and opened.
func keep(t testing.TB, points []Point, portion int) *kept {
	t.Helper()
	k := &kept{parts: map[string][]byte{}}
	a := &Appender{}
	for from := 0; from < len(points); from += portion {
		var err error
		if a, err = Resume(int64(from), k); err != nil {
			t.Fatal(err)
		}
		k.put(a.Append(points[from:min(from+portion, len(points))]...))
		k.put(a.Rest())
	}
	if len(points) > 0 && a.Len() != int64(len(points)) {
		t.Fatalf("%d points are kept, want %d", a.Len(), len(points))
	}
	return k
}

// runs are series of each kind that a training may log.
func runs(n int) map[string][]Point {
	r := rand.New(rand.NewPCG(1, 2))
	value := func() float64 {
		switch r.IntN(50) {
		case 0:
			return math.NaN()
		case 1:
			return math.Inf(1 - 2*r.IntN(2))
		}
		return r.NormFloat64()
	}
	make := func(step func(i int) float64) []Point {
		out := make([]Point, n)
		at := int64(1.7e15)
		for i := range out {
			at += r.Int64N(2_000_000)
			out[i] = Point{step(i), at, value()}
		}
		return out
	}
	return map[string][]Point{
		"every step":    make(func(i int) float64 { return float64(i) }),
		"fractions":     make(func(i int) float64 { return float64(i) / 7 }),
		"uneven":        make(func(i int) float64 { return math.Exp(float64(i) / float64(n) * 12) }),
		"twice":         make(func(i int) float64 { return float64(i / 2) }),
		"always one":    make(func(i int) float64 { return 3 }),
		"begun again":   make(func(i int) float64 { return float64(i % (n/3 + 1)) }),
		"back and on":   make(func(i int) float64 { return float64(r.IntN(1000)) }),
		"before zero":   make(func(i int) float64 { return float64(i) - float64(n)/2 }),
		"without order": make(func(i int) float64 { return r.NormFloat64() * 1e9 }),
	}
}

// TestWindowsAreExact compares with all points looked at one by one.
func TestWindowsAreExact(t *testing.T) {
	lengths, windows := []int{0, 1, LeafPoints - 1, LeafPoints, 1024, 5000, 40_000}, 20
	if testing.Short() {
		lengths, windows = lengths[:6], 5
	}
	for _, n := range lengths {
		for name, points := range runs(n) {
			k := keep(t, points, 1+n/3)
			for _, axis := range []Axis{ByStep, ByTime} {
				r := rand.New(rand.NewPCG(uint64(n), 3))
				for range windows {
					low, high, columns := somewhere(r, points, axis)
					w, err := Look(Whole(k, int64(n)), axis, low, high, columns)
					if err != nil {
						t.Fatal(err)
					}
					if err := agrees(w, points, axis, low, high, columns); err != nil {
						t.Fatalf("%d points, %s, axis %d, %v to %v in %d columns: %v", n, name, axis, low, high, columns, err)
					}
				}
			}
		}
	}
}

func somewhere(r *rand.Rand, points []Point, axis Axis) (low, high float64, columns int) {
	columns = 1 + r.IntN(500)
	if len(points) == 0 {
		return 0, 1, columns
	}
	at := func() float64 { return axis.at(points[r.IntN(len(points))]) }
	low, high = at(), at()
	if low > high {
		low, high = high, low
	}
	switch r.IntN(4) {
	case 0:
		low -= 1e6
	case 1:
		high = low
	}
	return low, high, columns
}

// agrees checks that the buckets hold each point inside once, in order, that
// none is wider than a column, and that the neighbours are the nearest.
func agrees(w Window, points []Point, axis Axis, low, high float64, columns int) error {
	var inside []Point
	before, after := math.Inf(-1), math.Inf(1)
	for _, p := range points {
		switch at := axis.at(p); {
		case at < low:
			before = max(before, at)
		case at > high:
			after = min(after, at)
		default:
			inside = append(inside, p)
		}
	}
	if len(w.Buckets) > crowd*columns {
		return fmt.Errorf("%d buckets", len(w.Buckets))
	}
	if err := inOrder(w, inside, axis, (high-low)/float64(columns)); err != nil {
		if across := together(w, inside, axis, (high-low)/float64(columns)); across != nil {
			return fmt.Errorf("%w; across, %w", err, across)
		}
	}
	if at := where(w.Before, axis, math.Inf(-1)); at != before {
		return fmt.Errorf("the neighbour before is at %v, want %v", at, before)
	}
	if at := where(w.After, axis, math.Inf(1)); at != after {
		return fmt.Errorf("the neighbour after is at %v, want %v", at, after)
	}
	return nil
}

// inOrder checks buckets that are in the order in which their points came.
func inOrder(w Window, inside []Point, axis Axis, width float64) error {
	for _, b := range w.Buckets {
		if b.Count < 1 || b.Count > int64(len(inside)) {
			return fmt.Errorf("a bucket of %d points, and %d are left", b.Count, len(inside))
		}
		want := Summarize(inside[:b.Count])
		inside = inside[b.Count:]
		if !same(b, want) {
			return fmt.Errorf("a bucket is %+v, want %+v", b, want)
		}
		if from, to := b.extent(axis); to-from > width {
			return fmt.Errorf("a bucket from %v to %v is wider than a column", from, to)
		}
	}
	if len(inside) > 0 {
		return fmt.Errorf("%d points are in no bucket", len(inside))
	}
	return nil
}

// together checks buckets that are in the order of the axis. Each has the points
// that lie in its extent; where they lie in that of a neighbour too, either may
// have them.
func together(w Window, inside []Point, axis Axis, width float64) error {
	inside = slices.Clone(inside)
	slices.SortStableFunc(inside, func(a, b Point) int { return cmp.Compare(axis.at(a), axis.at(b)) })
	before := func(at float64) int {
		return sort.Search(len(inside), func(i int) bool { return axis.at(inside[i]) >= at })
	}
	upTo := func(at float64) int {
		return sort.Search(len(inside), func(i int) bool { return axis.at(inside[i]) > at })
	}
	all, whole := Summary{}, Summarize(inside)
	last, taken := math.Inf(-1), 0
	for i, b := range w.Buckets {
		from, to := b.extent(axis)
		if from <= last || to-from > width {
			return fmt.Errorf("a bucket from %v to %v of columns of %v, behind one that begins at %v", from, to, width, last)
		}
		low, high := before(from), upTo(to)
		if low == high || axis.at(inside[low]) != from || axis.at(inside[high-1]) != to {
			return fmt.Errorf("a bucket from %v to %v, where its first and last points are not", from, to)
		}
		next := high
		if i+1 < len(w.Buckets) {
			begins, _ := w.Buckets[i+1].extent(axis)
			next = min(high, before(begins))
		}
		least, most := Summarize(inside[min(max(low, taken), next):next]), Summarize(inside[low:high])
		if !lies(b, most) || !lies(least, b) {
			return fmt.Errorf("a bucket is %+v, of at least %+v and at most %+v", b, least, most)
		}
		last, taken = from, high
		all.Count, all.NonFinite, all.Sum = all.Count+b.Count, all.NonFinite+b.NonFinite, all.Sum+b.Sum
	}
	if all.Count != whole.Count || all.NonFinite != whole.NonFinite || math.Abs(all.Sum-whole.Sum) > 1e-9*float64(1+whole.Count) {
		return fmt.Errorf("the buckets sum up to %+v, want %+v", all, whole)
	}
	return nil
}

// lies reports whether a may be of some of the points of b.
func lies(a, b Summary) bool {
	return a.Count == 0 || a.Count <= b.Count && a.NonFinite <= b.NonFinite && a.Min >= b.Min && a.Max <= b.Max
}

func where(p *Point, axis Axis, none float64) float64 {
	if p == nil {
		return none
	}
	return axis.at(*p)
}

// same compares all but the last digits of the sum, whose order differs. NaN is
// like NaN.
func same(a, b Summary) bool {
	if math.Abs(a.Sum-b.Sum) > 1e-9*(1+math.Abs(b.Sum))*float64(b.Count) {
		return false
	}
	if math.IsNaN(a.First) != math.IsNaN(b.First) || math.IsNaN(a.Last) != math.IsNaN(b.Last) {
		return false
	}
	for _, s := range []*Summary{&a, &b} {
		s.Sum = 0
		for _, v := range []*float64{&s.First, &s.Last} {
			if math.IsNaN(*v) {
				*v = 0
			}
		}
	}
	return a == b
}

// TestCostFollowsColumns: a hundred times the points cost about the same.
func TestCostFollowsColumns(t *testing.T) {
	for _, n := range []int{40_000, 4_000_000} {
		points := make([]Point, n)
		for i := range points {
			points[i] = Point{float64(i), int64(i), float64(i % 7)}
		}
		k := keep(t, points, n)
		for _, window := range [][2]float64{{0, float64(n)}, {float64(n) / 3, float64(n) / 2}, {100, 5000}} {
			k.reads = 0
			w, err := Look(Whole(k, int64(n)), ByStep, window[0], window[1], 800)
			if err != nil {
				t.Fatal(err)
			}
			if len(w.Buckets) >= 2*800 || len(w.Buckets) < 400 {
				t.Errorf("%d points: %d buckets in 800 columns", n, len(w.Buckets))
			}
			if k.reads > 60 {
				t.Errorf("%d points, %v: %d parts were read", n, window, k.reads)
			}
		}
	}
}

// TestColumns keeps every bit, whatever the numbers.
func TestColumns(t *testing.T) {
	odd := []float64{0, math.Copysign(0, -1), 1, -1, 0.1, float64(float32(0.1)), math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN(), 1 << 53, 1<<53 + 2, -(1 << 53), math.MaxFloat32}
	var points []Point
	for i, a := range odd {
		for j, b := range odd {
			points = append(points, Point{a, math.MinInt64 + int64(i)*math.MaxInt64/8*int64(j), b})
		}
	}
	for _, list := range [][]Point{nil, points[:1], points[1:2], points[4:6], points, points[:16]} {
		got, err := DecodePoints(EncodePoints(list))
		if err != nil || len(got) != len(list) {
			t.Fatalf("%d points, %v; want %d", len(got), err, len(list))
		}
		for i, p := range got {
			q := list[i]
			if p.Time != q.Time || math.Float64bits(p.Step) != math.Float64bits(q.Step) || math.Float64bits(p.Value) != math.Float64bits(q.Value) {
				t.Errorf("point %d is %v, want %v", i, p, q)
			}
		}
	}
}

// TestDamage is told, and never a crash.
func TestDamage(t *testing.T) {
	points := runs(300)["uneven"]
	whole := EncodePoints(points)
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		bad := slices.Clone(whole[:r.IntN(len(whole)+1)])
		for range r.IntN(3) {
			if len(bad) > 0 {
				bad[r.IntN(len(bad))] ^= byte(1 << r.IntN(8))
			}
		}
		if got, err := DecodePoints(bad); err == nil && len(got) > ChunkPoints {
			t.Errorf("%d points from what is damaged", len(got))
		}
		_, _ = DecodeNodes(bad)
	}
	k := keep(t, points, 300)
	if _, err := Look(Whole(k, 400), ByStep, 0, 1e9, 10); err == nil {
		t.Error("a series that is shorter than it says was taken")
	}
}

func BenchmarkLook(b *testing.B) {
	const n = 1 << 22
	points := make([]Point, n)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range points {
		points[i] = Point{float64(i), 1.7e15 + int64(i)*1e4, float64(float32(r.NormFloat64()))}
	}
	k := keep(b, points, n)
	for name, window := range map[string][2]float64{"all": {0, n}, "a tenth": {n / 2, n/2 + n/10}, "a thousand": {n / 2, n/2 + 1000}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Look(Whole(k, n), ByStep, window[0], window[1], 1000); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	points := runs(ChunkPoints)["every step"]
	b.SetBytes(int64(len(points)))
	for b.Loop() {
		a := &Appender{}
		for _, part := range a.Append(points...) {
			if part.Level == Chunk {
				EncodePoints(part.Points)
			}
		}
	}
}

// TestCrowd: points of several writers, each elsewhere, one or many at a time, in
// few buckets that are exact.
func TestCrowd(t *testing.T) {
	const n, writers = 40_000, 4
	for turn, columns := range map[int]int{1: 50, 2 * LeafPoints: 10} {
		points := make([]Point, n)
		for i := range points {
			writer, at := i/turn%writers, i/turn/writers*turn+i%turn
			points[i] = Point{float64(writer*n + at), int64(i + 1), float64(i % 97)}
		}
		high := float64(writers * n)
		width := high / float64(columns)
		w, err := Look(Whole(keep(t, points, n), n), ByStep, 0, high, columns)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Buckets) > crowd*columns {
			t.Errorf("%d buckets in %d columns", len(w.Buckets), columns)
		}
		if err := inOrder(w, points, ByStep, width); err == nil {
			t.Errorf("turns of %d are no crowd in %d columns", turn, columns)
		}
		if err := together(w, points, ByStep, width); err != nil {
			t.Error(err)
		}
		for _, b := range w.Buckets { // writers do not meet: what lies there is all in it
			var within []Point
			for _, p := range points {
				if p.Step >= b.MinStep && p.Step <= b.MaxStep {
					within = append(within, p)
				}
			}
			if want := Summarize(within); !same(b, want) {
				t.Errorf("a bucket is %+v, want %+v", b, want)
			}
		}
	}
}

// TestGreatSteps looks at steps whose distance is no number.
func TestGreatSteps(t *testing.T) {
	var points []Point
	for i := range 1000 {
		points = append(points, Point{math.Copysign(1.7e308, float64(i%2)-0.5), int64(i), float64(i)})
	}
	k := keep(t, points, len(points))
	for _, columns := range []int{1, 2, 100} {
		w, err := Look(Whole(k, int64(len(points))), ByStep, -1.7e308, 1.7e308, columns)
		if err != nil {
			t.Fatal(err)
		}
		var count int64
		for _, b := range w.Buckets {
			count += b.Count
			if columns > 1 && b.MinStep != b.MaxStep {
				t.Errorf("%d columns: a bucket from %v to %v", columns, b.MinStep, b.MaxStep)
			}
		}
		if count != int64(len(points)) || len(w.Buckets) > crowd*columns {
			t.Errorf("%d columns: %d points in %d buckets", columns, count, len(w.Buckets))
		}
	}
}

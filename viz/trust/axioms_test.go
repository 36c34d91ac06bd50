package trust

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// TestScoresThatNeverChange: where the network answers the same whatever it
// sees, every curve is flat and no map is faithful.
func TestScoresThatNeverChange(t *testing.T) {
	r, a := small(t)
	c := mustCase(t, a, r.Class, given("given", r.W, r.H, r.Heat), nil, Options{})
	c.Target.Score = func([]float32) float64 { return 0.25 }
	for _, m := range []Metric{"deletion", "insertion"} {
		res, err := m.Measure(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(res.Value-0.25) > 1e-12 || len(res.Y) != 21 || res.X[0] != 0 || res.X[20] != 1 {
			t.Errorf("%s of a constant is %+v, want 0.25", m, res)
		}
	}
	for _, m := range []Metric{"road", "drop", "increase"} {
		if v := measured(t, m, c); v != 0 {
			t.Errorf("%s of a constant is %v, want 0", m, v)
		}
	}
}

// TestThePerfectMap scores by the mean of one patch: the map of the patch
// beats one of noise and its own opposite in every metric that ranks.
func TestThePerfectMap(t *testing.T) {
	r, a := small(t)
	mask := make([]bool, r.W*r.H)
	perfect, opposite, noise := make([]float32, len(mask)), make([]float32, len(mask)), make([]float32, len(mask))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range mask {
		x, y := i%r.W, i/r.W
		mask[i] = x >= 4 && x < 10 && y >= 6 && y < 14
		opposite[i], noise[i] = 1, random.Float32()
		if mask[i] {
			perfect[i], opposite[i] = 1, 0
		}
	}
	// Within the patch the picture is 1, outside 0, and the answer is how much
	// of the patch is left.
	picture := a.Input.F32()
	for i := range picture {
		picture[i] = 0
		if mask[i%len(mask)] {
			picture[i] = 1
		}
	}
	caseFor := func(values []float32) *Case {
		c := mustCase(t, a, r.Class, given("given", r.W, r.H, values), mask, Options{Deleted: Zero, Inserted: Zero, ImputationNoise: -1})
		c.Target = attribution.Target{Value: a.Model.Input, Class: r.Class, Score: func(row []float32) float64 {
			sum := 0.0
			for i, v := range row {
				if mask[i%len(mask)] {
					sum += float64(v)
				}
			}
			return sum / 3 / 48
		}}
		a.Out[a.Model.Input] = a.Input
		return c
	}
	cases := []*Case{caseFor(perfect), caseFor(noise), caseFor(opposite)}
	for _, e := range metrics {
		if !e.ranks {
			continue
		}
		var v [3]float64
		for i, c := range cases {
			v[i] = measured(t, Metric(e.name), c)
			if !e.higher {
				v[i] = -v[i]
			}
		}
		if !(v[0] > v[1] && v[0] > v[2]) {
			t.Errorf("%s: the perfect map gets %.4f, noise %.4f, the opposite %.4f", e.name, v[0], v[1], v[2])
		}
	}
	if got := measured(t, "iou", cases[0]); got != 1 {
		t.Errorf("IoU of the mask itself is %v", got)
	}
	if got := measured(t, "mass", cases[2]); got != 0 {
		t.Errorf("the opposite has %v of its heat on the mask", got)
	}
}

// TestImputation: an imputed plane is linear where its border is, to 1e-4 of its
// scale, and a plane that is wholly gone becomes its mean.
func TestImputation(t *testing.T) {
	const w, h = 40, 31
	var missing []int
	plane, want := make([]float64, w*h), make([]float64, w*h)
	for i := range plane {
		x, y := i%w, i/w
		want[i] = 3*float64(x) - 2*float64(y) + 7
		plane[i] = want[i]
		if x > 0 && x < w-1 && y > 0 && y < h-1 {
			missing = append(missing, i)
			plane[i] = 1e6
		}
	}
	newImputation(w, h, missing).solve(plane)
	for i := range plane {
		if math.Abs(plane[i]-want[i]) > 1e-4*scaleOf(want) {
			t.Fatalf("pixel %d is %v, want %v", i, plane[i], want[i])
		}
	}
	all := make([]int, 6)
	for i := range all {
		all[i] = i
	}
	gone := []float64{1, 2, 3, 4, 5, 9}
	newImputation(3, 2, all).solve(gone)
	for _, v := range gone {
		if math.Abs(v-4) > 1e-12 {
			t.Errorf("a plane that is gone becomes %v, want 4", gone)
		}
	}
}

// TestRandomizedNetworks: each stage draws more layers anew, and a map that
// reads the weights changes with them while a given one does not.
func TestRandomizedNetworks(t *testing.T) {
	r, a := small(t)
	networks := Randomized(a.Model, 3, 1)
	if len(networks) != 3 {
		t.Fatalf("%d networks", len(networks))
	}
	for i, m := range networks {
		changed := 0
		for _, v := range weightsFromTheTop(a.Model) {
			if m.Net.Values[v].Const != a.Model.Net.Values[v].Const {
				changed++
			}
		}
		if want := []int{1, 1, 3}[i]; changed != want {
			t.Errorf("stage %d draws %d weights anew, want %d", i, changed, want)
		}
	}
	deaf := mustCase(t, a, r.Class, given("given", r.W, r.H, r.Heat), nil, Options{})
	if v := measured(t, "randomized", deaf); math.Abs(v-1) > 1e-6 {
		t.Errorf("a map that does not read the weights is %v alike, want 1", v)
	}
	reading := mustCase(t, a, r.Class, gradients, nil, Options{})
	if v := measured(t, "randomized", reading); v > 0.6 {
		t.Errorf("a map of gradients is %v alike to that of other weights", v)
	}
	if l := reading.Like(reading.Heat); math.Abs(l.Spearman-1) > 1e-6 || math.Abs(l.SSIM-1) > 1e-6 || math.Abs(l.HOG-1) > 1e-6 {
		t.Errorf("a map is %+v alike to itself", l)
	}
}

func TestSpearmanSharesRanks(t *testing.T) {
	// By hand: ranks 0.5 0.5 2 3 and 3 2 1 0.
	want := -0.9486832980505138
	if got := RankCorrelation([]float32{1, 1, 2, 3}, []float32{9, 8, 7, 6}); math.Abs(got-want) > 1e-6 {
		t.Errorf("got %v, want %v", got, want)
	}
}

package saliency

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// rounding is what the difference of two scores in float32 may be off by, as a
// share of the largest logit: eight units in the last place.
const rounding = 1.0 / (1 << 20)

func largest(v []float32) float64 {
	most := 0.0
	for _, x := range v {
		most = max(most, math.Abs(float64(x)))
	}
	return most
}

// TestOcclusionReferences compares with Captum over windows and strides.
func TestOcclusionReferences(t *testing.T) {
	for _, name := range slices.Concat(peerNetworks, arrayNetworks, []string{rowNetwork}) {
		m, arrays := peer(t, name)
		for what, want := range arrays {
			if !strings.HasPrefix(what, "occlusion_") {
				continue
			}
			var window, stride int
			if _, err := fmt.Sscanf(what, "occlusion_%d_%d", &window, &stride); err != nil {
				t.Fatal(err)
			}
			p := probeOf(t, m, arrays["input"], 1, "occlusion", windows(window, stride))
			p.base = arrays["baseline"].F32()
			got, err := occlusion(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" "+what, got.Values, want.F32()[:got.W*got.H], max(tolerance, rounding*largest(p.Logits.F32())/largest(want.F32())))
		}
	}
}

// TestPartsGiveTheWhole runs every window on parts of the layers and on all of
// them.
func TestPartsGiveTheWhole(t *testing.T) {
	for _, name := range append([]string{"bands"}, peerNetworks...) {
		m, arrays := peer(t, name)
		for _, window := range []int{1, 2, 3, 5, 7, 11} {
			for _, stride := range []int{1, 2, 5} {
				p := probeOf(t, m, arrays["input"], 1, "occlusion", windows(window, stride))
				o := p.newOccluder()
				parts, err := o.locally(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if parts == nil {
					if window <= 3 {
						t.Errorf("%s: windows of %d are not run in parts", name, window)
					}
					continue
				}
				for i, got := range parts {
					want := o.alone(t, i)
					if math.Abs(got-want) > 1e-5*max(1, math.Abs(want)) {
						t.Fatalf("%s: window %d of %d, every %d: the score is %v in parts and %v as a whole", name, i, window, stride, got, want)
					}
				}
			}
		}
	}
}

// alone runs one window over the whole network.
func (o *occluder) alone(t *testing.T, i int) float64 {
	t.Helper()
	scores, err := o.Scores(t.Context(), o.target, attribution.Variations{Value: o.Main, N: 1, Fill: func(_ int, row []float32) {
		copy(row, o.Input.F32())
		o.hides(i, func(y, x int) {
			for c := range o.planes.Channels {
				row[o.planes.At(c, y, x)] = o.base[o.planes.At(c, y, x)]
			}
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	return scores[0]
}

package viztest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/all"
)

// TestFolderMemory runs techniques on folders of growing size, of which as much is
// shown. What is alive while they run must not grow with the folder: the few
// kilobytes that tell of each picture are far from the picture itself.
func TestFolderMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("runs hundreds of pictures")
	}
	const side = 400
	const few, many = 20, 80
	for _, c := range []struct {
		verb   string
		values viz.Values
	}{
		{"cam", viz.Values{"show": {"2"}}},
		{"cam", viz.Values{"compare": {"true"}, "method": {"gradcam", "layercam"}}},
		{"saliency", viz.Values{"show": {"2"}, "method": {"ig"}, "steps": {"4"}}},
		{"saliency", viz.Values{"compare": {"true"}, "method": {"gradient", "inputxgradient"}}},
		{"report", viz.Values{"show": {"1"}}},
	} {
		t.Run(fmt.Sprintf("%s %v", c.verb, c.values), func(t *testing.T) {
			small, large := mostAlive(t, c.verb, c.values, few, side), mostAlive(t, c.verb, c.values, many, side)
			t.Logf("%.1f MB alive with %d pictures, %.1f MB with %d", mega(small), few, mega(large), many)
			if grown := large - small; grown > int64(many-few)*3*side*side/4 {
				t.Errorf("%d pictures more take %.1f MB more", many-few, mega(grown))
			}
		})
	}
}

func mega(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// mostAlive is the most memory that is alive while a technique runs on n pictures
// of noise of a side: when it opens each tenth, and at the end.
func mostAlive(t *testing.T, verb string, v viz.Values, n, side int) int64 {
	t.Helper()
	in := &viz.Input{Model: servable(nil)}
	var mu sync.Mutex // pictures are opened in advance
	most, opened := int64(0), 0
	for i := range n {
		in.Images = append(in.Images, viz.Image{Name: fmt.Sprint(i), Picture: func(ctx context.Context) (*data.Image, error) {
			mu.Lock()
			defer mu.Unlock()
			if opened++; opened%10 == 0 {
				most = max(most, alive())
			}
			return noise(uint64(i), side), ctx.Err()
		}})
	}
	in.Progress = func(viz.Progress) {}
	for _, m := range all.Methods() {
		if m.Name != verb {
			continue
		}
		fig, err := m.Run(t.Context(), in, v)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, alive())
		runtime.KeepAlive(fig)
	}
	if opened < n {
		t.Fatalf("%d of %d pictures were opened", opened, n)
	}
	return most
}

func alive() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func noise(seed uint64, side int) *data.Image {
	random, img := rand.New(rand.NewPCG(seed, 1)), data.NewImage(side, side)
	for i := range img.Pix {
		img.Pix[i] = byte(random.Uint32())
	}
	return img
}

package exec

import (
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestPacksLive compiles networks and their gradients and collects garbage: what
// was packed for a program must be found by the next one as long as the program
// is there, or the weights would be packed and held once more for each.
func TestPacksLive(t *testing.T) {
	if testing.Short() {
		t.Skip("builds all networks")
	}
	for _, a := range zoo.Architectures() {
		t.Run(a.Name, func(t *testing.T) {
			g, e := a.Small.Build(1), Native(Options{Threads: 1}).(*native)
			s, feeds := NewSession(g, e), a.Small.Feeds(g, 1, 1)
			if _, err := s.Run(t.Context(), feeds, g.Outputs...); err != nil {
				t.Fatal(err)
			}
			entry := zoo.Entry(g)
			if _, _, err := s.Gradient(t.Context(), feeds, GradientOf{Y: g.Outputs[0], Wrt: []ir.ValueID{entry}}); err != nil {
				t.Fatal(err)
			}
			packed := living(e.packs)
			if len(packed) == 0 {
				t.Fatal("nothing is packed")
			}
			runtime.GC()
			runtime.GC()
			for _, key := range packed {
				if !e.packs.alive[key]() {
					t.Errorf("the garbage collector has taken what a program uses: %+v", key.how)
				}
			}
			runtime.KeepAlive(s)
		})
	}
}

func living(p *packs) []packKey {
	return slices.DeleteFunc(slices.Collect(maps.Keys(p.entries)), func(key packKey) bool { return !p.alive[key]() })
}

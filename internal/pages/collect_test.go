package pages

import (
	"runtime/debug"
	"testing"
)

// TestAccount counts arrays up to the limit and beyond it.
func TestAccount(t *testing.T) {
	for _, c := range []struct {
		name, gogc string
		want       int
	}{{"by default", "", percent}, {"with GOGC", "70", 70}} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("GOGC", c.gogc)
			before, counted, was := debug.SetGCPercent(70), made.Swap(0), frugal.Swap(false)
			defer func() { debug.SetGCPercent(before); made.Store(counted); frugal.Store(was) }()
			account(many)
			if got := debug.SetGCPercent(70); got != 70 {
				t.Errorf("a library has set the process's collector to %d %%", got)
			}
			made.Store(0)
			CollectSooner()
			account(many - 1)
			if got := debug.SetGCPercent(70); got != 70 {
				t.Errorf("before the limit the collector waits for %d %%, want 70", got)
			}
			account(1)
			if got := debug.SetGCPercent(70); got != c.want {
				t.Errorf("at the limit the collector waits for %d %%, want %d", got, c.want)
			}
			account(many)
			if got := debug.SetGCPercent(70); got != 70 {
				t.Error("the limit was set more than once")
			}
		})
	}
}

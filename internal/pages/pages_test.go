package pages

import (
	"runtime"
	"testing"
)

// TestDirty writes and reads all of what Dirty makes.
func TestDirty(t *testing.T) {
	for range 20 {
		var kept [][]float32
		for _, n := range []int{0, 1, 1000, least/4 - 1, least / 4, 1 << 20, 1<<20 + 3} {
			s := Dirty[float32](n)
			if len(s) != n || cap(s) != n {
				t.Fatalf("%d: length %d, capacity %d", n, len(s), cap(s))
			}
			for i := range s {
				s[i] = float32(n + i)
			}
			kept = append(kept, s)
		}
		runtime.GC()
		for _, s := range kept {
			for i := range s {
				if s[i] != float32(len(s)+i) {
					t.Fatalf("of %d numbers, number %d is %v", len(s), i, s[i])
				}
			}
		}
	}
}

// TestMake makes slices on both sides of the limit, again and again, so that
// some lie in memory that was used before.
func TestMake(t *testing.T) {
	for range 20 {
		for _, n := range []int{0, 1, 1000, least/8 - 1, least / 8, 1 << 20} {
			s := Make[float64](n)
			if len(s) != n || cap(s) != n {
				t.Fatalf("%d: length %d, capacity %d", n, len(s), cap(s))
			}
			for i := range s {
				if s[i] != 0 {
					t.Fatalf("%d: element %d is %g", n, i, s[i])
				}
				s[i] = 1
			}
		}
		runtime.GC()
	}
}

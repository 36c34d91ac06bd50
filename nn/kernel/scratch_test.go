package kernel

import "testing"

func TestScratchSizesAreAFewAndClose(t *testing.T) {
	sizes := map[int]int{} // of each class
	for n := 0; n < 1<<16; n++ {
		size, class := scratchSize(n)
		if size < n || n >= 256 && size > n+n/4 {
			t.Fatalf("%d numbers take %d", n, size)
		}
		if before, ok := sizes[class]; ok && before != size {
			t.Fatalf("class %d has sizes %d and %d", class, before, size)
		}
		sizes[class] = size
	}
	if len(sizes) > 40 {
		t.Errorf("%d classes", len(sizes))
	}
}

func TestScratchIsUsedAgain(t *testing.T) {
	again := testing.AllocsPerRun(100, func() { borrow(5000).giveBack() })
	if again > 0.5 { // a garbage collection may empty the lists
		t.Errorf("%v allocations each time", again)
	}
}

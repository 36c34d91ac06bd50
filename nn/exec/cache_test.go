package exec

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestLRU(t *testing.T) {
	c := newLRU[int](2)
	built := 0
	get := func(key string) {
		t.Helper()
		v, err := c.get(key, func() (int, error) { built++; return len(key), nil })
		if v != len(key) || err != nil {
			t.Errorf("get(%q) = %d, %v", key, v, err)
		}
	}
	for _, key := range []string{"a", "bb", "a", "ccc", "a", "bb"} {
		get(key)
	}
	if built != 4 { // bb was forgotten when ccc came, because a had been used since
		t.Errorf("%d values were built, want 4", built)
	}
	if _, err := c.get("d", func() (int, error) { return 0, errors.New("no") }); err == nil {
		t.Error("the error of build is lost")
	}
	get("d")
}

func TestLRUBuildsOnce(t *testing.T) {
	c := newLRU[int](8)
	var mu sync.Mutex
	built := map[string]int{}
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			key := fmt.Sprint(i % 4)
			_, _ = c.get(key, func() (int, error) {
				mu.Lock()
				defer mu.Unlock()
				built[key]++
				return 0, nil
			})
		})
	}
	wg.Wait()
	for key, n := range built {
		if n != 1 {
			t.Errorf("%q was built %d times", key, n)
		}
	}
}

// TestPack places buffers and checks that those in use at the same time do not
// overlap.
func TestPack(t *testing.T) {
	var buffers []*buffer
	for i := range 200 {
		buffers = append(buffers, &buffer{size: 16 * (1 + i*7919%13), first: i, last: i + i*104729%17})
	}
	total := pack(buffers)
	sum := 0
	for i, a := range buffers {
		sum += a.size
		if a.offset < 0 || a.offset+a.size > total {
			t.Errorf("buffer %d lies outside", i)
		}
		for j, b := range buffers[:i] {
			alive := a.first <= b.last && b.first <= a.last
			if alive && a.offset < b.offset+b.size && b.offset < a.offset+a.size {
				t.Errorf("buffers %d and %d overlap", i, j)
			}
		}
	}
	if total > sum/5 {
		t.Errorf("%d numbers are placed in %d, which is no saving", sum, total)
	}
}

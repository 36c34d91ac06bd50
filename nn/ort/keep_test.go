package ort

import (
	"errors"
	"slices"
	"testing"
)

// TestKeeper opens models beyond the budget: those that ran longest ago are
// closed, but never one that runs, and one that is wanted again is read again.
func TestKeeper(t *testing.T) {
	before := budget
	defer func() { budget = before }()
	budget = func() int64 { return 100 }
	k := &keeper{}
	var log []string
	slotOf := func(name string, bytes int64) *slot {
		return &slot{
			keeper: k, bytes: bytes,
			open:  func() (*loan, error) { log = append(log, "open "+name); return &loan{handle: 1}, nil },
			close: func(*loan) { log = append(log, "close "+name) },
		}
	}
	run := func(s *slot) {
		if _, err := s.take(); err != nil {
			t.Fatal(err)
		}
		s.giveBack()
	}
	expect := func(want ...string) {
		t.Helper()
		if !slices.Equal(log, want) {
			t.Errorf("%v, not %v", log, want)
		}
		log = nil
	}
	a, b, c := slotOf("a", 40), slotOf("b", 40), slotOf("c", 40)
	run(a)
	run(b)
	run(a)
	expect("open a", "open b")
	run(c)
	expect("close b", "open c")
	if _, err := a.take(); err != nil {
		t.Fatal(err)
	}
	run(b)
	expect("close c", "open b") // a is in use
	a.giveBack()
	run(slotOf("large", 1000))
	expect("close a", "close b", "open large")
	k.drop(a)
	expect()
	run(b)
	k.drop(b)
	expect("close large", "open b", "close b")
	if k.bytes != 0 || len(k.slots) != 0 {
		t.Errorf("%d bytes of %d models are left", k.bytes, len(k.slots))
	}
	failing := &slot{keeper: k, open: func() (*loan, error) { return nil, errors.New("no") }}
	if _, err := failing.take(); err == nil || len(k.slots) != 0 {
		t.Errorf("a model that cannot be read is open: %v", err)
	}
}

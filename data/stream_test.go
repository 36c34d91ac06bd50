package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// counting is a data set of n samples of which every third is broken.
type counting struct {
	n      int
	reads  atomic.Int32
	broken int // every broken-th; 0 for none
}

func (c *counting) Len() int          { return c.n }
func (c *counting) Classes() []string { return nil }

func (c *counting) At(ctx context.Context, i int) (Sample, error) {
	c.reads.Add(1)
	if c.broken > 0 && i%c.broken == 0 {
		return Sample{}, in(fmt.Sprint(i), problem("mend it", "broken"))
	}
	return Sample{Name: fmt.Sprint(i), Label: i}, ctx.Err()
}

func TestStreamKeepsOrderAndSkips(t *testing.T) {
	d := &counting{n: 1000, broken: 3}
	s := NewStream(d)
	var told, got []int
	s.OnSkip = func(k Skip) { told = append(told, k.Index) }
	for i, sample := range s.All(context.Background()) {
		if sample.Label != i {
			t.Fatalf("sample %d came as %d", sample.Label, i)
		}
		got = append(got, i)
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	if len(got) != 666 || !slices.IsSorted(got) {
		t.Errorf("%d samples, want 666 in order", len(got))
	}
	count, first := s.Skipped()
	if count != 334 || len(told) != 334 || len(first) != 100 || first[1].Index != 3 {
		t.Errorf("skipped %d, told %d, kept %d, want 334, 334, 100", count, len(told), len(first))
	}
}

func TestStreamStopsEarly(t *testing.T) {
	d := &counting{n: 100_000}
	s := NewStream(d)
	for i := range s.All(context.Background()) {
		if i == 10 {
			break
		}
	}
	reads := d.reads.Load()
	if s.Err() != nil || reads > 1000 {
		t.Errorf("error %v after %d reads", s.Err(), reads)
	}
	if now := d.reads.Load(); now != reads {
		t.Error("it went on reading")
	}
}

func TestStreamIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := NewStream(&counting{n: 100_000})
	last := 0
	for i := range s.All(ctx) {
		if last = i; i == 10 {
			cancel()
		}
	}
	if !errors.Is(s.Err(), context.Canceled) || last != 10 {
		t.Errorf("error %v after sample %d", s.Err(), last)
	}
}

func TestStreamOfNothing(t *testing.T) {
	s := NewStream(&counting{n: 5, broken: 1})
	for range s.All(context.Background()) {
		t.Error("a broken sample came")
	}
	var e *Error
	if !errors.As(s.Err(), &e) || !strings.Contains(e.Error(), "none of the samples can be read; the first: 0: broken") {
		t.Errorf("got %v", s.Err())
	}
	empty := NewStream(&Memory{})
	for range empty.All(context.Background()) {
		t.Error("an absent sample came")
	}
	if empty.Err() != nil {
		t.Error(empty.Err())
	}
}

func TestStreamOverAFolderWithBrokenFiles(t *testing.T) {
	dir := tree(t, map[string]string{"a.png": "picture", "b.png": "\x89PNG\r\n\x1a\n and then nothing", "c.png": "picture"})
	if err := os.Symlink("nowhere", dir+"/d.png"); err != nil {
		t.Skip(err)
	}
	s := NewStream(openFolder(t, FolderOptions{}, dir))
	var names []string
	for _, sample := range s.All(context.Background()) {
		names = append(names, sample.Name)
	}
	count, skipped := s.Skipped()
	if !slices.Equal(names, []string{"a.png", "c.png"}) || count != 2 || !strings.Contains(skipped[0].Err.Error(), "b.png: the png") {
		t.Errorf("read %q, skipped %d: %v", names, count, skipped)
	}
}

func TestMemoryAndSubset(t *testing.T) {
	ctx := context.Background()
	m := &Memory{Samples: []Sample{{Name: "a"}, {Name: "b"}, {Name: "c", Values: []float32{1}, Shape: []int{1}}}, Names: []string{"x"}}
	s, err := Subset(m, []int{2, 0})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.At(ctx, 0)
	if err != nil || got.Name != "c" || s.Len() != 2 || s.Classes()[0] != "x" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, i := range []int{-1, 2} {
		if _, err := s.At(ctx, i); err == nil {
			t.Errorf("sample %d was found", i)
		}
	}
	if _, err := Subset(m, []int{3}); err == nil {
		t.Error("a subset of what is not there")
	}
}

package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/figure"
)

func newFigures(t *testing.T, dir string) *figures {
	t.Helper()
	f, err := openFigures(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func titled(title string) figure.Figure { return &figure.Table{About: figure.About{Title: title}} }

// TestPrune removes the figures used longest ago, and no other file.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	f := newFigures(t, dir)
	key := func(i int) string { return fmt.Sprintf("%032x", i) }
	long := strings.Repeat("x", 1000)
	f.room = 10_500
	mine := write(t, dir, "thesis.json", make([]byte, 100_000))
	note := write(t, dir, "new-idea", []byte("x"))
	half := write(t, dir, "figure-123.new", []byte("{"))
	old := time.Now().Add(-48 * time.Hour)
	for _, path := range []string{mine, note, half} {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 30 {
		if err := f.put(key(i), titled(long)); err != nil {
			t.Fatal(err)
		}
		at := old.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(f.path(key(i)), at, at); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{mine: true, note: true, half: false, f.path(key(0)): false, f.path(key(29)): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", filepath.Base(path), err, want)
		}
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "0*.json"))
	if len(kept) < 6 || len(kept) > 11 {
		t.Errorf("%d figures of a kilobyte are kept in ten", len(kept))
	}
}

// TestRecent bounds what is in memory by its number; the rest is read again.
func TestRecent(t *testing.T) {
	f := newFigures(t, t.TempDir())
	for i := range maxRecent + 20 {
		if err := f.put(fmt.Sprintf("%032x", i), titled(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if f.order.Len() != maxRecent || len(f.recent) != maxRecent {
		t.Errorf("%d in memory", f.order.Len())
	}
	for _, i := range []int{0, maxRecent + 19} {
		fig, err := f.get(fmt.Sprintf("%032x", i))
		if err != nil || fig.Caption().Title != fmt.Sprint(i) {
			t.Errorf("figure %d: %v %v", i, fig, err)
		}
	}
	total := int64(0)
	for e := f.order.Front(); e != nil; e = e.Next() {
		total += e.Value.(entry).size
	}
	if total != f.memory || total == 0 {
		t.Errorf("they take %d, and %d is noted", total, f.memory)
	}
}

// TestFolderThatCannotBeWritten says so when the server is made, and keeps
// figures in memory when it fails later.
func TestFolderThatCannotBeWritten(t *testing.T) {
	file := write(t, t.TempDir(), "file", nil)
	if _, err := New(nil, nil, Options{CacheDir: filepath.Join(file, "kept")}); err == nil || !strings.Contains(err.Error(), "--cache") {
		t.Errorf("%v", err)
	}
	cache := filepath.Join(t.TempDir(), "kept")
	b := newBench(t, func(o *Options) { o.CacheDir = cache })
	if err := os.RemoveAll(cache); err != nil {
		t.Fatal(err)
	}
	s := b.start("work")
	if end := b.await(s.ID); end.State != "done" {
		t.Errorf("%+v", end)
	}
	if code, _, _ := b.do("GET", "/api/figures/"+s.Key+".csv", ""); code != 200 {
		t.Errorf("the figure: %d", code)
	}
}

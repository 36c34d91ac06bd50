package logs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track"
)

const eventName = "events.out.tfevents.1500000000.host"

// TestGrowing cuts a file at every byte of its last records, in an index that is
// opened again after each, and in one that stays open.
func TestGrowing(t *testing.T) {
	whole := file(ramp(0, 4, 1)...)
	start := len(file(ramp(0, 2, 1)...))
	root, index := t.TempDir(), t.TempDir()
	path := filepath.Join(root, "a", eventName)
	write(t, path, whole[:start])
	staying := opened(t, t.TempDir(), root)
	defer closed(t, staying)
	by := 1 // bytes
	if testing.Short() {
		by = 7
	}
	for before, cut := start, start; before < len(whole); before, cut = cut, min(cut+by, len(whole)) {
		extend(t, path, whole[before:cut])
		want := "0-1"
		if cut >= len(file(ramp(0, 3, 1)...)) {
			want = "0-2"
		}
		if cut == len(whole) {
			want = "0-3"
		}
		if _, err := staying.Update(context.Background()); err != nil {
			t.Fatal(err)
		}
		again := opened(t, index, root)
		for _, l := range []*Library{staying, again} {
			if got := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")); got != want {
				t.Fatalf("after %d of %d bytes: steps %s, want %s", cut, len(whole), got, want)
			}
		}
		closed(t, again)
	}
}

// TestSeveralFiles are of one run, in the order of their names.
func TestSeveralFiles(t *testing.T) {
	root, index := t.TempDir(), t.TempDir()
	write(t, filepath.Join(root, "a", eventName+".1"), file(ramp(5, 10, 1)...))
	write(t, filepath.Join(root, "a", eventName+".0"), file(ramp(0, 5, 1)...))
	write(t, filepath.Join(root, eventName), file(ramp(0, 3, 1)...))
	l := opened(t, index, root)
	if got := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")); got != "0-9" {
		t.Errorf("steps %s", got)
	}
	if got := stepsOf(pointsOf(t, runNamed(t, l, filepath.Base(root)), "loss")); got != "0-2" {
		t.Errorf("steps %s of the root", got)
	}
	closed(t, l)
	write(t, filepath.Join(root, "a", eventName+".2"), file(ramp(10, 12, 1)...))
	l = opened(t, index, root)
	defer closed(t, l)
	if got := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")); got != "0-11" {
		t.Errorf("steps %s with one more file", got)
	}
}

// TestReplaced reads a file again that is not the one that was read: one that is
// shorter, and one that is longer and different.
func TestReplaced(t *testing.T) {
	for name, next := range map[string][][]byte{"shorter": ramp(0, 3, 2), "longer": ramp(0, 30, 2), "empty": nil} {
		t.Run(name, func(t *testing.T) {
			root, index := t.TempDir(), t.TempDir()
			path := filepath.Join(root, "a", eventName)
			write(t, path, file(append(ramp(0, 9, 1), scalar(3, "other", 1))...))
			closed(t, opened(t, index, root))
			write(t, path, file(next...))
			l := opened(t, index, root)
			defer closed(t, l)
			r := runNamed(t, l, "a")
			points := pointsOf(t, r, "loss")
			if len(points) != len(next) || len(pointsOf(t, r, "other")) != 0 {
				t.Fatalf("%d points of %d, and what was before", len(points), len(next))
			}
			for _, p := range points {
				if p.Value != 2*p.Step {
					t.Fatalf("%v at step %v is of the file before", p.Value, p.Step)
				}
			}
		})
	}
}

// TestDamaged keeps what lies before a damaged record, says where it is, once
// each time the library is opened, and reads the other files.
func TestDamaged(t *testing.T) {
	root, index := t.TempDir(), t.TempDir()
	raw := file(ramp(0, 9, 1)...)
	at := len(file(ramp(0, 6, 1)...))
	raw[at+20] ^= 1
	write(t, filepath.Join(root, "a", eventName), raw)
	write(t, filepath.Join(root, "b", eventName), file(ramp(0, 9, 1)...))
	for range 2 {
		said := make(chan string, 10)
		l, err := Open(context.Background(), []string{root}, Options{Folder: index, Warn: func(err error) { said <- err.Error() }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Update(context.Background()); err != nil {
			t.Fatal(err)
		}
		if a, b := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")), stepsOf(pointsOf(t, runNamed(t, l, "b"), "loss")); a != "0-5" || b != "0-8" {
			t.Errorf("steps %s and %s", a, b)
		}
		if len(said) != 1 {
			t.Fatalf("%d problems were said", len(said))
		}
		if text := <-said; !strings.Contains(text, eventName) || !strings.Contains(text, fmt.Sprintf("byte %d ", at)) {
			t.Errorf("the record is at byte %d, and %q was said", at, text)
		}
		closed(t, l)
	}
}

// TestRestarts takes back what a training that went on from a checkpoint told
// after it, whether it was kept already or not.
func TestRestarts(t *testing.T) {
	start := func(step int) []byte { return eventAt(step, 7, message(1, 1)) }
	old := func(events ...[]byte) []byte { return file(events...)[len(file()):] } // without a version
	first, second := append(ramp(0, 9, 1), scalar(8, "other", 1)), append([][]byte{start(5)}, ramp(5, 7, 2)...)
	for name, c := range map[string]struct {
		files       [][]byte
		loss, other string
	}{
		"in one file":           {[][]byte{file(append(first[:10:10], second...)...)}, "0-6", ""},
		"in the next":           {[][]byte{file(first...), file(second...)}, "0-6", ""},
		"twice":                 {[][]byte{file(append(append(first[:10:10], second...), start(2), scalar(2, "loss", 3))...)}, "0-2", ""},
		"unsaid":                {[][]byte{file(append(first[:10:10], ramp(5, 7, 2)...)...)}, "0-8 5-6", "8-8"},
		"of a file of old":      {[][]byte{old(append(first[:10:10], ramp(5, 7, 2)...)...)}, "0-6", "8-8"},
		"in the next of old":    {[][]byte{old(first...), old(ramp(5, 7, 2)...)}, "0-6", "8-8"},
		"to the very beginning": {[][]byte{file(append(first[:10:10], start(0))...)}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			root, index := t.TempDir(), t.TempDir()
			for i, raw := range c.files {
				write(t, filepath.Join(root, "a", eventName+string(rune('0'+i))), raw)
				closed(t, opened(t, index, root))
			}
			l := opened(t, index, root)
			defer closed(t, l)
			r := runNamed(t, l, "a")
			points := pointsOf(t, r, "loss")
			if loss, other := stepsOf(points), stepsOf(pointsOf(t, r, "other")); loss != c.loss || other != c.other {
				t.Errorf("steps %q and %q, want %q and %q", loss, other, c.loss, c.other)
			}
		})
	}
}

// TestCancelled goes on later where reading was stopped, at whatever moment.
func TestCancelled(t *testing.T) {
	root, index := t.TempDir(), t.TempDir()
	const n = 30_000
	write(t, filepath.Join(root, "a", eventName), file(ramp(0, n, 1)...))
	for wait := time.Duration(0); wait < 20*time.Millisecond; wait += 2 * time.Millisecond {
		ctx, stop := context.WithTimeout(context.Background(), wait)
		l, err := Open(ctx, []string{root}, Options{Folder: index})
		stop()
		if err == nil {
			closed(t, l)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", wait, err)
		}
	}
	l := opened(t, index, root)
	defer closed(t, l)
	if got := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")); got != fmt.Sprintf("0-%d", n-1) {
		t.Errorf("steps %s", got)
	}
}

// TestInUse gives a second library an index of its own.
func TestInUse(t *testing.T) {
	root, index := t.TempDir(), t.TempDir()
	write(t, filepath.Join(root, "a", eventName), file(ramp(0, 4, 1)...))
	first := opened(t, index, root)
	defer closed(t, first)
	second := opened(t, index, root)
	temporary := second.roots[0].temporary
	if got := stepsOf(pointsOf(t, runNamed(t, second, "a"), "loss")); got != "0-3" || temporary == "" {
		t.Errorf("steps %s, in %q", got, temporary)
	}
	closed(t, second)
	if _, err := os.Stat(temporary); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary index is still there: %v", err)
	}
}

// TestDamagedIndex makes an index again that cannot be read.
func TestDamagedIndex(t *testing.T) {
	root, index := t.TempDir(), t.TempDir()
	write(t, filepath.Join(root, "a", eventName), file(ramp(0, 4, 1)...))
	closed(t, opened(t, index, root))
	kept, err := filepath.Glob(filepath.Join(index, "*.db"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	write(t, kept[0], []byte(strings.Repeat("no database ", 1000)))
	l := opened(t, index, root)
	defer closed(t, l)
	if got := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")); got != "0-3" || l.roots[0].temporary != "" {
		t.Errorf("steps %s, in %q", got, l.roots[0].temporary)
	}
}

// TestStores opens a store of Tomo's own as it is, and leaves other databases
// alone.
func TestStores(t *testing.T) {
	ctx := context.Background()
	root := t.TempDir()
	s, err := track.Open(ctx, filepath.Join(root, "runs.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateRun(ctx, track.Run{ID: "mine", Project: "p", Title: "mine"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	foreign := append([]byte("SQLite format 3\x00"), make([]byte, 4096)...)
	write(t, filepath.Join(root, "foreign.db"), foreign)
	l := opened(t, t.TempDir(), root)
	defer closed(t, l)
	if r := runNamed(t, l, "mine"); r.Run.ID != "mine" {
		t.Error(r.Run)
	}
	if after, err := os.ReadFile(filepath.Join(root, "foreign.db")); err != nil || string(after) != string(foreign) {
		t.Error("a foreign database was changed", err)
	}
}

// TestFollow sees files grow, appear and vanish, and ends with its context.
func TestFollow(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "a", eventName)
	write(t, path, file(ramp(0, 2, 1)...))
	l := opened(t, t.TempDir(), root)
	defer closed(t, l)
	ctx, stop := context.WithCancel(context.Background())
	told := make(chan []Run, 100)
	var following sync.WaitGroup
	following.Go(func() {
		if err := l.Follow(ctx, func(runs []Run) { told <- runs }); err != nil {
			t.Error(err)
		}
	})
	soon := func(what string, so func() bool) {
		t.Helper()
		began := time.Now() // less than a second on a machine that has nothing else to do
		for !so() {
			select {
			case <-told:
			case <-time.After(time.Minute):
				t.Fatalf("%s: not seen in %v", what, time.Since(began))
			}
		}
		t.Logf("%s: seen after %v", what, time.Since(began))
	}
	extend(t, path, file(ramp(2, 4, 1)...)[len(file()):])
	soon("growing", func() bool { return stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")) == "0-3" })
	write(t, filepath.Join(root, "b", eventName), file(ramp(0, 2, 1)...))
	count := func() int {
		runs, err := l.Runs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return len(runs)
	}
	soon("appearing", func() bool { return count() == 2 })
	if err := os.RemoveAll(filepath.Join(root, "a")); err != nil {
		t.Fatal(err)
	}
	soon("vanishing", func() bool { return count() == 1 })
	stop()
	following.Wait()
}

// TestStrange looks through a folder with what is no log and what leads nowhere
// or in circles, without waiting for any of it.
func TestStrange(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a", eventName), file(ramp(0, 2, 1)...))
	write(t, filepath.Join(root, ".hidden", eventName), file(ramp(0, 2, 1)...))
	write(t, filepath.Join(root, "empty.tfevents"), nil)
	outside := t.TempDir()
	write(t, filepath.Join(outside, eventName), file(ramp(0, 2, 1)...))
	for from, to := range map[string]string{"circle": root, "a/up": "..", "nothing.tfevents": "absent", "again": filepath.Join(root, "a"), "linked": outside} {
		if err := os.Symlink(to, filepath.Join(root, from)); err != nil {
			t.Skip("there are no links here:", err)
		}
	}
	makePipe(t, filepath.Join(root, "pipe.tfevents"))
	l := opened(t, t.TempDir(), root)
	defer closed(t, l)
	runs, err := l.Runs(context.Background())
	if err != nil || len(runs) != 2 { // a, and linked
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

// TestManyFiles opens thousands of them, and again.
func TestManyFiles(t *testing.T) {
	n := 1500
	if testing.Short() {
		n = 300
	}
	root, index := t.TempDir(), t.TempDir()
	for i := range n {
		write(t, filepath.Join(root, string(rune('a'+i%7)), string(rune('a'+i/7%26)), "run"+time.Duration(i).String(), eventName), file(ramp(0, 5, 1)...))
	}
	for range 2 {
		began := time.Now()
		l := opened(t, index, root)
		runs, err := l.Runs(context.Background())
		if err != nil || len(runs) != n {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		t.Logf("%d runs after %v", n, time.Since(began))
		if got := stepsOf(pointsOf(t, runs[n/2], "loss")); got != "0-4" {
			t.Errorf("steps %s", got)
		}
		closed(t, l)
	}
}

package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

var errDisk = errors.New("input/output error")

// A failing file cannot be read from some byte on.
type failing struct {
	io.ReaderAt
	from int64
}

func (f failing) ReadAt(p []byte, at int64) (int, error) {
	if room := f.from - at; room < int64(len(p)) {
		n, _ := f.ReaderAt.ReadAt(p[:max(room, 0)], at)
		return n, errDisk
	}
	return f.ReaderAt.ReadAt(p, at)
}

// TestFailing reads what there is before the bytes that the system cannot read,
// and goes on once it can.
func TestFailing(t *testing.T) {
	for name, log := range map[string]struct{ file, text string }{
		"events": {eventName, string(file(ramp(0, 4, 1)...))},
		"table":  {"metrics.csv", "step,loss\n0,0\n1,1\n2,2\n3,3\n"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, dir := context.Background(), t.TempDir()
			write(t, filepath.Join(dir, "a", log.file), []byte(log.text))
			var warned []error
			l, err := Open(ctx, []string{dir}, Options{Folder: t.TempDir(), Unread: true, Warn: func(err error) { warned = append(warned, err) }})
			if err != nil {
				t.Fatal(err)
			}
			defer closed(t, l)
			r := l.roots[0]
			files, err := r.scan(ctx)
			if err == nil {
				err = r.open(ctx)
			}
			if err != nil {
				t.Fatal(err)
			}
			groups := r.group(ctx, files)
			one, err := r.run(ctx, groups[0].key, groups[0].format)
			if err != nil {
				t.Fatal(err)
			}
			reader, _, err := one.open(files, files)
			if err != nil {
				t.Fatal(err)
			}
			k, reading := newKeeper(ctx, r.index)
			sink := newSink(one, reader, k)
			cut := &source{ReaderAt: failing{strings.NewReader(log.text), int64(len(log.text)) - 3}}
			if err := one.readFrom(reading, files[0], cut, reader, sink); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(sink.close(reading, files), k.finish()); err != nil {
				t.Fatal(err)
			}
			if one.due(files) || len(warned) != 1 || !errors.Is(warned[0], errDisk) {
				t.Errorf("due at once: %v, warned of %v", one.due(files), warned)
			}
			one.again = time.Time{}
			if _, err := l.Update(ctx); err != nil {
				t.Fatal(err)
			}
			if got := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")); got != "0-3" {
				t.Errorf("steps %s", got)
			}
		})
	}
}

// TestRefused keeps one run where the index refuses what another has.
func TestRefused(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	warned := 0
	l, err := Open(ctx, []string{dir}, Options{Folder: t.TempDir(), Warn: func(error) { warned++ }})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, l)
	r := l.roots[0]
	if err := r.open(ctx); err != nil {
		t.Fatal(err)
	}
	k := &keeper{index: r.index}
	var group []*piece
	for i, step := range []float64{1, math.NaN(), 2} {
		one := &run{root: r, format: &table, name: fmt.Sprint(i), id: fmt.Sprint(i)}
		group = append(group, &piece{run: one, batch: track.Batch{Metrics: []track.Metric{{Name: "loss", Points: []series.Point{{Step: step, Time: 1}}}}}})
	}
	if err := k.keep(ctx, group); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"1-1", "", "2-2"} {
		if got := stepsOf(pointsOf(t, Run{r.index, group[i].run.stored}, "loss")); got != want {
			t.Errorf("run %d: steps %s, want %s", i, got, want)
		}
	}
	if warned != 1 || !group[1].run.refused {
		t.Errorf("%d warnings", warned)
	}
}

// TestSplit loses no point, and takes back what is cut only before the first.
func TestSplit(t *testing.T) {
	cut := 3.0
	p := &piece{run: &run{format: &table}, cut: &cut, state: []byte("{}")}
	next := 0.0
	for _, n := range []int{5, 3, 0, 11, 1} {
		m := track.Metric{Name: fmt.Sprint(n)}
		for range n {
			m.Points = append(m.Points, series.Point{Step: next})
			next++
		}
		p.batch.Metrics = append(p.batch.Metrics, m)
	}
	pieces := p.split(4)
	want := 0.0
	for i, one := range pieces {
		points := 0
		for _, m := range one.Batch.Metrics {
			points += len(m.Points)
			for _, at := range m.Points {
				if at.Step != want {
					t.Fatalf("step %v, want %v", at.Step, want)
				}
				want++
			}
		}
		if points > 4 || (one.Cut != nil) != (i == 0) || (one.State != nil) != (i == len(pieces)-1) {
			t.Errorf("piece %d: %d points, %+v", i, points, one)
		}
	}
	if want != next || len(pieces) != 5 {
		t.Errorf("%v points of %v in %d pieces", want, next, len(pieces))
	}
}

// TestWide hands rows on by their points and not only by their number.
func TestWide(t *testing.T) {
	const columns = 4000
	text := "step" + strings.Repeat(",a", columns) + "\n" + strings.Repeat("1"+strings.Repeat(",1", columns)+"\n", 400)
	reader, err := table.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := reader.(*textReader).open(strings.NewReader(text), reader.(*textReader).textState.Files["a"])
	sink := newSink(&run{root: &root{lib: &Library{}}}, reader, nil)
	if err := (&rowSink{sink: sink, rows: rows}).take(rowsAtOnce); err != nil {
		t.Fatal(err)
	}
	if most := heldBytes + columns*pointBytes; sink.held < heldBytes || sink.held > most {
		t.Errorf("%d bytes are held, at most %d", sink.held, most)
	}
}

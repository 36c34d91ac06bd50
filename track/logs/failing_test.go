package logs

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

var errDisk = errors.New("input/output error")

// A failing file has bytes that cannot be read.
type failing struct {
	handle
	from, to int64
}

func (f failing) ReadAt(p []byte, at int64) (int, error) {
	if at < f.to && at+int64(len(p)) > f.from {
		n, _ := f.handle.ReadAt(p[:max(f.from-at, 0)], at)
		return n, errDisk
	}
	return f.handle.ReadAt(p, at)
}

// failIn makes the library's files fail between two bytes.
func failIn(l *Library, from, to int64) {
	l.openFile = func(path string) (handle, error) {
		f, err := openFile(path)
		return failing{f, from, to}, err
	}
}

// tryNow lets files that failed be tried again at once.
func tryNow(l *Library) {
	for _, r := range l.roots[0].runs {
		r.again = time.Time{}
	}
}

// tryLater keeps files that failed from being tried again before the test wants
// it, however slow the machine is.
func tryLater(l *Library) {
	for _, r := range l.roots[0].runs {
		if !r.again.IsZero() {
			r.again = r.again.Add(time.Hour)
		}
	}
}

// wandbLog is a log of W&B's client: what was printed before each step, and its
// loss.
func wandbLog(steps int) string {
	var records [][]byte
	for step := range steps {
		records = append(records, message(13, message(3, fmt.Sprintln("step", step))), wandbStep(step, step))
	}
	return wandbFile(records...)
}

// wandbStep is a record of the loss at a step.
func wandbStep(step, loss int) []byte {
	return message(2, message(1, message(1, "loss", 16, fmt.Sprint(loss)), 2, message(1, step)))
}

func wandbFile(records ...[]byte) string {
	out := []byte(":W&B\xe1\xbe\x00")
	for _, data := range records {
		data = append([]byte{1}, data...) // a whole record
		out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(data))
		out = append(binary.LittleEndian.AppendUint16(out, uint16(len(data)-1)), data...)
	}
	return string(out)
}

// printedIn joins what a run has printed.
func printedIn(t *testing.T, r Run) (text string) {
	t.Helper()
	heads, err := r.Store.Records(t.Context(), r.Run, track.Text, "console", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		body, err := r.Store.RecordBody(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%v: %s", h.Step, body)
	}
	return text
}

// TestFailing reads what there is before the bytes that the system cannot read,
// and goes on once it can.
func TestFailing(t *testing.T) {
	for name, log := range map[string]struct{ file, text, printed string }{
		"events": {eventName, string(file(ramp(0, 4, 1)...)), ""},
		"table":  {"metrics.csv", "step,loss\n0,0\n1,1\n2,2\n3,3\n", ""},
		"wandb":  {"run-a.wandb", wandbLog(4), "0: step 0\n0: step 1\n1: step 2\n2: step 3\n"}, // the last step fails, and not what was printed before
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
			failIn(l, int64(len(log.text))-3, math.MaxInt64)
			want := func(steps string) {
				t.Helper()
				if _, err := l.Update(ctx); err != nil {
					t.Fatal(err)
				}
				r := runNamed(t, l, "a")
				if got := stepsOf(pointsOf(t, r, "loss")); got != steps {
					t.Errorf("steps %s, want %s", got, steps)
				}
				if got := printedIn(t, r); got != log.printed {
					t.Errorf("%q was printed, want %q", got, log.printed)
				}
			}
			want("0-2")
			tryLater(l)
			l.openFile = openFile
			want("0-2") // it is not tried again so soon
			if len(warned) != 1 || !errors.Is(warned[0], errDisk) {
				t.Errorf("warned of %v", warned)
			}
			tryNow(l)
			want("0-3")
		})
	}
}

// TestStateLost goes on from what the index has where a file was read and its
// beginning, which tells it from others, could not be.
func TestStateLost(t *testing.T) {
	for name, log := range map[string]struct {
		file, text, more string
		wrong            int64
	}{
		"events": {eventName, string(file(ramp(0, 2, 1)...)), string(file(ramp(2, 4, 1)...)[len(file()):]), 0},
		"table":  {"metrics.csv", "step,loss\n0,0\n1,1\n", "2,2\nwrong\n3,3\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, dir := context.Background(), t.TempDir()
			path := filepath.Join(dir, "a", log.file)
			write(t, path, []byte(log.text))
			l, err := Open(ctx, []string{dir}, Options{Folder: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer closed(t, l)
			want := func(steps string) {
				t.Helper()
				if _, err := l.Update(ctx); err != nil {
					t.Fatal(err)
				}
				if got := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")); got != steps {
					t.Errorf("steps %s, want %s", got, steps)
				}
			}
			want("0-1")
			extend(t, path, []byte(log.more))
			failIn(l, 0, 3)
			want("0-1")
			l.openFile = openFile
			want("0-1") // it is not tried again so soon
			tryNow(l)
			want("0-3")
			if n := l.LeftOut()["what cannot be read"]; n != log.wrong {
				t.Errorf("%d lines are left out, want %d", n, log.wrong)
			}
		})
	}
}

// TestPrinted keeps what was printed in the piece whose position lies behind it.
func TestPrinted(t *testing.T) {
	reader, err := weightsAndBiases.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{waiting: make(chan *piece, 1), room: semaphore.NewWeighted(maxHeld)}
	sink := newSink(&run{root: &root{}, format: &weightsAndBiases}, reader, k)
	log := bytesAt([]byte(wandbLog(1)))
	info, err := os.Stat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sink.begin(found{rel: "run-a.wandb", info: info}, &source{ReaderAt: log})
	sink.held = heldBytes // as after much else
	if err := reader.Read(t.Context(), &File{Path: "run-a.wandb", ReaderAt: log}, sink); err != nil {
		t.Fatal(err)
	}
	p := <-k.waiting
	if got := p.batch.Records; len(got) != 1 || string(got[0].Body) != "step 0\n" || len(p.batch.Metrics) != 0 {
		t.Errorf("the piece has %+v", p.batch)
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

package wandb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/internal/shared"
)

// read reads a log to its end; damaged counts what could not be.
func read(t *testing.T, src io.ReaderAt) (records []*Record, damaged int) {
	r := NewReader(src, 0)
	for {
		record, err := r.Next()
		switch {
		case err == io.EOF:
			return records, damaged
		case errors.Is(err, ErrDamaged):
			damaged++
		case err != nil:
			t.Fatal(err)
		default:
			records = append(records, record)
		}
	}
}

// TestClients compares every value with what testdata/make.py logged with the
// client of two times.
func TestClients(t *testing.T) {
	for _, name := range []string{"new", "old"} {
		data, err := os.ReadFile("testdata/" + name + ".wandb")
		if err != nil {
			t.Fatal(err)
		}
		records, damaged := read(t, bytes.NewReader(data))
		if damaged > 0 {
			t.Errorf("%s: %d records are damaged", name, damaged)
		}
		checkRun(t, name, records)
		checkHistory(t, name, records)
	}
}

func checkRun(t *testing.T, name string, records []*Record) {
	var run *Run
	config := map[string]any{}
	var axis *Axis
	exit, best := false, 0.0
	for _, r := range records {
		if r.Run != nil {
			run = r.Run
		}
		for key, v := range r.Config {
			config[key] = v
		}
		if r.Axis != nil {
			axis = r.Axis
		}
		for _, v := range r.Summary {
			if v.Name == "best" {
				best = v.Number
			}
		}
		exit = exit || r.Exit != nil && r.Exit.Code == 0
	}
	if run == nil || run.ID != "fixed" || run.Project != "proj é" || run.Title != "first" || run.Group != "g" || run.JobType != "train" || run.Notes != "a note" || !reflect.DeepEqual(run.Tags, []string{"a", "b"}) || run.Started.Year() < 2024 {
		t.Errorf("%s: %+v", name, run)
	}
	want := map[string]any{"lr": 1e-3, "opt/name": "adam", "opt/betas": []any{0.9, 0.999}, "flag": true, "later": 5.0}
	if !reflect.DeepEqual(config, want) {
		t.Errorf("%s: configured with %v", name, config)
	}
	if axis == nil || axis.Pattern != "val/*" || axis.By != "epoch" || !exit || best != 0.5 {
		t.Errorf("%s: along %+v; ended: %v; best %v", name, axis, exit, best)
	}
}

// wanted is what make.py logs at its step s.
func wanted(s int) map[string]float64 {
	loss := 1 / float64(s+1)
	switch s {
	case 7:
		loss = math.NaN()
	case 8:
		loss = math.Inf(1)
	case 9:
		loss = math.Inf(-1)
	}
	row := map[string]float64{"loss": loss, "train/acc": float64(s) / 128, "train/deep/x": 2 * float64(s), "int": float64(-s), "big": float64(1<<40 + s), "ok": float64((s + 1) % 2)}
	if s%20 == 0 {
		row["nested/y"] = 0.5
	}
	return row
}

func checkHistory(t *testing.T, name string, records []*Record) {
	step, s := int64(0), 0
	for _, r := range records {
		if r.History == nil {
			continue
		}
		h := r.History
		values := map[string]Value{}
		got := map[string]float64{}
		for _, v := range h.Values {
			values[v.Name] = v
			if v.Kind == Number {
				got[v.Name] = v.Number
			}
		}
		want := wanted(s)
		switch {
		case step > 65:
			step, want = 500, map[string]float64{"late": 1.5}
		case len(got) == 2:
			want = map[string]float64{"epoch": float64(s) / 20, "val/loss": 2 / float64(s)}
		default:
			checkRest(t, name, s, values)
			s++
		}
		if h.Step != step || h.Time < 1.7e15 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: at step %d, want %d\n%v\n%v", name, h.Step, step, got, want)
		}
		step++
	}
	if step != 501 || s != 60 {
		t.Errorf("%s: ends at step %d, after %d rows", name, step-1, s)
	}
}

// checkRest compares what is no number.
func checkRest(t *testing.T, name string, s int, values map[string]Value) {
	if s%20 != 0 {
		return
	}
	sum := 0.0
	hist := values["hist"]
	for _, n := range hist.Counts {
		sum += n
	}
	if hist.Kind != Histogram || len(hist.Edges) != 65 || sum != 100 || math.Abs(hist.Edges[0]-float64(s)) > 1e-9 || math.Abs(hist.Edges[64]-float64(s+99)) > 1e-9 {
		t.Errorf("%s: at %d the histogram %+v", name, s, hist)
	}
	if h := values["uneven"]; !reflect.DeepEqual(h.Counts, []float64{1, float64(s)}) || !reflect.DeepEqual(h.Edges, []float64{0, 1, 10}) {
		t.Errorf("%s: at %d the histogram %+v", name, s, h)
	}
	if h := values["nested/hist"]; h.Kind != Histogram || len(h.Counts) != 64 {
		t.Errorf("%s: at %d the histogram %+v", name, s, h)
	}
	img, imgs := values["img"], values["imgs"]
	if img.Kind != Images || len(img.Files) != 1 || img.Files[0].Caption != fmt.Sprintf("picture %d", s) || !strings.HasPrefix(img.Files[0].Path, "media/images/img_") {
		t.Errorf("%s: at %d the image %+v", name, s, img)
	}
	if imgs.Kind != Images || len(imgs.Files) != 2 || imgs.Files[1].Caption != "number 1" || !strings.HasPrefix(imgs.Files[1].Path, "media/images/imgs_") {
		t.Errorf("%s: at %d the images %+v", name, s, imgs)
	}
	if v := values["note"]; v.Kind != Text || v.Text != fmt.Sprintf("at %d\n\"quoted\"", s) {
		t.Errorf("%s: at %d the text %+v", name, s, v)
	}
	if v := values["html"]; v.Kind != Other || v.Text != "html-file" {
		t.Errorf("%s: at %d %+v", name, s, v)
	}
}

// TestRealLog is of a client of 2021. The client of 2024 (0.18) finds 10 records in
// it, of which one has 8 measures of the machine, one of them two numbers.
func TestRealLog(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(shared.Dir(t, "data/training-logs"), "wandb-offline/*/*.wandb"))
	if len(paths) != 1 {
		t.Fatal(paths)
	}
	f, err := os.Open(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, damaged := read(t, f)
	system := map[string]float64{}
	var run *Run
	exit := false
	for _, r := range records {
		for _, v := range r.System {
			system[v.Name] = v.Number
		}
		if r.Run != nil {
			run = r.Run
		}
		exit = exit || r.Exit != nil
	}
	if damaged > 0 || len(records) != 10 || run == nil || run.ID != "g9dvvkua" || run.Project != "code-toad" || !exit {
		t.Errorf("%d records, %d damaged, of %+v, ended: %v", len(records), damaged, run, exit)
	}
	if len(system) != 9 || system["cpu"] != 24.3 || system["proc.memory.rssMB"] != 277.58 {
		t.Errorf("of the machine there is %v", system)
	}
}

type growing struct {
	data []byte
	size int
}

func (g *growing) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(g.data[:g.size]).ReadAt(p, at)
}

// TestGrowing cuts a log anywhere: what is whole is read, and after the rest has
// come, that as well, by the same reader and by one that goes on.
func TestGrowing(t *testing.T) {
	data, err := os.ReadFile("testdata/new.wandb")
	if err != nil {
		t.Fatal(err)
	}
	all, _ := read(t, bytes.NewReader(data))
	for cut := 0; cut < len(data); cut += 1 + cut%997 {
		src := &growing{data, cut}
		r := NewReader(src, 0)
		count := func(r *Reader) (n int) {
			for {
				if _, err := r.Next(); err == io.EOF {
					return n
				} else if err != nil {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				n++
			}
		}
		n := count(r)
		other := NewReader(src, r.Offset())
		src.size = len(data)
		if a, b := count(r), count(other); n+a != len(all) || n+b != len(all) {
			t.Fatalf("cut at %d: %d and %d or %d records, of %d", cut, n, a, b, len(all))
		}
	}
}

// TestDamaged flips bits: what lies in other blocks is read.
func TestDamaged(t *testing.T) {
	data, err := os.ReadFile("testdata/new.wandb")
	if err != nil {
		t.Fatal(err)
	}
	all, _ := read(t, bytes.NewReader(data))
	first := 0 // records of the first block
	for r := NewReader(bytes.NewReader(data), 0); ; first++ {
		if _, err := r.Next(); err != nil || r.Offset() > blockBytes {
			break
		}
	}
	for at := len(fileHead); at < len(data); at += 59 {
		bad := bytes.Clone(data)
		bad[at] ^= 1 << (at % 8)
		records, damaged := read(t, bytes.NewReader(bad))
		least := first - 1
		if at < blockBytes {
			least = len(all) - first - 2
		}
		// A length that reaches behind the end looks like a record that is still
		// being written.
		if damaged == 0 && len(records) == len(all) || len(records) < least {
			t.Errorf("byte %d: %d records of %d are read, %d damaged", at, len(records), len(all), damaged)
		}
	}
}

// chunks frames a record in a log of its own.
func chunks(out []byte, data []byte) []byte {
	for first := true; first || len(data) > 0; first = false {
		left := blockBytes - len(out)%blockBytes
		if left < headBytes {
			out = append(out, make([]byte, left)...)
			left = blockBytes
		}
		n := min(len(data), left-headBytes)
		kind := byte(chunkMiddle)
		switch {
		case first && n == len(data):
			kind = chunkFull
		case first:
			kind = chunkFirst
		case n == len(data):
			kind = chunkLast
		}
		head := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(append([]byte{kind}, data[:n]...)))
		head = binary.LittleEndian.AppendUint16(head, uint16(n))
		out = append(append(append(out, head...), kind), data[:n]...)
		data = data[n:]
	}
	return out
}

func message(number protowire.Number, body string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), body)
}

func oldItem(key, document string) string {
	return string(message(historyItem, string(message(itemKey, key))+string(message(itemOldJSON, document))))
}

// TestBlocks are records of all lengths at all places of a block, and a hole.
func TestBlocks(t *testing.T) {
	log := bytes.Clone(fileHead)
	var want []int
	for n := range 200 {
		size := n * n * 7 % 50_000
		log = chunks(log, message(recordHistory, oldItem("x", fmt.Sprintf("%q", strings.Repeat("a", size)))))
		want = append(want, size)
	}
	hole := blockBytes - len(log)%blockBytes + blockBytes
	log = chunks(append(log, make([]byte, hole)...), message(recordHistory, oldItem("x", `"a"`)))
	records, damaged := read(t, bytes.NewReader(log))
	if damaged > 0 || len(records) != len(want)+1 {
		t.Fatalf("%d records, %d damaged", len(records), damaged)
	}
	for i, size := range append(want, 1) {
		if got := len(records[i].History.Values[0].Text); got != size {
			t.Errorf("record %d: %d bytes, want %d", i, got, size)
		}
	}
}

// TestOddValues are values as no client writes them, or only old ones.
func TestOddValues(t *testing.T) {
	log := chunks(bytes.Clone(fileHead), message(recordHistory,
		oldItem("a", `"NaN"`)+oldItem("b", "-Infinity")+oldItem("c", "{")+oldItem("h", `{"_type": "histogram", "values": [1, 2], "bins": [1, 2]}`)+
			oldItem("p", `{"_type": "histogram", "values": [1], "packedBins": {"min": 0, "size": 0.5, "count": 1e12}}`)+
			oldItem("l", "[1]")+oldItem("n", "null")+oldItem("d", `{"e": {"_type": "image-file", "path": "../../x"}, "f": 1}`)+oldItem("_step", "7")))
	records, damaged := read(t, bytes.NewReader(log))
	if damaged > 0 || len(records) != 1 || records[0].History.Step != 7 {
		t.Fatalf("%+v, %d damaged", records, damaged)
	}
	var got []string
	for _, v := range records[0].History.Values {
		got = append(got, fmt.Sprintf("%s %d %v %d", v.Name, v.Kind, v.Number, len(v.Files)))
	}
	want := []string{"a 0 NaN 0", "b 0 -Inf 0", "c 5 0 0", "l 4 0 0", "d/f 0 1 0", "h 5 0 0", "p 5 0 0", "d/e 3 0 1"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n%q\n%q", got, want)
	}
}

// FuzzReader reads anything behind a good beginning and in chunks that pass
// their checksums.
func FuzzReader(f *testing.F) {
	for _, name := range []string{"new", "old"} {
		data, err := os.ReadFile("testdata/" + name + ".wandb")
		if err != nil {
			f.Fatal(err)
		}
		b := blocks{src: bytes.NewReader(data)}
		for range 40 {
			record, err := b.next()
			if err != nil {
				break
			}
			f.Add(bytes.Clone(record), uint16(3))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint16) {
		log := chunks(bytes.Clone(fileHead), data)
		log = chunks(log, message(recordHistory, oldItem("x", "1")))
		for _, whole := range [][]byte{log, log[:int(at)%len(log)], append(bytes.Clone(fileHead), data...)} {
			r := NewReader(bytes.NewReader(whole), 0)
			for n := 0; ; n++ {
				_, err := r.Next()
				if err != nil && !errors.Is(err, ErrDamaged) {
					break
				}
				if n > len(whole)+10 || r.Offset() > int64(len(whole))+blockBytes {
					t.Fatal("there is no end")
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"new", "old"} {
		data, err := os.ReadFile("testdata/" + name + ".wandb")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				r := NewReader(bytes.NewReader(data), 0)
				n := 0
				for ; err == nil; n++ {
					_, err = r.Next()
				}
				if err != io.EOF || n < 60 {
					b.Fatal(n, err)
				}
				err = nil
			}
		})
	}
}

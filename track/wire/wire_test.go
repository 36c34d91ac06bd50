package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/track/series"
)

func text(s string) *string { return &s }

// odd has all that a batch may have.
func odd() *Batch {
	return &Batch{
		ID: "a7-1",
		Metrics: []Metric{
			{"loss/train", []series.Point{{Step: 3, Value: 1}, {Step: 4, Value: math.Inf(1)}, {Step: 5, Value: math.Copysign(0, -1)}}},
			{"", []series.Point{{Step: -0.5, Time: -7, Value: math.NaN()}}},
			{"損失", []series.Point{{Step: 1e300, Time: 1 << 60, Value: 5e-324}, {Step: 1e300}}},
			{"nothing", []series.Point{}},
		},
		Config:  map[string]any{"lr": 0.1, "layers": []any{1.0, 2.0}},
		Tags:    map[string]string{"host": "gpu \"3\""},
		Records: []Record{{Kind: "text", Name: "log", Step: 2, Text: text("")}, {Kind: "image", Name: "in", Time: 2.5, Body: []byte{0, 255}}},
	}
}

// TestColumns reads back what was written, to the last bit.
func TestColumns(t *testing.T) {
	want := odd()
	raw, err := AppendColumns([]byte("before"), want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeColumns(raw[len("before"):])
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got.Metrics) != fmt.Sprint(want.Metrics) { // NaN is like NaN
		t.Errorf("metrics are %v, want %v", got.Metrics, want.Metrics)
	}
	if v := got.Metrics[0].Points[2].Value; !math.Signbit(v) {
		t.Errorf("-0 became %v", v)
	}
	got.Metrics, want.Metrics = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestCut reads columns that end at any byte, and says so.
func TestCut(t *testing.T) {
	raw, err := AppendColumns(nil, odd())
	if err != nil {
		t.Fatal(err)
	}
	for n := range raw {
		if _, err := DecodeColumns(raw[:n]); err == nil {
			t.Fatalf("%d bytes of %d were taken", n, len(raw))
		}
	}
	if _, err := DecodeColumns(append(slices.Clone(raw), 0)); err == nil || !strings.Contains(err.Error(), "follow") {
		t.Errorf("a byte too many: %v", err)
	}
}

// TestJSON reads rows, columns, records and what JSON cannot spell.
func TestJSON(t *testing.T) {
	b, err := DecodeJSON([]byte(`{
		"id": "x", "tags": {"quote": "NaN \" -Infinity"},
		"rows": [{"step": 1, "time": 2.5, "values": {"a": NaN, "b": -Infinity}}, {"step": 2, "values": {"a": "Infinity"}}],
		"metrics": [{"name": "a", "steps": [0], "values": [null]}, {"name": "c", "steps": [1, 2.5], "values": [1, -2e3], "times": [3, 4]}],
		"records": [{"kind": "histogram", "name": "h", "step": 1, "histogram": {"edges": [0, 1], "counts": [2]}}, {"kind": "image", "name": "i", "step": 1, "body": "AP8="}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "[{a [{0 0 NaN} {1 2500000 NaN} {2 0 +Inf}]} {c [{1 3000000 1} {2.5 4000000 -2000}]} {b [{1 2500000 -Inf}]}]"
	if got := fmt.Sprint(b.Metrics); got != want {
		t.Errorf("metrics are %s, want %s", got, want)
	}
	if b.Tags["quote"] != `NaN " -Infinity` {
		t.Errorf("a text became %q", b.Tags["quote"])
	}
	if string(b.Records[0].Bytes()) != `{"edges": [0, 1], "counts": [2]}` || string(b.Records[1].Bytes()) != "\x00\xff" {
		t.Errorf("records are %+v", b.Records)
	}
	for what, raw := range map[string]string{
		"ends in the midst": `{"id": "x"`, "unknown": `{"metric": []}`, "follows its end": `{} {}`, "2 steps and 1 values": `{"metrics": [{"name": "a", "steps": [1, 2], "values": [1]}]}`,
		"1 times and 2 values": `{"metrics": [{"name": "a", "steps": [1, 2], "values": [1, 2], "times": [1]}]}`,
		"one of text":          `{"records": [{"kind": "text", "name": "x", "text": "a", "body": "AA=="}]}`, "cannot be read": `{"rows": 3}`,
		"row 0: the time 1e+300 is none":  `{"rows": [{"step": 1, "time": 1e300, "values": {"a": 1}}]}`,
		"\"a\": the time -1e+300 is none": `{"metrics": [{"name": "a", "steps": [1], "values": [1], "times": [-1e300]}]}`,
		"a step is null":                  `{"metrics": [{"name": "a", "steps": [null], "values": [1]}]}`,
		"null; steps":                     `{"rows": [{"step": null, "values": {"a": 1}}]}`,
		"null; steps are finite":          `{"records": [{"kind": "text", "name": "x", "step": null, "text": "a"}]}`,
		"more than 65536 metrics":         `{"metrics": [` + strings.Repeat(`{},`, MaxMetrics) + `{}]}`,
		"objects and lists":               `{"config": {"a": [` + strings.Repeat(`[],`, maxNested) + `[]]}}`,
	} {
		if _, err := DecodeJSON([]byte(raw)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// FuzzDecode never crashes, and takes no more memory than the input is worth.
func FuzzDecode(f *testing.F) {
	raw, err := AppendColumns(nil, odd())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(magic + "\x00\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Add([]byte(`{"rows": [{"step": 1, "values": {"a": NaN}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, err := DecodeColumns(raw); err == nil && b.Points() > len(raw) {
			t.Errorf("%d points of %d bytes", b.Points(), len(raw))
		}
		if b, err := DecodeJSON(raw); err == nil {
			if _, err := json.Marshal(b.Tags); err != nil {
				t.Error(err)
			}
		}
	})
}

func BenchmarkDecodeColumns(b *testing.B) {
	batch := &Batch{}
	for m := range 100 {
		points := make([]series.Point, 100)
		for i := range points {
			points[i] = series.Point{Step: float64(i), Time: int64(i) + 1, Value: float64(i) / 7}
		}
		batch.Metrics = append(batch.Metrics, Metric{fmt.Sprint("metric ", m), points})
	}
	raw, err := AppendColumns(nil, batch)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := DecodeColumns(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// TestManyMetrics are refused before they take memory.
func TestManyMetrics(t *testing.T) {
	raw := binary.AppendUvarint([]byte(magic+"\x00"), 10<<20)
	raw = append(raw, make([]byte, 30<<20)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := DecodeColumns(raw)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "65536 metrics") {
		t.Errorf("ten million metrics: %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes of memory", used)
	}
}

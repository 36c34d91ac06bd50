package logs

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/tfevents"
)

// message encodes fields: pairs of a number and a value.
func message(pairs ...any) []byte {
	var out []byte
	for i := 0; i < len(pairs); i += 2 {
		number := protowire.Number(pairs[i].(int))
		switch v := pairs[i+1].(type) {
		case float64:
			out = protowire.AppendFixed64(protowire.AppendTag(out, number, protowire.Fixed64Type), math.Float64bits(v))
		case float32:
			out = protowire.AppendFixed32(protowire.AppendTag(out, number, protowire.Fixed32Type), math.Float32bits(v))
		case int:
			out = protowire.AppendVarint(protowire.AppendTag(out, number, protowire.VarintType), uint64(v))
		case string:
			out = protowire.AppendString(protowire.AppendTag(out, number, protowire.BytesType), v)
		case []byte:
			out = protowire.AppendBytes(protowire.AppendTag(out, number, protowire.BytesType), v)
		}
	}
	return out
}

// eventAt is an event at a step, a second after the one before.
func eventAt(step int, fields ...any) []byte {
	return message(append([]any{1, 1.5e9 + float64(step), 2, step}, fields...)...)
}

// summary is an event of values, each a message.
func summary(step int, values ...[]byte) []byte {
	var all []byte
	for _, v := range values {
		all = append(all, message(1, v)...)
	}
	return eventAt(step, 5, all)
}

func scalar(step int, tag string, v float32) []byte { return summary(step, message(1, tag, 2, v)) }

// tensorValue is a value of a plugin; its type, shape and elements are those of
// a TensorProto.
func tensorValue(tag, plugin string, pairs ...any) []byte {
	return message(1, tag, 8, message(pairs...), 9, message(1, message(1, plugin)))
}

func shapeOf(dims ...int) []byte {
	var out []byte
	for _, d := range dims {
		out = append(out, message(2, message(1, d))...)
	}
	return out
}

func packed(v ...float32) []byte {
	var out []byte
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return out
}

func file(events ...[]byte) []byte {
	out := tfevents.AppendRecord(nil, message(1, 1.5e9, 3, "brain.Event:2"))
	for _, e := range events {
		out = tfevents.AppendRecord(out, e)
	}
	return out
}

// ramp is an event of the tag loss at each step from one to before another.
func ramp(from, to int, factor float32) (events [][]byte) {
	for step := from; step < to; step++ {
		events = append(events, scalar(step, "loss", factor*float32(step)))
	}
	return events
}

func write(t testing.TB, path string, raw []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

func extend(t testing.TB, path string, raw []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// opened opens a library that may not have problems.
func opened(t testing.TB, index string, paths ...string) *Library {
	t.Helper()
	l, err := Open(context.Background(), paths, Options{Folder: index, Warn: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func closed(t testing.TB, l *Library) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// runNamed finds a run by its title.
func runNamed(t testing.TB, l *Library, title string) Run {
	t.Helper()
	runs, err := l.Runs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, r := range runs {
		if r.Run.Title == title {
			return r
		}
		titles = append(titles, r.Run.Title)
	}
	t.Fatalf("there is no run %q among %q", title, titles)
	return Run{}
}

// pointsOf reads all points of a metric; there are none without it.
func pointsOf(t testing.TB, r Run, metric string) (points []series.Point) {
	t.Helper()
	ctx := context.Background()
	curves, err := r.Store.Curves(ctx, r.Run)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(curves, func(c track.Curve) bool { return c.Name == metric })
	if i < 0 {
		return nil
	}
	err = r.Store.EachPoints(ctx, curves[i], func(some []series.Point) error {
		points = append(points, some...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return points
}

// stepsOf says in short at which steps the points lie: "0-4 2-3".
func stepsOf(points []series.Point) string {
	text := ""
	for i, p := range points {
		switch {
		case i == 0:
			text = fmt.Sprint(p.Step)
		case p.Step != points[i-1].Step+1:
			text += fmt.Sprintf("-%v %v", points[i-1].Step, p.Step)
		}
		if i == len(points)-1 {
			text += fmt.Sprintf("-%v", p.Step)
		}
	}
	return text
}

// bytesAt are the bytes of a file.
func bytesAt(raw []byte) *bytes.Reader { return bytes.NewReader(raw) }

package logs

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/tfevents"
)

// Element types of tensors (tensorflow/core/framework/types.proto), and the
// fields of TensorProto.
const (
	float, text = 1, 7

	elementType, elementShape, floats, texts = 1, 2, 5, 8
)

// recordsOf reads the records of a run, as "kind name@step": body.
func recordsOf(t testing.TB, r Run) map[string]string {
	t.Helper()
	ctx := context.Background()
	lists, err := r.Store.RecordLists(ctx, r.Run, "")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, l := range lists {
		heads, err := r.Store.Records(ctx, r.Run, l.Kind, l.Name, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			body, err := r.Store.RecordBody(ctx, h)
			if err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprintf("%s %s@%v", l.Kind, l.Name, h.Step)] = string(body)
		}
	}
	return out
}

// TestValues keeps every kind of value in its form, in the spellings of
// TensorFlow 1 and PyTorch and in those of TensorFlow 2.
func TestValues(t *testing.T) {
	histogram := message(1, -2.0, 2, 3.0, 3, 7.0, 4, 1.5, 5, 9.0, // least, greatest, number, sum, of squares
		6, -math.MaxFloat64, 6, -1.0, 6, 0.0, 6, math.MaxFloat64, 7, 0.0, 7, 4.0, 7, 0.0, 7, 3.0)
	curve := make([]float32, 6*3)
	for i := range curve {
		curve[i] = float32(i)
	}
	events := [][]byte{
		summary(1, message(1, "old/h", 5, histogram), message(1, "old/empty", 5, message(7, 0.0, 6, 1.0))),
		summary(2, tensorValue("new/h", "histograms", elementType, float, elementShape, shapeOf(2, 3), floats, packed(-1, 0, 2, 0, 2, 5))),
		summary(2, tensorValue("gap/h", "histograms", elementType, float, elementShape, shapeOf(2, 3), floats, packed(-1, 0, 2, 1, 2, 5))),
		summary(2, tensorValue("nan/h", "histograms", elementType, float, elementShape, shapeOf(1, 3), floats, packed(float32(math.NaN()), 0, 2))),
		summary(3, message(1, "old/i", 4, message(1, 8, 2, 8, 3, 3, 4, "PNG"))),
		summary(3, tensorValue("new/i", "images", elementType, text, elementShape, shapeOf(3), texts, "8", texts, "8", texts, "one")),
		summary(3, tensorValue("new/is", "images", elementType, text, elementShape, shapeOf(4), texts, "8", texts, "8", texts, "one", texts, "two")),
		summary(4, tensorValue("t", "text", elementType, text, texts, "hello")),
		summary(4, tensorValue("pytorch", "text", elementType, text, elementShape, shapeOf(1), texts, "hello")),
		summary(4, tensorValue("table", "text", elementType, text, elementShape, shapeOf(2, 2), texts, "a", texts, "b", texts, "c|d", texts, "e\nf")),
		summary(5, tensorValue("pr", "pr_curves", elementType, float, elementShape, shapeOf(6, 3), floats, packed(curve...))),
		summary(6, tensorValue("s", "scalars", elementType, float, floats, packed(0.5))),
		summary(7, message(1, "s", 8, message(elementType, float, floats, packed(0.25)))), // the plugin is known
		summary(6, message(1, "audio", 6, message(1, float32(1)))),
		summary(6, tensorValue("m", "mesh", elementType, float, floats, packed(1))),
		summary(6, tensorValue("layout", "custom_scalars", elementType, text, texts, "x")),
		summary(6, message(1, "raw", 8, message(elementType, float, floats, packed(1)))),
		summary(6, tensorValue("keras", "graph_keras_model", elementType, text, texts, "{}")),
		summary(6, tensorValue("one", "graph_run_metadata_graph", elementType, text, texts, string(message(1, "", 4, message(1, "CUT", 2, "BEFORE", 3, "AFTER"))))),
		summary(6, tensorValue("two", "graph_run_metadata_graph", elementType, text, texts, string(message(4, message(2, "A"), 4, message(2, "B"))))),
		eventAt(0, 4, "GRAPH"), eventAt(0, 4, "GRAPH"), eventAt(0, 9, message(2, "META")),
		eventAt(0, 7, message(1, 1)), // takes back all but the graphs, and is said again
	}
	events = append(events, events[:len(events)-1]...)
	root := t.TempDir()
	write(t, filepath.Join(root, eventName), file(events...))
	l := opened(t, t.TempDir(), root)
	defer closed(t, l)
	r := runNamed(t, l, filepath.Base(root))
	want := map[string]string{
		"histogram old/h@1":     `{"edges":[-2,-1,0,3],"counts":[4,0,3],"min":-2,"max":3,"sum":1.5,"sumSquares":9}`,
		"histogram old/empty@1": `{"edges":null,"counts":null,"sum":0,"sumSquares":0}`,
		"histogram new/h@2":     `{"edges":[-1,0,2],"counts":[2,5]}`,
		"histogram gap/h@2":     `{"edges":[-1,0,1,2],"counts":[2,0,5]}`,
		"histogram nan/h@2":     `{"edges":null,"counts":null,"nonFinite":2}`,
		"image old/i@3":         "PNG",
		"image new/i@3":         "one",
		"image new/is/0@3":      "one",
		"image new/is/1@3":      "two",
		"text t@4":              "hello",
		"text pytorch@4":        "hello",
		"text table@4":          "| a | b |\n| --- | --- |\n| c\\|d | e f |\n",
		"pr curve pr@5":         `{"truePositives":[0,1,2],"falsePositives":[3,4,5],"trueNegatives":[6,7,8],"falseNegatives":[9,10,11],"precision":[12,13,14],"recall":[15,16,17]}`,
		"graph graph@-1":        "GRAPH",
		"graph keras@-1":        "{}",
		"graph one@-1":          "BEFORE",
		"graph two/0@-1":        "A",
		"graph two/1@-1":        "B",
	}
	if got := recordsOf(t, r); !maps.Equal(got, want) {
		for _, key := range slices.Sorted(maps.Keys(got)) {
			if want[key] != got[key] {
				t.Errorf("%s: %s, want %s", key, got[key], want[key])
			}
		}
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	if points := pointsOf(t, r, "s"); len(points) != 2 || points[0].Value != 0.5 || points[1].Value != 0.25 || points[1].Time != 1.5e15+7e6 {
		t.Errorf("points %v", points)
	}
	if left := fmt.Sprint(l.LeftOut()); left != "map[audio:2 mesh:2 tensors without a plugin:2]" {
		t.Errorf("left out: %s", left)
	}
}

// session is the event of a tag of the plugin hparams.
func session(tag string, content []byte) []byte {
	return summary(0, message(1, "_hparams_/"+tag, 9, message(1, message(1, "hparams", 2, content))))
}

// TestHParams reads configurations in the layouts of Keras, which writes them
// above the folders of the curves, and of PyTorch, which writes them below.
func TestHParams(t *testing.T) {
	start := session("session_start_info", message(3, message(
		1, message(1, "lr", 2, message(2, 0.1)), 1, message(1, "name", 2, message(3, "adam")), 1, message(1, "flag", 2, message(4, 1)),
		1, message(1, "nan", 2, message(2, math.NaN())), 1, message(1, "list", 2, message(6, message(1, message(2, 1.0)))), 4, "g")))
	end := func(status int) []byte { return session("session_end_info", message(4, message(1, status, 2, 1.6e9))) }
	root := t.TempDir()
	write(t, filepath.Join(root, "keras", eventName), file(start, end(2)))
	write(t, filepath.Join(root, "keras", "train", eventName), file(ramp(0, 3, 1)...))
	write(t, filepath.Join(root, "torch", eventName), file(ramp(0, 3, 1)...))
	write(t, filepath.Join(root, "torch", "1700000000.25", eventName), file(start, end(1), scalar(0, "hparam/acc", 1)))
	write(t, filepath.Join(root, "other", eventName), file(ramp(0, 3, 1)...))
	index := t.TempDir()
	for range 2 {
		l := opened(t, index, root)
		for title, n := range map[string]int{"keras": 5, "keras/train": 5, "torch": 5, "torch/1700000000.25": 5, "other": 0} {
			r := runNamed(t, l, title)
			config, err := r.Store.Config(context.Background(), r.Run)
			if err != nil || len(config) != n || n > 0 && fmt.Sprint(config) != "map[flag:true list:[1] lr:0.1 name:adam nan:NaN]" {
				t.Errorf("%s: %v, %v", title, config, err)
			}
		}
		if r := runNamed(t, l, "keras"); r.Run.State != track.Failed || r.Run.Ended.Unix() != 1.6e9 {
			t.Errorf("the run that failed is %s since %v", r.Run.State, r.Run.Ended)
		}
		if r := runNamed(t, l, "torch/1700000000.25"); r.Run.State != track.Finished {
			t.Errorf("the run that succeeded is %s", r.Run.State)
		}
		if r := runNamed(t, l, "torch"); r.Run.State != track.Running {
			t.Errorf("the run that nobody ended is %s", r.Run.State)
		}
		closed(t, l)
	}
}

// TestForeign reads records that have good checksums and hold anything.
func TestForeign(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	good := [][]byte{
		summary(1, message(1, "h", 5, message(1, -2.0, 2, 3.0, 6, -1.0, 6, 1.0, 7, 4.0, 7, 3.0))),
		summary(2, tensorValue("h2", "histograms", elementType, float, elementShape, shapeOf(2, 3), floats, packed(-1, 0, 2, 0, 2, 5))),
		summary(3, tensorValue("i", "images", elementType, text, elementShape, shapeOf(3), texts, "8", texts, "8", texts, "one")),
		summary(4, tensorValue("t", "text", elementType, text, elementShape, shapeOf(2, 2), texts, "a", texts, "b", texts, "c", texts, "d")),
		summary(5, tensorValue("pr", "pr_curves", elementType, float, elementShape, shapeOf(6, 1), floats, packed(1, 2, 3, 4, 5, 6))),
		summary(6, tensorValue("s", "scalars", elementType, float, floats, packed(0.5))),
		session("session_start_info", message(3, message(1, message(1, "lr", 2, message(2, 0.1))))),
		scalar(7, "loss", 1), eventAt(0, 4, "GRAPH"), eventAt(3, 7, message(1, 1)),
		summary(8, tensorValue("huge", "text", elementType, text, elementShape, shapeOf(1<<12, 1<<12))),
		summary(8, tensorValue("huge2", "histograms", elementType, float, elementShape, shapeOf(1<<40, 3))),
		summary(8, tensorValue("neg", "text", elementType, text, elementShape, shapeOf(-1))),
		summary(8, tensorValue("none", "text", elementType, text, elementShape, shapeOf(4, 0))),
	}
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	var events [][]byte
	for range n {
		bad := slices.Clone(good[random.IntN(len(good))])
		for range random.IntN(5) {
			bad[random.IntN(len(bad))] = byte(random.IntN(256))
		}
		events = append(events, bad[:len(bad)-random.IntN(2)*random.IntN(len(bad))])
	}
	root := t.TempDir()
	write(t, filepath.Join(root, "a", eventName), file(append(events, scalar(1<<40, "last", 7))...))
	long := binary.LittleEndian.AppendUint64(nil, 1<<60)
	write(t, filepath.Join(root, "b", eventName), append(file(ramp(0, 3, 1)...), tfevents.AppendRecord(long, long)...))
	said := 0
	l, err := Open(context.Background(), []string{root}, Options{Folder: t.TempDir(), Warn: func(err error) { said++ }})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, l)
	if points := pointsOf(t, runNamed(t, l, "a"), "last"); len(points) != 1 || points[0].Value != 7 {
		t.Errorf("the last point: %v", points)
	}
	if got := stepsOf(pointsOf(t, runNamed(t, l, "b"), "loss")); got != "0-2" {
		t.Errorf("steps %s before a record of 2^60 bytes", got)
	}
	if said != 2 || l.LeftOut()["what cannot be read"] == 0 {
		t.Errorf("%d problems were said; left out: %v", said, l.LeftOut())
	}
}

// TestForeignTensors holds tensors of another element type than their plugins
// take, and a text without columns.
func TestForeignTensors(t *testing.T) {
	s := newShelf(t)
	s.write("a/"+eventName, string(file(
		summary(1, tensorValue("pr", "pr_curves", elementType, text, elementShape, shapeOf(6, 2), texts, "a")),
		summary(2, tensorValue("t", "text", elementType, float, elementShape, shapeOf(2, 0), texts, "a", texts, "b")),
		summary(3, tensorValue("t", "text", elementType, float, elementShape, shapeOf(2))),
		scalar(4, "loss", 7))), 0)
	s.update()
	s.want("a", "loss 4:7")
	if n := s.lib.LeftOut()["what cannot be read"]; n != 3 {
		t.Errorf("%d tensors could not be read, want 3", n)
	}
}

// FuzzEvents hands records of anything to the reader.
func FuzzEvents(f *testing.F) {
	f.Add(scalar(1, "loss", 1))
	f.Add(summary(2, tensorValue("h2", "histograms", elementType, float, elementShape, shapeOf(2, 3), floats, packed(-1, 0, 2, 0, 2, 5))))
	f.Add(summary(4, tensorValue("t", "text", elementType, text, elementShape, shapeOf(2, 2), texts, "a", texts, "b", texts, "c", texts, "d")))
	f.Add(session("session_start_info", message(3, message(1, message(1, "lr", 2, message(2, 0.1))))))
	f.Fuzz(func(t *testing.T, event []byte) {
		reader, err := openEvents(nil)
		if err != nil {
			t.Fatal(err)
		}
		raw := file(event, event, scalar(1, "loss", 1))
		r := &run{root: &root{lib: &Library{}}}
		sink := newSink(r, reader, nil)
		if err := reader.Read(context.Background(), &File{ReaderAt: bytesAt(raw)}, sink); err != nil || sink.file.At != int64(len(raw)) {
			t.Errorf("%v; read to %d of %d", err, sink.file.At, len(raw))
		}
		if _, err := reader.State(); err != nil {
			t.Error(err)
		}
	})
}

// TestRealLogs counts what TensorBoard's own reader finds in logs of TensorFlow
// 1 and 2, Keras, PyTorch and Lightning, and reads nothing again.
func TestRealLogs(t *testing.T) {
	dir := shared.Dir(t, "data/training-logs")
	index := t.TempDir()
	for _, c := range []struct {
		folder                                   string
		runs, points, histograms, images, graphs int
	}{
		{"lightning/lightning_logs/mnist_cnn", 2, 68, 0, 0, 0},
		{"tb-katib-tf2", 2, 40, 0, 0, 0},
		{"tb-keras-mnist-hparams", 17, 60_497, 390, 240, 16},
		{"tb-keras-tf2-graph", 4, 6, 0, 0, 6},
		{"tb-wandb-testassets", 1, 102, 0, 0, 1},
	} {
		for range 2 {
			l := opened(t, index, filepath.Join(dir, c.folder))
			runs, err := l.Runs(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			points := 0
			kinds := map[track.RecordKind]int{}
			for _, r := range runs {
				curves, err := r.Store.Curves(context.Background(), r.Run)
				if err != nil {
					t.Fatal(err)
				}
				for _, curve := range curves {
					points += len(pointsOf(t, r, curve.Name))
				}
				lists, err := r.Store.RecordLists(context.Background(), r.Run, "")
				if err != nil {
					t.Fatal(err)
				}
				for _, list := range lists {
					kinds[list.Kind] += list.Count
				}
			}
			if len(runs) != c.runs || points != c.points || kinds[track.Histogram] != c.histograms || kinds[track.Image] != c.images || kinds[track.Graph] != c.graphs {
				t.Errorf("%s: %d runs, %d points, %v", c.folder, len(runs), points, kinds)
			}
			closed(t, l)
		}
	}
}

package tfevents

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/internal/shared"
)

// record is one with its checksums.
func record(data []byte) []byte { return AppendRecord(nil, data) }

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

func scalar(step int, tag string, v float32) []byte {
	return message(1, 1.5e9+float64(step), 2, step, 5, message(1, message(1, tag, 2, v)))
}

// TestChecksum is the known one of a known text.
func TestChecksum(t *testing.T) {
	if got := masked([]byte("\x1a\x11CRC test, one two")); got != 0x5794d08a {
		t.Errorf("the checksum is %#x", got)
	}
}

// TestScalars reads scalars of every spelling as any event is read.
func TestScalars(t *testing.T) {
	value := func(pairs ...any) []byte { return message(1, message(pairs...)) }
	long := strings.Repeat("long ", 40)
	for i, data := range [][]byte{
		scalar(3, "loss", 1.5), scalar(0, "", 0), scalar(1<<40, "loss", float32(math.Inf(1))), scalar(5, long, 1),
		message(1, 2.0, 5, value(1, "loss", 2, float32(1))), message(1, 2.0, 2, -1, 5, value(1, "loss", 2, float32(1))),
		message(2, 7, 1, 2.0, 5, value(1, "loss", 2, float32(1))), message(1, 2.0, 2, 7, 5, value(2, float32(1), 1, "loss")),
		message(1, 2.0, 2, 7, 5, append(value(1, "a", 2, float32(1)), value(1, "b", 2, float32(2))...)),
		message(1, 2.0, 2, 7, 5, value(1, "loss", 2, float32(1)), 3, "brain.Event:2"), message(1, 2.0, 2, 7, 5, value(1, "loss", 2, float32(1), 9, "")),
		message(1, 2.0, 2, 7, 5, value(1, "loss")), message(1, 2.0, 2, 7, 5, ""), message(1, 2.0, 2, 7), message(1, 2.0), nil,
	} {
		for cut := range len(data) + 1 {
			var fast, any Event
			err := any.parse(data[:cut])
			if fast.parseScalar(data[:cut]) && (err != nil || !reflect.DeepEqual(fast, any)) {
				t.Errorf("event %d, %d of its bytes: %+v, want %+v, %v", i, cut, fast, any, err)
			}
		}
	}
	var e Event
	if !e.parseScalar(scalar(3, "loss", 1.5)) {
		t.Error("the form that nearly all scalars have is read as any other")
	}
}

// TestGrowing cuts a file at every byte: what is whole is read, and after the
// rest has come, that as well.
func TestGrowing(t *testing.T) {
	var file []byte
	file = append(file, record(message(1, 1.0, 3, "brain.Event:2"))...)
	for step := range 5 {
		file = append(file, record(scalar(step, "loss", float32(step)/2))...)
	}
	file = append(file, record(message(2, 3, 7, message(1, 1)))...)
	for cut := range len(file) + 1 {
		src := &bytes.Buffer{}
		src.Write(file[:cut])
		r := NewReader(src, 0)
		var steps []int64
		restart := false
		read := func() {
			for {
				e, err := r.Next()
				if err == io.EOF {
					return
				}
				if err != nil {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				for _, v := range e.Values {
					if string(v.Tag) != "loss" || v.Kind != Simple || v.Scalar != float64(e.Step)/2 || e.WallTime != 1.5e9+float64(e.Step) {
						t.Errorf("cut at %d: %+v", cut, e)
					}
					steps = append(steps, e.Step)
				}
				restart = restart || e.Restart && e.Step == 3
			}
		}
		read()
		src.Write(file[cut:])
		read()
		if len(steps) != 5 || !restart || r.Offset() != int64(len(file)) {
			t.Errorf("cut at %d: steps %v, restart %v, ends at byte %d", cut, steps, restart, r.Offset())
		}
	}
}

// TestDamaged finds each flipped bit, and takes no memory for a length that
// nothing follows.
func TestDamaged(t *testing.T) {
	file := append(record(scalar(1, "loss", 1)), record(scalar(2, "loss", 2))...)
	for bit := range 8 * len(file) {
		bad := bytes.Clone(file)
		bad[bit/8] ^= 1 << (bit % 8)
		r := NewReader(bytes.NewReader(bad), 0)
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("bit %d: %v", bit, err)
		}
	}
	long := binary.LittleEndian.AppendUint64(nil, maxRecord)
	long = binary.LittleEndian.AppendUint32(long, masked(long))
	r := NewReader(bytes.NewReader(append(long, "little"...)), 0)
	if _, err := r.Next(); err != io.EOF || cap(r.records.buf) > 8*least {
		t.Errorf("%v, with %d bytes of memory", err, cap(r.records.buf))
	}
}

// TestForeign reads anything that has good checksums without harm.
func TestForeign(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	good := message(1, 1.0, 2, 3, 5, message(1, message(1, "a", 8, message(1, 1, 2, message(2, message(1, 2)), 5, float32(1)), 9, message(1, message(1, "scalars")))))
	for range 5_000 {
		bad := bytes.Clone(good)
		for range 1 + random.IntN(4) {
			bad[random.IntN(len(bad))] = byte(random.IntN(256))
		}
		r := NewReader(bytes.NewReader(record(bad[:random.IntN(len(bad)+1)])), 0)
		if e, err := r.Next(); err == nil {
			for _, v := range e.Values {
				_, _ = ParseTensor(v.Body)
			}
		}
	}
}

// TestTensors are TF2's scalars of every element type, in every spelling.
func TestTensors(t *testing.T) {
	half := func(bits ...int) []byte {
		var out []byte
		for _, b := range bits {
			out = protowire.AppendVarint(out, uint64(b))
		}
		return out
	}
	two := message(2, message(1, 2))
	for name, c := range map[string]struct {
		data []byte
		want []float64
	}{
		"float":        {message(1, dtFloat, 5, float32(1.5)), []float64{1.5}},
		"double":       {message(1, dtDouble, 6, 2.5), []float64{2.5}},
		"negative int": {message(1, dtInt32, 7, -3), []float64{-3}},
		"content":      {message(1, dtFloat, 2, two, 4, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}), []float64{1, -2}},
		"repeated":     {message(1, dtFloat, 2, two, 5, float32(7)), []float64{7, 7}},
		"zeros":        {message(1, dtInt64, 2, two), []float64{0, 0}},
		"half":         {message(1, dtHalf, 2, two, 13, half(0x3c00, 0xc100)), []float64{1, -2.5}},
		"small half":   {message(1, dtHalf, 2, two, 13, half(1, 0x7c00)), []float64{math.Ldexp(1, -24), math.Inf(1)}},
		"bfloat16":     {message(1, dtBfloat16, 2, two, 13, half(0x3f80, 0xc020)), []float64{1, -2.5}},
		"bool":         {message(1, dtBool, 4, []byte{1}), []float64{1}},
	} {
		got, err := ParseTensor(c.data)
		if err != nil || len(got.Numbers) != len(c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		for i, v := range got.Numbers {
			if v != c.want[i] {
				t.Errorf("%s: %v, want %v", name, got.Numbers, c.want)
			}
		}
	}
	text, err := ParseTensor(message(1, dtString, 8, "hello"))
	if err != nil || len(text.Texts) != 1 || string(text.Texts[0]) != "hello" {
		t.Errorf("text: %+v, %v", text, err)
	}
	for name, data := range map[string][]byte{
		"huge":     message(1, dtFloat, 2, message(2, message(1, 1<<40))),
		"negative": message(1, dtFloat, 2, message(2, message(1, -1))),
		"too many": message(1, dtFloat, 5, float32(1), 5, float32(2)),
		"odd":      message(1, dtFloat, 4, []byte{1, 2, 3}),
		"unknown":  message(1, 99, 4, []byte{1}),
		"texts":    message(1, dtFloat, 2, message(2, message(1, 2)), 8, "a", 8, "b"),
		"numbers":  message(1, dtString, 5, float32(1)),
	} {
		if got, err := ParseTensor(data); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestRealLogs counts what TensorBoard's own reader finds in logs of TensorFlow
// 2, Keras, PyTorch Lightning and TensorFlow 1.
func TestRealLogs(t *testing.T) {
	for _, c := range []struct {
		folder         string
		events, values int
		sum            float64 // of all numbers but those of histograms, images and audio
	}{
		{"tb-katib-tf2/logs/test", 21, 20, 10.4024429731071},
		{"tb-keras-mnist-hparams/hparam_tuning/Experiment 14_sgd_512_0.2", 30003, 30002, 18680.31776228547},
		{"tb-keras-mnist-hparams/imdb-model-1690485351/train", 163, 161, 21.74032874405384},
		{"tb-wandb-testassets", 105, 102, 56.82859764361274},
		{"lightning/lightning_logs/mnist_cnn/version_0", 30, 29, 24.4715},
	} {
		paths, _ := filepath.Glob(filepath.Join(shared.Dir(t, "data/training-logs"), c.folder, "*tfevents*"))
		if len(paths) == 0 {
			t.Errorf("%s: there is no log", c.folder)
			continue
		}
		events, values, sum := count(t, paths[0])
		if events != c.events || values != c.values || math.Abs(sum-c.sum) > 1e-5*math.Abs(c.sum) {
			t.Errorf("%s: %d events, %d values that add up to %v; want %d, %d, %v", c.folder, events, values, sum, c.events, c.values, c.sum)
		}
	}
}

func count(t *testing.T, path string) (events, values int, sum float64) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := NewReader(f, 0)
	plugins := map[string]string{}
	for {
		e, err := r.Next()
		if err == io.EOF {
			return events, values, sum
		}
		if err != nil {
			t.Fatal(err)
		}
		events++
		for _, v := range e.Values {
			values++
			if len(v.Plugin) > 0 {
				plugins[string(v.Tag)] = string(v.Plugin)
			}
			if v.Kind == Simple {
				sum += v.Scalar
			}
			if v.Kind == Tensor && plugins[string(v.Tag)] == "scalars" {
				tensor, err := ParseTensor(v.Body)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range tensor.Numbers {
					sum += x
				}
			}
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var file []byte
	for step := range 200_000 {
		file = append(file, record(scalar(step, "train/loss", float32(step)))...)
	}
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		r := NewReader(bytes.NewReader(file), 0)
		n := 0
		for {
			if _, err := r.Next(); err != nil {
				break
			}
			n++
		}
		if n != 200_000 {
			b.Fatal(n)
		}
	}
}

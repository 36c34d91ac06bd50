package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/track/tfevents"
)

// A form is how scalars are written.
type form string

// The forms.
const (
	simple form = "simple" // a float, as PyTorch and TensorFlow 1 do
	tensor form = "tensor" // a tensor of a plugin, as TensorFlow 2 and Keras do
)

// A shape is what a generated log holds.
type shape struct {
	form form
	tags int
	mib  int // of the file; 0 is one point of each tag
}

// generate writes an event file into a new folder and returns how many points
// it holds.
func generate(dir string, s shape) (points int64, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	f, err := os.Create(filepath.Join(dir, "events.out.tfevents.1700000000.bench"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w := &writer{out: bufio.NewWriterSize(f, 1<<20)}
	w.record(protowire.AppendString(protowire.AppendTag(w.time(0), 3, protowire.BytesType), "brain.Event:2"))
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, s.tags)
	for step := 0; step == 0 || w.written < int64(s.mib)<<20; step++ {
		for i := range values {
			values[i] = 0.999*values[i] + 0.01*random.NormFloat64()
			w.scalar(s.form, step, fmt.Sprintf("layers/%05d/gradient/norm", i), float32(math.Exp(values[i])))
			points++
		}
	}
	// Nobody's reading is to wait for this writing.
	return points, errors.Join(w.out.Flush(), f.Sync())
}

// A writer writes events as TensorFlow does.
type writer struct {
	out     *bufio.Writer
	written int64
	events  int
	buf     [3][]byte
	framed  []byte
}

func (w *writer) record(data []byte) {
	w.framed = tfevents.AppendRecord(w.framed[:0], data)
	_, _ = w.out.Write(w.framed) // Flush says what went wrong
	w.written += int64(len(w.framed))
}

// time begins an event, a millisecond after the one before.
func (w *writer) time(step int) []byte {
	w.events++
	event := protowire.AppendTag(w.buf[0][:0], 1, protowire.Fixed64Type)
	event = protowire.AppendFixed64(event, math.Float64bits(1.7e9+float64(w.events)/1000))
	event = protowire.AppendTag(event, 2, protowire.VarintType)
	return protowire.AppendVarint(event, uint64(step))
}

func (w *writer) scalar(f form, step int, tag string, v float32) {
	value := protowire.AppendString(protowire.AppendTag(w.buf[1][:0], 1, protowire.BytesType), tag)
	if f == simple {
		value = protowire.AppendFixed32(protowire.AppendTag(value, 2, protowire.Fixed32Type), math.Float32bits(v))
	} else {
		const float, noShape = 1, ""
		number := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), float)
		number = protowire.AppendString(protowire.AppendTag(number, 2, protowire.BytesType), noShape)
		number = protowire.AppendTag(number, 5, protowire.BytesType)
		number = protowire.AppendBytes(number, binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
		plugin := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "scalars")
		value = protowire.AppendBytes(protowire.AppendTag(value, 8, protowire.BytesType), number)
		value = protowire.AppendBytes(protowire.AppendTag(value, 9, protowire.BytesType),
			protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), plugin))
	}
	w.buf[1] = value
	w.buf[2] = protowire.AppendBytes(protowire.AppendTag(w.buf[2][:0], 1, protowire.BytesType), value)
	event := protowire.AppendBytes(protowire.AppendTag(w.time(step), 5, protowire.BytesType), w.buf[2])
	w.record(event)
	w.buf[0] = event
}

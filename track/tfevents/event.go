package tfevents

import (
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// An Event is one record (tensorflow/core/util/event.proto).
type Event struct {
	WallTime float64 // seconds since 1970
	Step     int64
	// Version is that of the file, in its first event: "brain.Event:2".
	Version string
	// Values are those of a summary.
	Values []Value
	// Graph is a serialized GraphDef.
	Graph []byte
	// Restart says that training began anew at this step: what the file told of
	// it and later steps before is void (SessionLog.START).
	Restart bool
}

// A Value is one of a summary (tensorflow/core/framework/summary.proto). Bytes
// are valid until the next event is read.
type Value struct {
	Tag string
	// Plugin is the name of the TensorBoard plugin that shows the value, and
	// Content what it keeps with the tag; only the first value of a tag has both.
	Plugin  string
	Content []byte
	Kind    Kind
	Scalar  float64 // where Kind is Simple
	Body    []byte  // the serialized message of other kinds
}

// A Kind is the form of a value.
type Kind uint8

// The kinds.
const (
	None      Kind = iota
	Simple         // a float32
	Image          // Summary.Image
	Histogram      // HistogramProto
	Audio          // Summary.Audio
	Tensor         // TensorProto, whose meaning the plugin tells
)

// A Reader reads events.
type Reader struct {
	records records
	event   Event
}

// NewReader reads from a source that begins at a record, at some offset of its
// file.
func NewReader(src io.Reader, offset int64) *Reader {
	return &Reader{records: records{src: src, offset: offset}}
}

// Offset is where the next record begins.
func (r *Reader) Offset() int64 { return r.records.offset }

// Next returns the next event, which is valid until the call after. It returns
// io.EOF where there is none yet: at the end of the source, or within a record
// that is still being written.
func (r *Reader) Next() (*Event, error) {
	at := r.Offset()
	data, err := r.records.next()
	if err != nil {
		return nil, err
	}
	r.event = Event{Values: r.event.Values[:0]}
	if err := r.event.parse(data); err != nil {
		return nil, fmt.Errorf("the record at byte %d is no event: %w", at, err)
	}
	return &r.event, nil
}

// Fields of the messages, by their numbers.
const (
	eventWallTime, eventStep, eventVersion, eventGraph, eventSummary, eventSession = 1, 2, 3, 4, 5, 7

	summaryValue = 1

	valueTag, valueSimple, valueImage, valueHistogram, valueAudio, valueTensor, valueMetadata = 1, 2, 4, 5, 6, 8, 9

	metadataPlugin            = 1
	pluginName, pluginContent = 1, 2

	sessionStatus = 1
	statusStart   = 1
)

func (e *Event) parse(data []byte) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case eventWallTime:
			e.WallTime = math.Float64frombits(f.word)
		case eventStep:
			e.Step = int64(f.word)
		case eventVersion:
			e.Version = string(f.bytes)
		case eventGraph:
			e.Graph = f.bytes
		case eventSummary:
			return eachField(f.bytes, func(f field) error {
				if f.number != summaryValue {
					return nil
				}
				e.Values = append(e.Values, Value{})
				return e.Values[len(e.Values)-1].parse(f.bytes)
			})
		case eventSession:
			return eachField(f.bytes, func(f field) error {
				e.Restart = e.Restart || f.number == sessionStatus && f.word == statusStart
				return nil
			})
		}
		return nil
	})
}

func (v *Value) parse(data []byte) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case valueTag:
			v.Tag = string(f.bytes)
		case valueSimple:
			v.Kind, v.Scalar = Simple, float64(math.Float32frombits(uint32(f.word)))
		case valueImage:
			v.Kind, v.Body = Image, f.bytes
		case valueHistogram:
			v.Kind, v.Body = Histogram, f.bytes
		case valueAudio:
			v.Kind, v.Body = Audio, f.bytes
		case valueTensor:
			v.Kind, v.Body = Tensor, f.bytes
		case valueMetadata:
			return eachField(f.bytes, v.parseMetadata)
		}
		return nil
	})
}

func (v *Value) parseMetadata(f field) error {
	if f.number != metadataPlugin {
		return nil
	}
	return eachField(f.bytes, func(f field) error {
		switch f.number {
		case pluginName:
			v.Plugin = string(f.bytes)
		case pluginContent:
			v.Content = f.bytes
		}
		return nil
	})
}

// A field is one of a message: word for numbers, bytes for the rest.
type field struct {
	number protowire.Number
	word   uint64
	bytes  []byte
}

// eachField calls take with the fields of a message, in the order of the file.
// Groups, which no version of these messages has, are passed over.
func eachField(data []byte, take func(field) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		f := field{number: number}
		switch kind {
		case protowire.VarintType:
			f.word, n = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var word uint32
			word, n = protowire.ConsumeFixed32(data)
			f.word = uint64(word)
		case protowire.Fixed64Type:
			f.word, n = protowire.ConsumeFixed64(data)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(data)
		default:
			n = protowire.ConsumeFieldValue(number, kind, data)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		if err := take(f); err != nil {
			return err
		}
	}
	return nil
}

package tfevents

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/tomo-viz/tomo/track/protofield"
)

// An Event is one record (tensorflow/core/util/event.proto). Bytes in it are
// valid until the next event is read.
type Event struct {
	WallTime float64 // seconds since 1970
	Step     int64
	// Version is that of the file, in its first event: "brain.Event:2".
	Version string
	// Summary says that there is one, and Values are its values.
	Summary bool
	Values  []Value
	// Graph is a serialized GraphDef, and MetaGraph that of a MetaGraphDef.
	Graph, MetaGraph []byte
	// Restart says that training began anew at this step: what the file told of
	// it and later steps before is void (SessionLog.START).
	Restart bool
	// Profile says that there is what a session tells of one step that it ran
	// (RunMetadata), which is not read.
	Profile bool
}

// A Value is one of a summary (tensorflow/core/framework/summary.proto).
type Value struct {
	Tag []byte
	// Node is what names a tensor that has no tag, in the oldest files.
	Node []byte
	// Plugin is the name of the TensorBoard plugin that shows the value, and
	// Content what it keeps with the tag; only the first value of a tag has both.
	Plugin, Content []byte
	Kind            Kind
	Scalar          float64 // where Kind is Simple
	Body            []byte  // the serialized message of other kinds
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

// ErrNoEvent says that a record is whole and no event.
var ErrNoEvent = errors.New("no event")

// NewReader reads from a source that begins at a record, at some offset of its
// file.
func NewReader(src io.Reader, offset int64) *Reader {
	return &Reader{records: records{src: src, offset: offset}}
}

// Offset is where the next record begins.
func (r *Reader) Offset() int64 { return r.records.offset }

// Next returns the next event, which is valid until the call after. It returns
// io.EOF where there is none yet: at the end of the source, or within a record
// that is still being written. After ErrNoEvent the next event can be read.
func (r *Reader) Next() (*Event, error) {
	at := r.Offset()
	data, err := r.records.next()
	if err != nil {
		return nil, err
	}
	if r.event.parseScalar(data) {
		return &r.event, nil
	}
	r.event = Event{Values: r.event.Values[:0]}
	if err := r.event.parse(data); err != nil {
		return nil, fmt.Errorf("the record at byte %d is %w: %w", at, ErrNoEvent, err)
	}
	return &r.event, nil
}

// Fields of the messages, by their numbers.
const (
	eventWallTime, eventStep, eventVersion, eventGraph, eventSummary = 1, 2, 3, 4, 5

	eventSession, eventRunMetadata, eventMetaGraph = 7, 8, 9

	metaGraphDef = 2

	summaryValue = 1

	valueTag, valueSimple, valueImage, valueHistogram, valueAudio, valueNode, valueTensor, valueMetadata = 1, 2, 4, 5, 6, 7, 8, 9

	metadataPlugin            = 1
	pluginName, pluginContent = 1, 2

	sessionStatus = 1
	statusStart   = 1
)

// parse reads any event.
func (e *Event) parse(data []byte) (err error) {
	var f protofield.Field
	for len(data) > 0 {
		if data, err = f.Next(data); err != nil {
			return err
		}
		switch f.Number {
		case eventWallTime:
			e.WallTime = math.Float64frombits(f.Word)
		case eventStep:
			e.Step = int64(f.Word)
		case eventVersion:
			e.Version = string(f.Bytes)
		case eventGraph:
			e.Graph = f.Bytes
		case eventMetaGraph:
			err = e.parseMetaGraph(f.Bytes)
		case eventSummary:
			err = e.parseSummary(f.Bytes)
		case eventSession:
			err = e.parseSession(f.Bytes)
		case eventRunMetadata:
			e.Profile = true
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Event) parseMetaGraph(data []byte) error {
	return protofield.Each(data, func(f *protofield.Field) error {
		if f.Number == metaGraphDef {
			e.MetaGraph = f.Bytes
		}
		return nil
	})
}

func (e *Event) parseSession(data []byte) error {
	return protofield.Each(data, func(f *protofield.Field) error {
		e.Restart = e.Restart || f.Number == sessionStatus && f.Word == statusStart
		return nil
	})
}

func (e *Event) parseSummary(data []byte) (err error) {
	e.Summary = true
	var f protofield.Field
	for len(data) > 0 {
		if data, err = f.Next(data); err != nil {
			return err
		}
		if f.Number != summaryValue {
			continue
		}
		e.Values = append(e.Values, Value{})
		if err := e.Values[len(e.Values)-1].parse(f.Bytes); err != nil {
			return err
		}
	}
	return nil
}

func (v *Value) parse(data []byte) (err error) {
	var f protofield.Field
	for len(data) > 0 {
		if data, err = f.Next(data); err != nil {
			return err
		}
		switch f.Number {
		case valueTag:
			v.Tag = f.Bytes
		case valueNode:
			v.Node = f.Bytes
		case valueSimple:
			v.Kind, v.Scalar = Simple, float64(math.Float32frombits(uint32(f.Word)))
		case valueImage:
			v.Kind, v.Body = Image, f.Bytes
		case valueHistogram:
			v.Kind, v.Body = Histogram, f.Bytes
		case valueAudio:
			v.Kind, v.Body = Audio, f.Bytes
		case valueTensor:
			v.Kind, v.Body = Tensor, f.Bytes
		case valueMetadata:
			if err := v.parseMetadata(f.Bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *Value) parseMetadata(data []byte) (err error) {
	var f protofield.Field
	for len(data) > 0 {
		if data, err = f.Next(data); err != nil {
			return err
		}
		if f.Number == metadataPlugin {
			if err := v.parsePlugin(f.Bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *Value) parsePlugin(data []byte) (err error) {
	var f protofield.Field
	for len(data) > 0 {
		if data, err = f.Next(data); err != nil {
			return err
		}
		switch f.Number {
		case pluginName:
			v.Plugin = f.Bytes
		case pluginContent:
			v.Content = f.Bytes
		}
	}
	return nil
}

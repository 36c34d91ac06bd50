package tfevents

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/track/protofield"
)

// HParams is what the plugin hparams keeps with one of its tags
// (tensorboard/plugins/hparams/plugin_data.proto): the start of a training, its
// end, or what the whole experiment is about.
type HParams struct {
	// Values are what the training was configured with, where its start is told.
	Values map[string]any
	Group  string // that the training belongs to
	// Ended says that the end is told, and Status how it was.
	Ended   bool
	Status  Status
	EndTime float64 // seconds since 1970
}

// A Status is what became of a training.
type Status uint64

// The states.
const (
	UnknownStatus Status = iota
	Success
	Failure
	StillRunning
)

// Fields of the messages.
const (
	hparamsStart, hparamsEnd = 3, 4

	startValues, startGroup = 1, 4
	endStatus, endTime      = 1, 2

	entryKey, entryValue = 1, 2

	nullValue, numberValue, stringValue, boolValue, structValue, listValue = 1, 2, 3, 4, 5, 6
)

// ParseHParams reads the content of a tag's metadata.
func ParseHParams(content []byte) (*HParams, error) {
	h := &HParams{}
	return h, protofield.Each(content, func(f *protofield.Field) error {
		switch f.Number {
		case hparamsStart:
			h.Values = map[string]any{}
			return protofield.Each(f.Bytes, h.parseStart)
		case hparamsEnd:
			h.Ended = true
			return protofield.Each(f.Bytes, h.parseEnd)
		}
		return nil
	})
}

func (h *HParams) parseStart(f *protofield.Field) error {
	switch f.Number {
	case startValues:
		return parseEntry(f.Bytes, h.Values, 0)
	case startGroup:
		h.Group = string(f.Bytes)
	}
	return nil
}

func (h *HParams) parseEnd(f *protofield.Field) error {
	switch f.Number {
	case endStatus:
		h.Status = Status(f.Word)
	case endTime:
		h.EndTime = math.Float64frombits(f.Word)
	}
	return nil
}

// parseEntry reads one entry of a map.
func parseEntry(data []byte, into map[string]any, depth int) error {
	key, value := "", any(nil)
	err := protofield.Each(data, func(f *protofield.Field) (err error) {
		switch f.Number {
		case entryKey:
			key = string(f.Bytes)
		case entryValue:
			value, err = parseValue(f.Bytes, depth)
		}
		return err
	})
	into[key] = value
	return err
}

// maxNesting bounds how deep values lie in one another.
const maxNesting = 32

// parseValue reads a google.protobuf.Value.
func parseValue(data []byte, depth int) (value any, err error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("values nested more than %d deep", maxNesting)
	}
	err = protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case nullValue:
			value = nil
		case numberValue:
			value = numberOrText(math.Float64frombits(f.Word))
		case stringValue:
			value = string(f.Bytes)
		case boolValue:
			value = f.Word != 0
		case structValue:
			fields := map[string]any{}
			value = fields
			return protofield.Each(f.Bytes, func(f *protofield.Field) error { return parseEntry(f.Bytes, fields, depth+1) })
		case listValue:
			list := []any{}
			err := protofield.Each(f.Bytes, func(f *protofield.Field) error {
				v, err := parseValue(f.Bytes, depth+1)
				list = append(list, v)
				return err
			})
			value = list
			return err
		}
		return nil
	})
	return value, err
}

// numberOrText keeps what JSON has no numbers for.
func numberOrText(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Sprint(v)
	}
	return v
}

package tfevents

import (
	"fmt"
	"math"
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
	return h, eachField(content, func(f *field) error {
		switch f.number {
		case hparamsStart:
			h.Values = map[string]any{}
			return eachField(f.bytes, h.parseStart)
		case hparamsEnd:
			h.Ended = true
			return eachField(f.bytes, h.parseEnd)
		}
		return nil
	})
}

func (h *HParams) parseStart(f *field) error {
	switch f.number {
	case startValues:
		return parseEntry(f.bytes, h.Values, 0)
	case startGroup:
		h.Group = string(f.bytes)
	}
	return nil
}

func (h *HParams) parseEnd(f *field) error {
	switch f.number {
	case endStatus:
		h.Status = Status(f.word)
	case endTime:
		h.EndTime = math.Float64frombits(f.word)
	}
	return nil
}

// parseEntry reads one entry of a map.
func parseEntry(data []byte, into map[string]any, depth int) error {
	key, value := "", any(nil)
	err := eachField(data, func(f *field) (err error) {
		switch f.number {
		case entryKey:
			key = string(f.bytes)
		case entryValue:
			value, err = parseValue(f.bytes, depth)
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
	err = eachField(data, func(f *field) error {
		switch f.number {
		case nullValue:
			value = nil
		case numberValue:
			value = numberOrText(math.Float64frombits(f.word))
		case stringValue:
			value = string(f.bytes)
		case boolValue:
			value = f.word != 0
		case structValue:
			fields := map[string]any{}
			value = fields
			return eachField(f.bytes, func(f *field) error { return parseEntry(f.bytes, fields, depth+1) })
		case listValue:
			list := []any{}
			err := eachField(f.bytes, func(f *field) error {
				v, err := parseValue(f.bytes, depth+1)
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

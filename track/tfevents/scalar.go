package tfevents

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// First bytes of fields: their numbers and kinds.
const (
	wallTimeField = eventWallTime<<3 | byte(protowire.Fixed64Type)
	stepField     = eventStep<<3 | byte(protowire.VarintType)
	summaryField  = eventSummary<<3 | byte(protowire.BytesType)
	valueField    = summaryValue<<3 | byte(protowire.BytesType)
	tagField      = valueTag<<3 | byte(protowire.BytesType)
	simpleField   = valueSimple<<3 | byte(protowire.Fixed32Type)
)

// parseScalar reads an event that is a time, a step and one float of a tag, in
// this order, as nearly all events of PyTorch and TensorFlow 1 are: this decides
// how fast files are read. It reports whether the event has that form; parse
// reads those of any form, and these with the same result.
func (e *Event) parseScalar(data []byte) bool {
	if len(data) < 9 || data[0] != wallTimeField {
		return false
	}
	wall := math.Float64frombits(binary.LittleEndian.Uint64(data[1:]))
	data = data[9:]
	step := uint64(0)
	if len(data) > 0 && data[0] == stepField {
		var n int
		if step, n = binary.Uvarint(data[1:]); n <= 0 {
			return false
		}
		data = data[1+n:]
	}
	for _, field := range [...]byte{summaryField, valueField} { // one in the other, without anything else
		if len(data) < 2 || data[0] != field || data[1] >= 0x80 || len(data) != 2+int(data[1]) {
			return false
		}
		data = data[2:]
	}
	if len(data) < 2 || data[0] != tagField || data[1] >= 0x80 {
		return false
	}
	end := 2 + int(data[1])
	if len(data) != end+5 || data[end] != simpleField {
		return false
	}
	value := math.Float32frombits(binary.LittleEndian.Uint32(data[end+1:]))
	*e = Event{WallTime: wall, Step: int64(step), Summary: true, Values: append(e.Values[:0], Value{
		Tag: data[2:end:end], Kind: Simple, Scalar: float64(value),
	})}
	return true
}

// Package protofield reads protocol buffer messages field by field, without
// generated code: what is not looked at costs nothing, and what is looked at is
// not copied.
package protofield

import (
	"encoding/binary"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Field is one of a message: Word for numbers, Bytes, which are nil there, for
// the rest.
type Field struct {
	Number protowire.Number
	Word   uint64
	Bytes  []byte // they lie in the message
}

// Text is that of a text field, with U+FFFD for what is no UTF-8.
func (f *Field) Text() string { return strings.ToValidUTF8(string(f.Bytes), "\uFFFD") }

// Next takes the first field of a message, which is not empty. Fields whose
// numbers are below 16 and whose lengths are below 128, as nearly all are, are
// read here, the others by package protowire.
func (f *Field) Next(data []byte) (rest []byte, err error) {
	if len(data) < 2 || data[0] >= 0x80 {
		return f.nextOfAny(data)
	}
	f.Number = protowire.Number(data[0] >> 3)
	f.Word, f.Bytes = 0, nil
	switch kind := protowire.Type(data[0] & 7); {
	case f.Number == 0:
	case kind == protowire.BytesType && data[1] < 0x80 && int(data[1]) <= len(data)-2:
		end := 2 + int(data[1])
		f.Bytes = data[2:end:end]
		return data[end:], nil
	case kind == protowire.VarintType && data[1] < 0x80:
		f.Word = uint64(data[1])
		return data[2:], nil
	case kind == protowire.Fixed32Type && len(data) >= 5:
		f.Word = uint64(binary.LittleEndian.Uint32(data[1:]))
		return data[5:], nil
	case kind == protowire.Fixed64Type && len(data) >= 9:
		f.Word = binary.LittleEndian.Uint64(data[1:])
		return data[9:], nil
	}
	return f.nextOfAny(data)
}

// nextOfAny takes any field. Of groups, which protocol buffers
// have given up, there is nothing but the number.
func (f *Field) nextOfAny(data []byte) (rest []byte, err error) {
	number, kind, n := protowire.ConsumeTag(data)
	if n < 0 {
		return nil, protowire.ParseError(n)
	}
	data = data[n:]
	*f = Field{Number: number}
	switch kind {
	case protowire.VarintType:
		f.Word, n = protowire.ConsumeVarint(data)
	case protowire.Fixed32Type:
		var word uint32
		word, n = protowire.ConsumeFixed32(data)
		f.Word = uint64(word)
	case protowire.Fixed64Type:
		f.Word, n = protowire.ConsumeFixed64(data)
	case protowire.BytesType:
		f.Bytes, n = protowire.ConsumeBytes(data)
	default:
		n = protowire.ConsumeFieldValue(number, kind, data)
	}
	if n < 0 {
		return nil, protowire.ParseError(n)
	}
	return data[n:], nil
}

// Each calls take with the fields of a message, in its order; what take returns
// ends the reading. Where millions are read, Next in a loop spares the closure.
func Each(data []byte, take func(*Field) error) (err error) {
	var f Field
	for len(data) > 0 {
		if data, err = f.Next(data); err != nil {
			return err
		}
		if err := take(&f); err != nil {
			return err
		}
	}
	return nil
}

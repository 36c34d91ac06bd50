package tfevents

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// A field is one of a message: word for numbers, bytes for the rest.
type field struct {
	number protowire.Number
	word   uint64
	bytes  []byte
}

// next takes the first field of a message, which is not empty. Fields whose
// numbers are below 16 and whose lengths are below 128, as nearly all are, are
// read here, the others by package protowire.
func (f *field) next(data []byte) (rest []byte, err error) {
	if len(data) < 2 || data[0] >= 0x80 {
		return f.nextOfAny(data)
	}
	f.number = protowire.Number(data[0] >> 3)
	f.bytes = nil
	switch kind := protowire.Type(data[0] & 7); {
	case f.number == 0:
	case kind == protowire.BytesType && data[1] < 0x80 && int(data[1]) <= len(data)-2:
		end := 2 + int(data[1])
		f.bytes = data[2:end:end]
		return data[end:], nil
	case kind == protowire.VarintType && data[1] < 0x80:
		f.word = uint64(data[1])
		return data[2:], nil
	case kind == protowire.Fixed32Type && len(data) >= 5:
		f.word = uint64(binary.LittleEndian.Uint32(data[1:]))
		return data[5:], nil
	case kind == protowire.Fixed64Type && len(data) >= 9:
		f.word = binary.LittleEndian.Uint64(data[1:])
		return data[9:], nil
	}
	return f.nextOfAny(data)
}

// nextOfAny takes any field. Of groups, which no version of these messages has,
// there is nothing but the number.
func (f *field) nextOfAny(data []byte) (rest []byte, err error) {
	number, kind, n := protowire.ConsumeTag(data)
	if n < 0 {
		return nil, protowire.ParseError(n)
	}
	data = data[n:]
	*f = field{number: number}
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
		return nil, protowire.ParseError(n)
	}
	return data[n:], nil
}

// eachField calls take with the fields of a message, in the order of the file.
func eachField(data []byte, take func(*field) error) (err error) {
	var f field
	for len(data) > 0 {
		if data, err = f.next(data); err != nil {
			return err
		}
		if err := take(&f); err != nil {
			return err
		}
	}
	return nil
}

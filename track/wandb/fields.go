package wandb

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// A field is one of a message: word for numbers, bytes for the rest.
type field struct {
	number protowire.Number
	word   uint64
	bytes  []byte
}

func (f field) text() string { return strings.ToValidUTF8(string(f.bytes), "\uFFFD") }

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

package tfevents

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/track/protofield"
)

// A TensorValue is what a TensorProto holds: numbers, or texts if its element
// type says so, as many as its shape.
type TensorValue struct {
	Shape   []int
	Numbers []float64
	Texts   [][]byte
}

// Element types (tensorflow/core/framework/types.proto).
const (
	dtFloat, dtDouble, dtInt32, dtUint8, dtInt16, dtInt8, dtString, dtInt64, dtBool = 1, 2, 3, 4, 5, 6, 7, 9, 10
	dtBfloat16, dtUint16, dtHalf, dtUint32, dtUint64                                = 14, 17, 19, 22, 23
)

// Bounds of a tensor: of its numbers, of its texts, and of elements that are not
// in the file, since a tensor may repeat its last one to any length.
const (
	maxElements = 1 << 24
	maxTexts    = 1 << 18
	maxRepeated = 1 << 18
)

var errTooMany = fmt.Errorf("a tensor of more than %d elements", maxElements)

// Fields of TensorProto (tensorflow/core/framework/tensor.proto): a type, a
// shape, and the elements either as raw bytes or in a list of their kind.
const (
	tensorType, tensorShape, tensorContent, tensorHalf, tensorFloat, tensorDouble = 1, 2, 4, 13, 5, 6
	tensorInt, tensorString, tensorInt64, tensorBool, tensorUint32, tensorUint64  = 7, 8, 10, 11, 16, 17

	shapeDim, dimSize = 2, 1
)

// ParseTensor reads a serialized TensorProto.
func ParseTensor(data []byte) (*TensorValue, error) {
	t := &TensorValue{}
	kind, content := uint64(0), []byte(nil)
	err := protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case tensorType:
			kind = f.Word
		case tensorShape:
			return t.parseShape(f.Bytes)
		case tensorContent:
			content = f.Bytes
		case tensorString:
			if len(t.Texts) == maxTexts {
				return fmt.Errorf("a tensor of more than %d texts", maxTexts)
			}
			t.Texts = append(t.Texts, f.Bytes)
		case tensorFloat, tensorDouble, tensorInt, tensorInt64, tensorBool, tensorUint32, tensorUint64, tensorHalf:
			return t.parseList(f, kind)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if isText := kind == dtString; isText && len(t.Numbers) > 0 || !isText && len(t.Texts) > 0 {
		return nil, fmt.Errorf("a tensor of element type %d that holds %d numbers and %d texts", kind, len(t.Numbers), len(t.Texts))
	}
	if len(content) > 0 {
		if t.Numbers, err = fromContent(content, kind); err != nil {
			return nil, err
		}
	}
	return t, t.fill(kind)
}

func (t *TensorValue) parseShape(data []byte) error {
	return protofield.Each(data, func(f *protofield.Field) error {
		if f.Number != shapeDim {
			return nil
		}
		size := 0
		err := protofield.Each(f.Bytes, func(f *protofield.Field) error {
			if f.Number == dimSize {
				size = int(f.Word)
			}
			return nil
		})
		t.Shape = append(t.Shape, size)
		return err
	})
}

// parseList reads elements, one by one or packed.
func (t *TensorValue) parseList(f *protofield.Field, kind uint64) error {
	add := func(word uint64) { t.Numbers = append(t.Numbers, numberOf(word, f.Number, kind)) }
	if len(t.Numbers)+len(f.Bytes) > 8*maxElements || len(t.Numbers) == maxElements {
		return errTooMany
	}
	if f.Bytes == nil {
		add(f.Word)
		return nil
	}
	for data := f.Bytes; len(data) > 0; {
		var word uint64
		var n int
		switch f.Number {
		case tensorFloat:
			var w uint32
			w, n = protowire.ConsumeFixed32(data)
			word = uint64(w)
		case tensorDouble:
			word, n = protowire.ConsumeFixed64(data)
		default:
			word, n = protowire.ConsumeVarint(data)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		add(word)
		data = data[n:]
	}
	return nil
}

func numberOf(word uint64, list protowire.Number, kind uint64) float64 {
	switch list {
	case tensorFloat:
		return float64(math.Float32frombits(uint32(word)))
	case tensorDouble:
		return math.Float64frombits(word)
	case tensorUint32, tensorUint64:
		return float64(word)
	case tensorHalf:
		return small(uint16(word), kind)
	}
	return float64(int64(word))
}

// small is a number of 16 bits.
func small(bits uint16, kind uint64) float64 {
	if kind == dtBfloat16 {
		return float64(math.Float32frombits(uint32(bits) << 16))
	}
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	v := 0.0
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	return math.Copysign(v, 1-2*float64(bits>>15))
}

func fromContent(content []byte, kind uint64) ([]float64, error) {
	var width int
	var number func([]byte) float64
	little := binary.LittleEndian
	switch kind {
	case dtFloat:
		width, number = 4, func(b []byte) float64 { return float64(math.Float32frombits(little.Uint32(b))) }
	case dtDouble:
		width, number = 8, func(b []byte) float64 { return math.Float64frombits(little.Uint64(b)) }
	case dtInt32:
		width, number = 4, func(b []byte) float64 { return float64(int32(little.Uint32(b))) }
	case dtUint32:
		width, number = 4, func(b []byte) float64 { return float64(little.Uint32(b)) }
	case dtInt64:
		width, number = 8, func(b []byte) float64 { return float64(int64(little.Uint64(b))) }
	case dtUint64:
		width, number = 8, func(b []byte) float64 { return float64(little.Uint64(b)) }
	case dtInt16:
		width, number = 2, func(b []byte) float64 { return float64(int16(little.Uint16(b))) }
	case dtUint16:
		width, number = 2, func(b []byte) float64 { return float64(little.Uint16(b)) }
	case dtInt8:
		width, number = 1, func(b []byte) float64 { return float64(int8(b[0])) }
	case dtUint8, dtBool:
		width, number = 1, func(b []byte) float64 { return float64(b[0]) }
	case dtHalf, dtBfloat16:
		width, number = 2, func(b []byte) float64 { return small(little.Uint16(b), kind) }
	default:
		return nil, fmt.Errorf("a tensor of element type %d", kind)
	}
	if len(content)%width != 0 || len(content)/width > maxElements {
		return nil, fmt.Errorf("a tensor of %d bytes", len(content))
	}
	out := make([]float64, 0, len(content)/width)
	for ; len(content) > 0; content = content[width:] {
		out = append(out, number(content))
	}
	return out, nil
}

// fill repeats the last element to the length of the shape, as TensorProto
// leaves repetitions out.
func (t *TensorValue) fill(kind uint64) error {
	n := 1
	for _, d := range t.Shape {
		if d < 0 || d > maxElements || n*d > maxElements {
			return fmt.Errorf("a tensor of shape %v", t.Shape)
		}
		n *= d
	}
	have := len(t.Numbers)
	if kind == dtString {
		have = len(t.Texts)
	}
	if have > n || n-have > maxRepeated {
		return fmt.Errorf("a tensor of shape %v with %d elements", t.Shape, have)
	}
	if kind == dtString {
		for len(t.Texts) < n {
			t.Texts = append(t.Texts, nil)
		}
		return nil
	}
	last := 0.0
	if have > 0 {
		last = t.Numbers[have-1]
	}
	for len(t.Numbers) < n {
		t.Numbers = append(t.Numbers, last)
	}
	return nil
}

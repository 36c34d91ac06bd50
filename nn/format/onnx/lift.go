package onnx

import (
	"bufio"
	"io"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/internal/pages"
)

// Most of a model file is the raw_data of its initializers. Unmarshalling the
// whole would hold it three times: the file, the message's copy, the tensor.
// A lifter walks the outer levels of the file as it is read, takes those bytes
// out into memory of their own, and leaves a skeleton to unmarshal.
type lifter struct {
	r        *bufio.Reader
	left     int64    // bytes of the file that are not read yet
	payloads [][]byte // by initializer of the main graph; nil where left in place
}

// liftedPath is the way to the bytes: ModelProto.graph, GraphProto.initializer,
// TensorProto.raw_data.
var liftedPath = []protowire.Number{7, 5, 9}

// minLifted is the size from which lifting is worth an allocation of its own.
const minLifted = 4096

// lift reads a serialized ModelProto of the given size.
func lift(r io.Reader, size int64) (skeleton []byte, payloads [][]byte, err error) {
	l := &lifter{r: bufio.NewReaderSize(r, 1<<16), left: size}
	skeleton, err = l.message(size, 0)
	return skeleton, l.payloads, err
}

// message reads a message of the given size that lies at a level of liftedPath
// and returns it without the lifted bytes.
func (l *lifter) message(size int64, level int) ([]byte, error) {
	var out []byte
	end := l.left - size
	for l.left > end {
		tag, err := l.varint(end)
		if err != nil {
			return nil, err
		}
		num, typ := protowire.DecodeTag(tag)
		if num < protowire.MinValidNumber {
			return nil, errNotONNX()
		}
		out = protowire.AppendVarint(out, tag)
		if num == liftedPath[level] && typ == protowire.BytesType {
			out, err = l.nested(out, end, level)
		} else {
			out, err = l.field(out, typ, end)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// nested appends the field that leads on along liftedPath.
func (l *lifter) nested(out []byte, end int64, level int) ([]byte, error) {
	n, err := l.length(end)
	if err != nil {
		return nil, err
	}
	if level == len(liftedPath)-1 {
		return l.payload(out, n)
	}
	if level == 1 {
		l.payloads = append(l.payloads, nil)
	}
	sub, err := l.message(n, level+1)
	return protowire.AppendBytes(out, sub), err
}

func (l *lifter) payload(out []byte, n int64) ([]byte, error) {
	if n < minLifted {
		return l.copy(protowire.AppendVarint(out, uint64(n)), n)
	}
	b := pages.Make[byte](int(n))
	l.payloads[len(l.payloads)-1] = b
	return protowire.AppendVarint(out, 0), l.read(b)
}

// field appends the value of a field that is left as it is.
func (l *lifter) field(out []byte, typ protowire.Type, end int64) ([]byte, error) {
	switch typ {
	case protowire.VarintType:
		v, err := l.varint(end)
		return protowire.AppendVarint(out, v), err
	case protowire.Fixed32Type, protowire.Fixed64Type:
		n := int64(4)
		if typ == protowire.Fixed64Type {
			n = 8
		}
		if n > l.left-end {
			return nil, errCut()
		}
		return l.copy(out, n)
	case protowire.BytesType:
		n, err := l.length(end)
		if err != nil {
			return nil, err
		}
		return l.copy(protowire.AppendVarint(out, uint64(n)), n)
	}
	return nil, errNotONNX() // groups: no ONNX message ever had one
}

func (l *lifter) copy(out []byte, n int64) ([]byte, error) {
	at := len(out)
	out = append(out, make([]byte, n)...)
	return out, l.read(out[at:])
}

// read fills b.
func (l *lifter) read(b []byte) error {
	l.left -= int64(len(b))
	_, err := io.ReadFull(l.r, b)
	return readError(err)
}

// length reads the length of a field and makes sure that it fits.
func (l *lifter) length(end int64) (int64, error) {
	n, err := l.varint(end)
	if err != nil {
		return 0, err
	}
	if n > uint64(l.left-end) {
		return 0, errCut()
	}
	return int64(n), nil
}

// varint reads a base-128 number of at most ten bytes.
func (l *lifter) varint(end int64) (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		if l.left <= end {
			return 0, errCut()
		}
		b, err := l.r.ReadByte()
		if err != nil {
			return 0, readError(err)
		}
		l.left--
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, errNotONNX()
}

func readError(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errCut()
	}
	return err
}

func errNotONNX() error {
	return bad("", "this is not an ONNX model, or it is damaged").fix("check which file this is, or copy or download it again")
}

func errCut() error {
	return bad("", "the file is cut off or damaged: a part of it claims to be longer than what is there").fix("copy or download it again")
}

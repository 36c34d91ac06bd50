package onnx

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	// maxDepth bounds how deep messages lie in one another. Other readers of
	// ONNX stop at 100, the default of protocol buffers.
	maxDepth = 100
	// messageCost is about what an empty message takes in memory.
	messageCost = 256
)

// A purse bounds the memory that a file may ask for. An empty message is two
// bytes in a file and hundreds in memory, and a sparse tensor claims any size,
// so a small file could otherwise ask for everything the machine has.
type purse struct{ left int64 }

// newPurse allows 32 bytes for each byte of the file, and 256 MiB. Real graphs
// without any weights take up to 14.
func newPurse(fileSize int64) *purse { return &purse{256<<20 + 32*fileSize} }

func (p *purse) spend(n int64) bool {
	p.left -= n
	return p.left >= 0
}

// weigh spends what a serialized message will take once it is unmarshalled, and
// errs if that is too much, too deep or no message.
func (p *purse) weigh(b []byte, m protoreflect.MessageDescriptor, depth int) error {
	if depth > maxDepth {
		return bad("", "the graph's parts are nested more than %d deep", maxDepth).fix(exportAgain)
	}
	if !p.spend(messageCost) {
		return errBomb()
	}
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errNotONNX()
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(num, typ, b)
		if size < 0 {
			return errCut()
		}
		if err := p.weighField(b[:size], m.Fields().ByNumber(num), typ, depth); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}

func (p *purse) weighField(b []byte, f protoreflect.FieldDescriptor, typ protowire.Type, depth int) error {
	if f == nil {
		return nil // unknown fields are dropped
	}
	cost := int64(8) // a number
	if typ == protowire.BytesType {
		content, _ := protowire.ConsumeBytes(b)
		switch f.Kind() {
		case protoreflect.MessageKind:
			return p.weigh(content, f.Message(), depth+1)
		case protoreflect.StringKind, protoreflect.BytesKind:
			cost = int64(32 + len(content))
		case protoreflect.FloatKind, protoreflect.DoubleKind:
			cost = int64(len(content))
		default: // a packed number takes at least one byte
			cost = int64(8 * len(content))
		}
	}
	if !p.spend(cost) {
		return errBomb()
	}
	return nil
}

func errBomb() error {
	return bad("", "the file asks for far more memory than its size explains, and is not opened").fix(exportAgain)
}

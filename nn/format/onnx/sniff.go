package onnx

import (
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Sniff reports whether a file that starts with head may be an ONNX model. The
// format has no magic number: Sniff walks over the fields that are there and
// wants each to be one of a model, with printable names, and at least one that
// other formats made of protocol buffers do not have. A head of 512 bytes is
// plenty.
func Sniff(head []byte) bool {
	fields := (&onnxpb.ModelProto{}).ProtoReflect().Descriptor().Fields()
	sure := false
	for len(head) > 0 {
		num, typ, n := protowire.ConsumeTag(head)
		if n < 0 {
			return sure
		}
		f := fields.ByNumber(num)
		if f == nil || wireType(f) != typ {
			return false
		}
		value := head[n:]
		size := protowire.ConsumeFieldValue(num, typ, value)
		content, whole := value, size >= 0
		if whole {
			content = value[:size]
		}
		if !plausible(f, content) {
			return false
		}
		sure = sure || f.Name() == "graph" || f.Name() == "opset_import"
		if !whole {
			return sure
		}
		head = value[size:]
	}
	return sure
}

func wireType(f protoreflect.FieldDescriptor) protowire.Type {
	if f.Kind() == protoreflect.Int64Kind {
		return protowire.VarintType
	}
	return protowire.BytesType
}

// plausible looks into a field, which the head may cut off.
func plausible(f protoreflect.FieldDescriptor, value []byte) bool {
	switch f.Name() {
	case "ir_version":
		v, _ := protowire.ConsumeVarint(value)
		return v > 0 && v < 1000
	case "producer_name", "producer_version", "domain":
		return printable(lengthCut(value))
	case "graph", "opset_import":
		return startsMessage(lengthCut(value), f.Message())
	}
	return true
}

// lengthCut is the content of a length-delimited field as far as it is there.
func lengthCut(value []byte) []byte {
	size, n := protowire.ConsumeVarint(value)
	if n < 0 {
		return nil
	}
	return value[n:][:min(size, uint64(len(value)-n))]
}

func printable(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && utf8.FullRune(b) || unicode.IsControl(r) {
			return false
		}
		b = b[n:]
	}
	return true
}

// startsMessage reports whether b starts with a field that m has.
func startsMessage(b []byte, m protoreflect.MessageDescriptor) bool {
	if len(b) == 0 {
		return true
	}
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return false
	}
	f := m.Fields().ByNumber(num)
	return f != nil && wireType(f) == typ
}

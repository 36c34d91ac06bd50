package protofield

import (
	"bytes"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// message has a field of every kind, with small and large numbers and lengths.
func message() (data []byte, fields []Field) {
	long := bytes.Repeat([]byte("x"), 300)
	for _, number := range []protowire.Number{1, 15, 16, 5000} {
		for _, word := range []uint64{0, 127, 128, 1<<64 - 1} {
			data = protowire.AppendVarint(protowire.AppendTag(data, number, protowire.VarintType), word)
			fields = append(fields, Field{Number: number, Word: word})
		}
		data = protowire.AppendFixed32(protowire.AppendTag(data, number, protowire.Fixed32Type), 1<<31)
		data = protowire.AppendFixed64(protowire.AppendTag(data, number, protowire.Fixed64Type), 1<<63)
		data = protowire.AppendGroup(protowire.AppendTag(data, number, protowire.StartGroupType), number, []byte{8, 1})
		fields = append(fields, Field{Number: number, Word: 1 << 31}, Field{Number: number, Word: 1 << 63}, Field{Number: number})
		for _, body := range [][]byte{{}, []byte("a\xff"), long[:127], long[:128], long} {
			data = protowire.AppendBytes(protowire.AppendTag(data, number, protowire.BytesType), body)
			fields = append(fields, Field{Number: number, Bytes: body})
		}
	}
	return data, fields
}

// TestEach reads fields of every kind, and messages that are cut anywhere.
func TestEach(t *testing.T) {
	data, want := message()
	read := func(data []byte) (got []Field, err error) {
		err = Each(data, func(f *Field) error { got = append(got, *f); return nil })
		return got, err
	}
	same := func(a, b Field) bool {
		isText := a.Bytes != nil // whose Word says nothing
		return a.Number == b.Number && (isText || a.Word == b.Word) && isText == (b.Bytes != nil) && bytes.Equal(a.Bytes, b.Bytes)
	}
	got, err := read(data)
	if err != nil || !slices.EqualFunc(got, want, same) {
		t.Fatalf("%v: read %v\nwant %v", err, got, want)
	}
	if text := got[7+1].Text(); text != "a\uFFFD" {
		t.Errorf("a text that is no UTF-8 is %q", text)
	}
	whole := 0
	for n := range data {
		got, err := read(data[:n])
		if err == nil {
			whole++
		}
		if len(got) > len(want) || !slices.EqualFunc(got, want[:len(got)], same) {
			t.Fatalf("of the first %d bytes %v", n, got)
		}
	}
	if whole != len(want) { // before each field
		t.Errorf("%d beginnings are whole messages; there are %d fields", whole, len(want))
	}
}

// TestRefused reads what is no message.
func TestRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"field 0": {0, 1}, "a kind that there is not": {8 | 7, 1}, "the end of a group without its beginning": {8 | 4},
		"a varint of eleven bytes": append([]byte{8}, bytes.Repeat([]byte{0x80}, 11)...),
	} {
		if err := Each(data, func(*Field) error { return nil }); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestNothingStays reads a text behind a number, which it does not keep.
func TestNothingStays(t *testing.T) {
	f := Field{Word: 7}
	if _, err := f.Next([]byte{0x0a, 1, 'x'}); err != nil || f.Word != 0 || string(f.Bytes) != "x" {
		t.Errorf("%+v, %v", f, err)
	}
}

package tensor_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestFromBytes(t *testing.T) {
	for _, tc := range []struct {
		dtype tensor.DType
		bytes string
		want  *tensor.Tensor
	}{
		{tensor.Float32, "\x00\x00\x80\x3f\x00\x00\x00\xc0", tensor.Vector[float32](1, -2)},
		{tensor.Float16, "\x00\x3c", tensor.Vector[tensor.Half](0x3c00)},
		{tensor.Int64, "\xfe\xff\xff\xff\xff\xff\xff\xff", tensor.Vector[int64](-2)},
		{tensor.Bool, "\x00\x01\x80", tensor.Vector(false, true, true)},
		{tensor.Complex64, "\x00\x00\x80\x3f\x00\x00\x00\xc0", tensor.Vector[complex64](1 - 2i)},
		// The first element lies in the lowest bits (onnx.proto, raw_data).
		{tensor.Int4, "\x81\x0f", tensor.Vector[tensor.Nibble](1, -8, -1)},
		{tensor.Uint4, "\x81\x0f", tensor.Vector[tensor.UNibble](1, 8, 15)},
		{tensor.Int2, "\xe4\x02", tensor.Vector[tensor.Crumb](0, 1, -2, -1, -2)},
		{tensor.Uint2, "\xe4", tensor.Vector[tensor.UCrumb](0, 1, 2, 3)},
		{tensor.F4E2M1, "\x72", tensor.Vector[tensor.F4E2M1Bits](2, 7)},
		// 000001 000010 000011 111111 000101, lowest bits first.
		{tensor.F6E3M2, "\x81\x30\xfc\x05", tensor.Vector[tensor.F6E3M2Bits](1, 2, 3, 63, 5)},
		{tensor.F8E8M0, "\x7f", tensor.Vector[tensor.F8E8M0Bits](127)},
	} {
		t.Run(tc.dtype.String(), func(t *testing.T) {
			for shift := range 8 { // whatever the alignment
				b := append(make([]byte, shift, 64), tc.bytes...)[shift:]
				got, err := tensor.FromBytes(tc.dtype, tc.want.Shape(), b)
				if err != nil {
					t.Fatal(err)
				}
				if !tensor.Equal(got, tc.want) {
					t.Fatalf("got %v, want %v", got, tc.want)
				}
				if tc.dtype != tensor.Bool && !bytes.Equal(got.LittleEndian(), []byte(tc.bytes)) {
					t.Errorf("written as %x, want %x", got.LittleEndian(), tc.bytes)
				}
			}
		})
	}
}

func TestFromBytesRefuses(t *testing.T) {
	for _, tc := range []struct {
		dtype tensor.DType
		shape []int
		n     int
		want  string
	}{
		{tensor.Float32, []int{2}, 7, "do not fill"},
		{tensor.Int4, []int{3}, 3, "do not fill"},
		{tensor.Float32, []int{-1}, 4, "negative"},
		{tensor.Float64, []int{1 << 20, 1 << 20, 1 << 20}, 8, "more than"},
		{tensor.String, []int{1}, 1, "no fixed size"},
		{tensor.Invalid, []int{1}, 1, "no fixed size"},
	} {
		_, err := tensor.FromBytes(tc.dtype, tc.shape, make([]byte, tc.n))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%d bytes as %v %v: error %v does not say %q", tc.n, tc.dtype, tc.shape, err, tc.want)
		}
	}
}

package tensor_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// npy writes a file by hand, so that the reader is not tested with the writer.
func npy(version byte, header string, elements ...any) []byte {
	var b bytes.Buffer
	b.WriteString("\x93NUMPY")
	b.Write([]byte{version, 0})
	if version == 1 {
		binary.Write(&b, binary.LittleEndian, uint16(len(header)))
	} else {
		binary.Write(&b, binary.LittleEndian, uint32(len(header)))
	}
	b.WriteString(header)
	for _, e := range elements {
		switch e := e.(type) {
		case string:
			b.WriteString(e)
		default:
			binary.Write(&b, binary.LittleEndian, e)
		}
	}
	return b.Bytes()
}

func header(descr, order, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }  \n", descr, order, shape)
}

func TestReadNPY(t *testing.T) {
	for _, tc := range []struct {
		name string
		file []byte
		want *tensor.Tensor
	}{
		{"float32", npy(1, header("<f4", "False", "(2, 3)"), []float32{1, 2, 3, 4, 5, 6}), tensor.Of([]float32{1, 2, 3, 4, 5, 6}, 2, 3)},
		{"version 2", npy(2, header("<f8", "False", "(2,)"), []float64{1, -2}), tensor.Vector(1.0, -2)},
		{"version 3", npy(3, header("|u1", "False", "()"), uint8(7)), tensor.Scalar(uint8(7))},
		{"Python 2", npy(1, header("<i8", "False", "(1L, 2L)"), []int64{5, 6}), tensor.Of([]int64{5, 6}, 1, 2)},
		{"big-endian", npy(1, header(">i2", "False", "(2,)"), "\x01\x02\xff\xfe"), tensor.Vector[int16](0x102, -2)},
		{"big-endian complex", npy(1, header(">c8", "False", "(1,)"), "\x3f\x80\x00\x00\xc0\x00\x00\x00"), tensor.Vector[complex64](1 - 2i)},
		{"half", npy(1, header("<f2", "False", "(3,)"), []uint16{0x3c00, 0xc000, 1}), tensor.Vector[tensor.Half](0x3c00, 0xc000, 1)},
		{"bool", npy(1, header("|b1", "False", "(3,)"), "\x00\x01\x02"), tensor.Vector(false, true, true)},
		{"Fortran order", npy(1, header("<i4", "True", "(2, 3)"), []int32{1, 4, 2, 5, 3, 6}), tensor.Of([]int32{1, 2, 3, 4, 5, 6}, 2, 3)},
		{"Fortran order, 3 axes", npy(1, header("|i1", "True", "(2, 1, 2)"), []int8{0, 10, 1, 11}), tensor.Of([]int8{0, 1, 10, 11}, 2, 1, 2)},
		{"empty", npy(1, header("<f4", "True", "(0, 3)")), tensor.Of([]float32{}, 0, 3)},
		{"texts", npy(1, header("<U3", "False", "(2,)"), []rune("dogé\x00\x00")), tensor.Vector("dog", "é")},
		{"texts, big-endian", npy(1, header(">U1", "False", "(1,)"), "\x00\x01\xf4\x36"), tensor.Vector("\U0001f436")},
		{"bytes", npy(1, header("|S3", "False", "(2,)"), "abcd\x00\x00"), tensor.Vector("abc", "d")},
		{"other order and quotes", npy(1, `{"shape":(1,),"fortran_order":False,"descr":"<u2"}`, uint16(9)), tensor.Vector[uint16](9)},
		{"an array behind", npy(1, header("|u1", "False", "(1,)"), "\x07more"), tensor.Vector[uint8](7)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tensor.ReadNPY(bytes.NewReader(tc.file))
			if err != nil {
				t.Fatal(err)
			}
			if !tensor.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestReadNPYRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "not a NumPy", nil},
		{"another format", "not a NumPy", []byte("PK\x03\x04 something else")},
		{"version", "version 9", npy(9, header("<f4", "False", "(1,)"), float32(1))},
		{"huge header", "too long", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{")},
		{"cut header", "cut off", npy(1, header("<f4", "False", "(1,)"))[:30]},
		{"cut elements", "cut off", npy(1, header("<f4", "False", "(3,)"), float32(1))},
		{"code", "damaged", npy(1, `{'descr': __import__('os'), 'shape': ()}`)},
		{"no shape", "damaged", npy(1, `{'descr': '<f4', 'fortran_order': False}`)},
		{"negative", "damaged", npy(1, header("<f4", "False", "(-1,)"))},
		{"claims 2^60", "more than", npy(1, header("<f4", "False", "(1152921504606846976,)"))},
		{"overflow", "more than", npy(1, header("<f4", "False", "(4294967296, 4294967296, 4294967296)"))},
		{"claims 2^33", "cut off", npy(1, header("<f8", "False", "(8589934592,)"), 1.0)},
		{"objects", "Python objects", npy(1, header("|O", "False", "(1,)"), "\x80\x04.")},
		{"records", "records", npy(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", float32(1))},
		{"dates", "not read", npy(1, header("<M8[s]", "False", "(1,)"), int64(1))},
		{"many texts", "more than", npy(1, header("|S1", "False", "(16777217,)"))},
		{"texts without width", "not read", npy(1, header("<U0", "False", "(8589934592,)"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// The second reader does not know how much there is.
			for _, r := range []io.Reader{bytes.NewReader(tc.file), io.MultiReader(bytes.NewReader(tc.file))} {
				_, err := tensor.ReadNPY(r)
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("error %v does not say %q", err, tc.want)
				}
			}
		})
	}
}

// every has one tensor of each element type.
func every() map[string]*tensor.Tensor {
	return map[string]*tensor.Tensor{
		"f4": tensor.Of([]float32{0, -1.5, 3e38, 1e-45}, 2, 2), "f8": tensor.Vector(1e300, -0.1), "f2": tensor.Vector[tensor.Half](1, 0x7bff),
		"i1": tensor.Vector[int8](-128, 127), "i2": tensor.Vector[int16](-300), "i4": tensor.Vector[int32](1 << 30), "i8": tensor.Scalar[int64](-1 << 62),
		"u1": tensor.Vector[uint8](255), "u2": tensor.Vector[uint16](65535), "u4": tensor.Vector[uint32](1 << 31), "u8": tensor.Vector[uint64](1 << 63),
		"b1": tensor.Of([]bool{true, false}, 1, 2, 1), "c8": tensor.Vector[complex64](1 + 2i), "c16": tensor.Vector(3 - 4i),
		"text": tensor.Vector("", "日本", "a"), "empty": tensor.New(tensor.Float32, 0, 4),
	}
}

func TestNPZRoundTrip(t *testing.T) {
	arrays := every()
	var b bytes.Buffer
	if err := tensor.WriteNPZ(&b, arrays); err != nil {
		t.Fatal(err)
	}
	got, err := tensor.ReadNPZ(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(arrays) {
		t.Errorf("%d arrays came back of %d", len(got), len(arrays))
	}
	for name, want := range arrays {
		if !tensor.Equal(got[name], want) {
			t.Errorf("%s: %v came back as %v", name, want, got[name])
		}
	}
}

// Types that NumPy lacks are written as wider ones of the same value.
func TestWriteNPYWidens(t *testing.T) {
	for _, tc := range []struct{ in, want *tensor.Tensor }{
		{tensor.Vector[tensor.BHalf](0x3fc0), tensor.Vector[float32](1.5)},
		{tensor.Vector[tensor.F8E5M2Bits](0x3e), tensor.Vector[float32](1.5)},
		{tensor.Vector[tensor.Nibble](-8, 7), tensor.Vector[int8](-8, 7)},
		{tensor.Vector[tensor.UCrumb](3), tensor.Vector[uint8](3)},
	} {
		var b bytes.Buffer
		if err := tc.in.WriteNPY(&b); err != nil {
			t.Fatal(err)
		}
		got, err := tensor.ReadNPY(&b)
		if err != nil {
			t.Fatal(err)
		}
		if !tensor.Equal(got, tc.want) {
			t.Errorf("%v was written as %v, want %v", tc.in, got, tc.want)
		}
	}
}

// The header that numpy.save writes for this array, byte by byte.
func TestWriteNPYHeader(t *testing.T) {
	var b bytes.Buffer
	if err := tensor.Vector[float32](1).WriteNPY(&b); err != nil {
		t.Fatal(err)
	}
	dict := "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
	want := "\x93NUMPY\x01\x00\x76\x00" + dict + strings.Repeat(" ", 117-len(dict)) + "\n" + "\x00\x00\x80\x3f"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
}

func TestReadNPZRefusesBombs(t *testing.T) {
	// An entry that claims a terabyte.
	var bomb bytes.Buffer
	w := zip.NewWriter(&bomb)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "x.npy", Method: zip.Deflate, CompressedSize64: 3, UncompressedSize64: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte{3, 0, 0})
	w.Close()
	if _, err := tensor.ReadNPZ(bytes.NewReader(bomb.Bytes()), int64(bomb.Len())); err == nil || !strings.Contains(err.Error(), "claim") {
		t.Errorf("a bomb of %d bytes: error %v", bomb.Len(), err)
	}
	// A shape that its entry cannot hold.
	var small bytes.Buffer
	w = zip.NewWriter(&small)
	f, _ = w.Create("x.npy")
	f.Write(npy(1, header("<f4", "False", "(536870912,)"), float32(1)))
	w.Close()
	if _, err := tensor.ReadNPZ(bytes.NewReader(small.Bytes()), int64(small.Len())); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("a shape larger than its entry: error %v", err)
	}
}

func TestReadsRecordedArrays(t *testing.T) {
	got, err := tensor.OpenNPY(shared.Path(t, "data/models/formats/pt-small/candle_test.npy"))
	if err != nil {
		t.Fatal(err)
	}
	if want := tensor.Vector[int64](0, 1, 2, 3, 4, 5, 6, 7, 8, 9); !tensor.Equal(got, want) {
		t.Errorf("candle_test.npy: got %v, want %v", got, want)
	}
	arrays, err := tensor.OpenNPZ(shared.Path(t, "data/models/formats/pt-small/candle_test.npz"))
	if err != nil {
		t.Fatal(err)
	}
	if x := tensor.Data[int64](arrays["x"]); len(x) != 10 || tensor.Data[int64](arrays["x_plus_one"])[9] != x[9]+1 {
		t.Errorf("candle_test.npz: got %v", arrays)
	}
	count := 0
	err = filepath.WalkDir(shared.Dir(t, "golden"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		n, err := openAny(path)
		count += n
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if count < 80 {
		t.Errorf("only %d recorded arrays found", count)
	}
}

func openAny(path string) (int, error) {
	switch filepath.Ext(path) {
	case ".npy":
		_, err := tensor.OpenNPY(path)
		return 1, err
	case ".npz":
		arrays, err := tensor.OpenNPZ(path)
		return len(arrays), err
	}
	return 0, nil
}

func FuzzReadNPY(f *testing.F) {
	f.Add(npy(1, header("<f4", "True", "(2, 2)"), []float32{1, 2, 3, 4}))
	f.Add(npy(2, header(">U2", "False", "(1,)"), "\x00\x00\x00a\x00\x00\x00b"))
	f.Add(npy(1, header("|b1", "False", "()"), "\x01"))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := tensor.ReadNPY(bytes.NewReader(file))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := a.WriteNPY(&b); err != nil {
			t.Fatal(err)
		}
		again, err := tensor.ReadNPY(&b)
		if err != nil || !tensor.Equal(a, again) && a.DType() != tensor.String && a.DType() != tensor.Complex64 && a.DType() != tensor.Complex128 {
			t.Errorf("%v came back as %v, %v", a, again, err)
		}
	})
}

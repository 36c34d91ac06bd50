package tensor

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// OpenNPY reads the array in the .npy file at path; see ReadNPY.
func OpenNPY(path string) (*Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t, err := ReadNPY(&sizedReader{f, uint64(info.Size())})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// ReadNPY reads one array in NumPy's .npy format, versions 1 to 3, of any byte
// order and memory order. Texts (U) and bytes (S) become strings. It errs for
// records, dates, long doubles and Python objects, which would have to be
// unpickled, and takes no more memory than the data that is really there.
func ReadNPY(r io.Reader) (*Tensor, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, err
	}
	item, err := parseDescr(h.descr)
	if err != nil {
		return nil, err
	}
	size, err := item.bytes(h.shape)
	if err != nil {
		return nil, err
	}
	b, err := readExactly(r, size)
	if err != nil {
		return nil, fmt.Errorf("an array of shape %v and type %s takes %d bytes, and the file is cut off: %w", h.shape, h.descr, size, err)
	}
	if h.fortran {
		b = rowMajor(b, h.shape, item.size)
	}
	return item.tensor(b, h.shape)
}

// readExactly reads n bytes. It believes n only as far as the reader says that
// there are so many, or as data comes.
func readExactly(r io.Reader, n int) ([]byte, error) {
	trusted := 1 << 20
	if sized, ok := r.(interface{ Len() int }); ok {
		if sized.Len() < n {
			return nil, io.ErrUnexpectedEOF
		}
		trusted = n
	}
	b := make([]byte, 0, min(n, trusted))
	for len(b) < n {
		step := min(n, max(2*len(b), trusted)) - len(b)
		b = slices.Grow(b, step)
		if _, err := io.ReadFull(r, b[len(b):len(b)+step]); err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		b = b[:len(b)+step]
	}
	return b, nil
}

// rowMajor reorders elements of the given size whose first axis varies fastest.
func rowMajor(b []byte, shape []int, size int) []byte {
	out := make([]byte, 0, len(b))
	strides := make([]int, len(shape)) // in b, in bytes
	step := size
	for i, d := range shape {
		strides[i] = step
		step *= d
	}
	at, index := 0, make([]int, len(shape))
	for len(out) < len(b) {
		out = append(out, b[at:at+size]...)
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			at += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			at -= shape[axis] * strides[axis]
			index[axis] = 0
		}
	}
	return out
}

// An npyItem is the type of an array's elements.
type npyItem struct {
	dtype DType
	big   bool // big-endian
	size  int  // bytes of one element
	text  bool // a String of UTF-32 and not of bytes
}

// npyTypes maps kind and size to types; the inverse is used for writing.
var npyTypes = map[string]DType{
	"b1": Bool, "i1": Int8, "i2": Int16, "i4": Int32, "i8": Int64,
	"u1": Uint8, "u2": Uint16, "u4": Uint32, "u8": Uint64,
	"f2": Float16, "f4": Float32, "f8": Float64, "c8": Complex64, "c16": Complex128,
}

// parseDescr reads "<f4", "|b1", ">U12".
func parseDescr(descr string) (npyItem, error) {
	order, kind := descr[0], descr
	if strings.IndexByte("<>=|", order) >= 0 {
		kind = descr[1:]
	}
	item := npyItem{dtype: npyTypes[kind], big: order == '>' || order == '=' && !hostIsLittle}
	item.size = item.dtype.Size()
	if item.dtype != Invalid {
		return item, nil
	}
	width, err := strconv.Atoi(kind[min(1, len(kind)):])
	if err == nil && width > 0 && width < 1<<24 && strings.IndexByte("USa", kind[0]) >= 0 {
		item.dtype, item.size, item.text = String, width, kind[0] == 'U'
		if item.text {
			item.size *= 4
		}
		return item, nil
	}
	if strings.HasPrefix(kind, "O") {
		return item, fmt.Errorf("the array holds Python objects, which are not read because that would run code; save numbers or texts")
	}
	return item, fmt.Errorf("elements of NumPy type %q are not read; convert the array with astype", descr)
}

// mostTexts bounds arrays of texts, each of which takes many times the memory of
// its one byte in the file.
const mostTexts = 1 << 24

func (item npyItem) bytes(shape []int) (int, error) {
	n, err := NumElements(shape)
	if err != nil {
		return 0, err
	}
	if item.dtype == String && n > mostTexts {
		return 0, fmt.Errorf("an array of %d texts is more than the %d that are read", n, mostTexts)
	}
	if n > math.MaxInt/item.size {
		return 0, fmt.Errorf("shape %v is too large", shape)
	}
	return n * item.size, nil
}

func (item npyItem) tensor(b []byte, shape []int) (*Tensor, error) {
	if item.dtype == String {
		return Of(item.strings(b), shape...), nil
	}
	if item.big {
		b = swapped(b, wordSize(item.dtype))
	}
	return FromBytes(item.dtype, shape, b)
}

// strings cuts b into texts, which are filled up with zeros.
func (item npyItem) strings(b []byte) []string {
	out := make([]string, len(b)/item.size)
	for i := range out {
		one := b[i*item.size : (i+1)*item.size]
		if item.text {
			out[i] = item.decode(one)
		} else {
			out[i] = string(bytes.TrimRight(one, "\x00"))
		}
	}
	return out
}

func (item npyItem) decode(b []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	if item.big {
		order = binary.BigEndian
	}
	var s strings.Builder
	for ; len(b) >= 4; b = b[4:] {
		s.WriteRune(rune(order.Uint32(b)))
	}
	return strings.TrimRight(s.String(), "\x00")
}

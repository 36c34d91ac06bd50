package tensor

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteNPY writes t in NumPy's .npy format, version 1, little-endian and in
// row-major order. Floats that NumPy lacks are written as float32 and integers
// of less than a byte as 8-bit ones, both exactly. Containers are no arrays:
// error.
func (t *Tensor) WriteNPY(w io.Writer) error {
	t, err := t.forNumPy()
	if err != nil {
		return err
	}
	descr, elements := t.npyElements()
	if _, err := io.WriteString(w, npyHead(descr, t.shape)); err != nil {
		return err
	}
	_, err = w.Write(elements)
	return err
}

func (t *Tensor) forNumPy() (*Tensor, error) {
	switch {
	case t.dtype.IsContainer():
		return nil, fmt.Errorf("%s is no array of numbers or texts", t)
	case t.dtype == Int4 || t.dtype == Int2:
		return t.Convert(Int8)
	case t.dtype == Uint4 || t.dtype == Uint2:
		return t.Convert(Uint8)
	case t.dtype.IsFloat() && t.dtype != Float16 && t.dtype != Float64:
		return t.Convert(Float32)
	}
	return t, nil
}

// npyElements returns NumPy's name for the type, and the elements.
func (t *Tensor) npyElements() (descr string, elements []byte) {
	if t.dtype == String {
		return npyTexts(Data[string](t))
	}
	order := "<"
	if t.dtype.Size() == 1 {
		order = "|"
	}
	for kind, dtype := range npyTypes {
		if dtype == t.dtype {
			descr = order + kind
		}
	}
	return descr, t.LittleEndian()
}

// npyTexts writes every text as wide as the widest, in UTF-32.
func npyTexts(texts []string) (descr string, elements []byte) {
	width := 1
	for _, s := range texts {
		width = max(width, utf8.RuneCountInString(s))
	}
	elements = make([]byte, 4*width*len(texts))
	for i, s := range texts {
		at := 4 * width * i
		for _, r := range s {
			binary.LittleEndian.PutUint32(elements[at:], uint32(r))
			at += 4
		}
	}
	return fmt.Sprintf("<U%d", width), elements
}

// npyHead returns everything before the elements, filled up so that they start
// at a multiple of 64 bytes.
func npyHead(descr string, shape []int) string {
	dims := ""
	for _, d := range shape {
		dims += fmt.Sprintf("%d, ", d)
	}
	if len(shape) > 1 {
		dims = strings.TrimSuffix(dims, ", ")
	} else {
		dims = strings.TrimSuffix(dims, " ")
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims)
	const fixed = len(npyMagic) + 2 + 2
	dict += strings.Repeat(" ", 63-(fixed+len(dict))%64) + "\n"
	size := binary.LittleEndian.AppendUint16(nil, uint16(len(dict)))
	return npyMagic + "\x01\x00" + string(size) + dict
}

package data

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

// An IDXArray is an array in the IDX format of the MNIST data base
// (yann.lecun.com/exdb/mnist, "file formats"): big-endian, row-major.
type IDXArray struct {
	Type  IDXType
	Shape []int
	Raw   []byte // the elements as they stand in the file
}

// An IDXType is the type of an array's elements.
type IDXType byte

// The types of IDX.
const (
	IDXUint8   IDXType = 0x08
	IDXInt8    IDXType = 0x09
	IDXInt16   IDXType = 0x0b
	IDXInt32   IDXType = 0x0c
	IDXFloat32 IDXType = 0x0d
	IDXFloat64 IDXType = 0x0e
)

// size returns the bytes of an element; 0 for a type that there is not.
func (t IDXType) size() int {
	switch t {
	case IDXUint8, IDXInt8:
		return 1
	case IDXInt16:
		return 2
	case IDXInt32, IDXFloat32:
		return 4
	case IDXFloat64:
		return 8
	}
	return 0
}

// maxIDXBytes bounds what is read of one array: EMNIST's largest takes half.
const maxIDXBytes = 1 << 30

// ReadIDX reads an array, compressed with gzip or not.
func ReadIDX(r io.Reader) (*IDXArray, error) {
	plain, err := gunzipped(bufio.NewReader(r))
	if err != nil {
		return nil, &Error{Problem: "the gzip file is damaged: " + err.Error(), Advice: "get an undamaged copy", Err: err}
	}
	a, err := readIDX(plain)
	if endsEarly(err) {
		return nil, &Error{Problem: "the idx file ends early", Advice: "get a complete copy", Err: err}
	}
	var known *Error
	if err != nil && !errors.As(err, &known) {
		return nil, &Error{Problem: "the idx file is damaged: " + err.Error(), Advice: "get an undamaged copy", Err: err}
	}
	return a, err
}

// gunzipped returns what r holds, uncompressed if it begins like gzip.
func gunzipped(r *bufio.Reader) (io.Reader, error) {
	if head, _ := r.Peek(2); string(head) != "\x1f\x8b" {
		return r, nil
	}
	return gzip.NewReader(r)
}

func readIDX(r io.Reader) (*IDXArray, error) {
	var head [4]byte
	if n, err := io.ReadFull(r, head[:]); err != nil && n == 0 {
		return nil, problem("get a copy that is not empty", "the file is empty")
	} else if err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	a := &IDXArray{Type: IDXType(head[2])}
	if head[0] != 0 || head[1] != 0 || a.Type.size() == 0 || head[3] == 0 {
		return nil, problem("give a file such as train-images-idx3-ubyte.gz", "it is not an idx file (it begins with % x)", head)
	}
	bytes := uint64(a.Type.size())
	for range head[3] {
		var n [4]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		a.Shape = append(a.Shape, int(binary.BigEndian.Uint32(n[:])))
		if bytes *= uint64(binary.BigEndian.Uint32(n[:])); bytes > maxIDXBytes {
			return nil, problem("split it", "the array of %v and more takes over the limit of %d MiB", a.Shape, maxIDXBytes>>20)
		}
	}
	if err := a.readElements(r, int64(bytes)); err != nil {
		return nil, err
	}
	return a, nil
}

// readElements reads n bytes and makes sure that the file ends there, which
// also checks the checksum of gzip. Memory grows with what is there, not with
// what is claimed.
func (a *IDXArray) readElements(r io.Reader, n int64) (err error) {
	if a.Raw, err = io.ReadAll(io.LimitReader(r, n+1)); err != nil {
		return err
	}
	switch have := int64(len(a.Raw)); {
	case have < n:
		return problem("get a complete copy", "the idx file ends early: it has %d bytes of elements where %v need %d", have, a.Shape, n)
	case have > n:
		return problem("get an undamaged copy", "the idx file goes on after the %d bytes that %v need", n, a.Shape)
	}
	return nil
}

// OpenIDX reads the array in a file; see [ReadIDX].
func OpenIDX(path string) (*IDXArray, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, in(path, openProblem(err))
	}
	defer f.Close()
	a, err := ReadIDX(f)
	return a, in(path, err)
}

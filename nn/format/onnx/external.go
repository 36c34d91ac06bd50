package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// external reads element bytes from the files beside a model. It cannot leave
// the model's folder, neither by "..", nor by an absolute path, nor by a link:
// a model from elsewhere must not make anyone read other files.
type external struct {
	dir   string // empty: there is no folder
	root  *os.Root
	files map[string]*externalFile
}

// An externalFile is one file that weights lie in.
type externalFile struct {
	f       *os.File
	size    int64
	missing string // why it cannot be used
	spent   int64  // bytes read so far
	parts   map[span][]byte
}

// A span is a range of bytes. Weights that are tied name the same one.
type span struct{ offset, length int64 }

// read returns the bytes of a tensor, or why they are missing. It errs on a
// place that is not allowed or does not fit the tensor.
func (e *external) read(entries []*onnxpb.StringStringEntryProto, d tensor.DType, dims []int) (raw []byte, missing string, err error) {
	want, err := tensor.ByteLen(d, dims)
	if err != nil {
		return nil, "", err
	}
	location, at, err := place(entries, int64(want))
	if err != nil {
		return nil, "", err
	}
	if e.dir == "" {
		return nil, fmt.Sprintf("its elements are in the file %q, and the model was not read from a folder", location), nil
	}
	f, err := e.open(location)
	if err != nil {
		return nil, "", err
	}
	if f.missing != "" {
		return nil, f.missing, nil
	}
	return f.read(location, at)
}

// place reads the entries. The checksum is not looked at: it covers whole files
// and no exporter writes it.
func place(entries []*onnxpb.StringStringEntryProto, want int64) (location string, at span, err error) {
	at.length = want
	for _, e := range entries {
		switch e.GetKey() {
		case "location":
			location = e.GetValue()
		case "offset", "length":
			n, err := strconv.ParseInt(e.GetValue(), 10, 64)
			if err != nil || n < 0 {
				return "", at, fmt.Errorf("the external %s %q is no number of bytes", e.GetKey(), e.GetValue())
			}
			if e.GetKey() == "offset" {
				at.offset = n
			} else if n != want {
				return "", at, fmt.Errorf("%d external bytes do not fill its shape, which takes %d", n, want)
			}
		}
	}
	if !filepath.IsLocal(filepath.FromSlash(location)) {
		return "", at, leaves(location)
	}
	return location, at, nil
}

func leaves(location string) error {
	return bad("", "its elements are in %q, which is not inside the model's folder and is not read", location).
		fix("copy that file beside the model and let the model name it there")
}

func (e *external) open(location string) (*externalFile, error) {
	if f, ok := e.files[location]; ok {
		return f, nil
	}
	if e.root == nil {
		root, err := os.OpenRoot(e.dir)
		if err != nil {
			return nil, err
		}
		e.root = root
	}
	f, err := e.openFile(location)
	if err != nil {
		return nil, err
	}
	e.files[location] = f
	return f, nil
}

func (e *external) openFile(location string) (*externalFile, error) {
	name := filepath.FromSlash(location)
	info, err := e.root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &externalFile{missing: fmt.Sprintf("its elements are in the file %q, which is not beside the model", location)}, nil
	case errors.Is(err, fs.ErrPermission):
		return &externalFile{missing: fmt.Sprintf("its elements are in the file %q, which may not be read", location)}, nil
	case err != nil: // os.Root refuses links that leave the folder
		return nil, leaves(location)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("its elements are in %q, which is not a regular file", location)
	}
	f, err := e.root.Open(name)
	if err != nil {
		return &externalFile{missing: fmt.Sprintf("its elements are in the file %q, which cannot be opened", location)}, nil
	}
	file := &externalFile{f: f, size: info.Size(), parts: map[span][]byte{}}
	head := make([]byte, 32)
	if n, _ := f.ReadAt(head, 0); isLFSPointer(head[:n]) {
		file.missing = fmt.Sprintf("its elements are in the file %q, which is only a Git LFS pointer: fetch it with git lfs pull", location)
	}
	return file, nil
}

func (f *externalFile) read(location string, at span) (raw []byte, missing string, err error) {
	if raw, ok := f.parts[at]; ok {
		return raw, "", nil
	}
	if at.length > f.size || at.offset > f.size-at.length {
		return nil, fmt.Sprintf("its %d bytes at offset %d lie beyond the end of %q, which has only %d: copy or download it again", at.length, at.offset, location, f.size), nil
	}
	// Parts may overlap, but a small file must not fill the memory.
	if f.spent += at.length; f.spent > 4*f.size {
		return nil, "", fmt.Errorf("it is one of many that read the same bytes of %q over and over", location)
	}
	raw = make([]byte, at.length)
	if _, err := f.f.ReadAt(raw, at.offset); err != nil {
		return nil, fmt.Sprintf("its elements in %q cannot be read: %v", location, err), nil
	}
	f.parts[at] = raw
	return raw, "", nil
}

func (e *external) close() {
	for _, f := range e.files {
		if f.f != nil {
			f.f.Close()
		}
	}
	if e.root != nil {
		e.root.Close()
	}
}

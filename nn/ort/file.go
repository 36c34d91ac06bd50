package ort

import (
	"context"
	"runtime"
	"unicode/utf16"
	"unsafe"

	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A File is an ONNX file that the library reads itself, as its other users have
// it: nothing of Tomo's has a part in it. Its results can be compared with.
type File struct{ session *session }

// OpenFile opens the ONNX file at path, which is fed and asked for the values of
// the given names, by an executor with the options. It errs as New does and where the library
// refuses the file.
func OpenFile(path string, inputs, outputs []string, o Options) (*File, error) {
	x, err := New(o)
	if err != nil {
		return nil, err
	}
	e := x.(*executor)
	s := &session{lib: e.lib, inputs: cStrings(inputs), outputs: cStrings(outputs), results: make([]op.Type, len(outputs))}
	err = s.keep(0, func() (*loan, error) {
		return e.open(nil, nil, func(env, options uintptr, handle *uintptr) error {
			return e.lib.do(createSession, env, uintptr(pathText(path)), options, uintptr(unsafe.Pointer(handle)))
		})
	})
	if err != nil {
		return nil, err
	}
	return &File{s}, nil
}

// Run computes the values that were asked for, which the caller then owns. When
// ctx ends it stops before the next node.
func (f *File) Run(ctx context.Context, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return f.session.run(ctx, inputs)
}

func cStrings(list []string) []*byte {
	out := make([]*byte, len(list))
	for i, s := range list {
		out[i] = cString(s)
	}
	return out
}

// pathText returns a path as the library takes it, which is in UTF-16 on Windows.
func pathText(path string) unsafe.Pointer {
	if runtime.GOOS == "windows" {
		return unsafe.Pointer(unsafe.SliceData(append(utf16.Encode([]rune(path)), 0)))
	}
	return unsafe.Pointer(cString(path))
}

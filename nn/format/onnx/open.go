package onnx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
)

// Open reads the ONNX file at path. Weights in external files are looked for in
// the folder of path. A file that cannot be read as a model gives a
// *FormatError, one that cannot be read at all the error of package os.
func Open(path string) (*ir.Graph, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait
		return nil, &FormatError{Path: path, What: "this is not a regular file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	g, err := read(f, info.Size(), filepath.Dir(path))
	if err != nil {
		return nil, inFile(err, path)
	}
	return g, nil
}

// Decode reads a model from memory. External weights are looked for in the
// folder dir; they are missing if dir is empty. Decode keeps nothing of data.
func Decode(data []byte, dir string) (*ir.Graph, error) {
	return read(bytes.NewReader(data), int64(len(data)), dir)
}

// inFile adds the path to an error.
func inFile(err error, path string) error {
	var format *FormatError
	if errors.As(err, &format) {
		format.Path = path
		return format
	}
	return fmt.Errorf("%s: %w", path, err)
}

func read(r io.Reader, size int64, dir string) (*ir.Graph, error) {
	purse := newPurse(size)
	model, payloads, err := readModel(r, size, purse)
	if err != nil {
		return nil, err
	}
	ext := &external{dir: dir, files: map[string]*externalFile{}}
	defer ext.close()
	rd := &reader{source: source{purse, ext}, payloads: payloads}
	return rd.model(model)
}

func readModel(r io.Reader, size int64, purse *purse) (*onnxpb.ModelProto, [][]byte, error) {
	head := make([]byte, min(size, 64))
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, nil, readError(err)
	}
	if err := otherFormat(head, size); err != nil {
		return nil, nil, err
	}
	skeleton, payloads, err := lift(io.MultiReader(bytes.NewReader(head), r), size)
	if err != nil {
		return nil, nil, err
	}
	model := &onnxpb.ModelProto{}
	if err := unmarshal(skeleton, model, purse); err != nil {
		return nil, nil, err
	}
	if model.Graph == nil {
		return nil, nil, bad("", "this holds no graph and is not an ONNX model").fix("check which file this is")
	}
	return model, payloads, nil
}

// unmarshal reads a message whose weight the purse can bear.
func unmarshal(b []byte, m proto.Message, purse *purse) error {
	if err := purse.weigh(b, m.ProtoReflect().Descriptor(), 0); err != nil {
		return err
	}
	opts := proto.UnmarshalOptions{DiscardUnknown: true, RecursionLimit: maxDepth + 10}
	if err := opts.Unmarshal(b, m); err != nil {
		return errNotONNX()
	}
	return nil
}

// otherFormat names what people take for an ONNX file by its name.
func otherFormat(head []byte, size int64) error {
	switch {
	case size == 0:
		return bad("", "the file is empty").fix("copy or download it again")
	case isLFSPointer(head):
		return bad("", "this is a Git LFS pointer and not the model itself").fix("fetch the model with git lfs pull")
	case len(head) >= 8 && string(head[4:8]) == "ORTM":
		return bad("", "this is a model in ONNX Runtime's own format").fix("open the .onnx file that it was made from")
	}
	return nil
}

func isLFSPointer(head []byte) bool {
	return bytes.HasPrefix(head, []byte("version https://git-lfs"))
}

package onnx_test

import (
	"archive/tar"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/format/onnx"
)

// untar calls f for every file of a .tar.zst.
func untar(t *testing.T, path string, f func(name string, data []byte)) {
	t.Helper()
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	plain, err := zstd.NewReader(file)
	must(t, err)
	defer plain.Close()
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		must(t, err)
		data, err := io.ReadAll(r)
		must(t, err)
		f(h.Name, data)
	}
}

// models of the archives that are no models, and what is said of them.
var refused = map[string]string{
	// A fuzzer's file.
	"icm-31000000518082.onnx": `node "Add1" (Add): its input "Addcst" is made by no node`,
	// Weights in ../../../etc/passwd.
	"test_arbitrary_external_file.onnx": "not inside the model's folder",
}

// The suite of the ONNX standard and the test data of ONNX Runtime: every
// model, and every tensor that lies beside one.
func TestReadsSuites(t *testing.T) {
	for archive, want := range map[string]struct{ models, tensors int }{
		"data/onnx-backend.tar.zst":                        {1951, 6000},
		"data/models/onnx/ort_testdata_onnx_small.tar.zst": {674, 0},
	} {
		models, tensors := 0, 0
		untar(t, shared.Path(t, archive), func(name string, data []byte) {
			switch {
			case strings.HasSuffix(name, ".onnx"):
				models++
				readsAsExpected(t, name, data)
			case strings.Contains(name, "put_") && strings.HasSuffix(name, ".pb"):
				if _, err := onnx.ReadTensor(data); err == nil {
					tensors++ // the others are sequences and optionals
				}
			}
		})
		if models < want.models || tensors < want.tensors {
			t.Errorf("%s: read %d models and %d tensors, want %d and %d", archive, models, tensors, want.models, want.tensors)
		}
	}
}

func readsAsExpected(t *testing.T, name string, data []byte) {
	if !onnx.Sniff(data[:min(len(data), 512)]) {
		t.Errorf("%s is not taken for ONNX", name)
	}
	dir := t.TempDir() // without any external weights
	g, err := onnx.Decode(data, dir)
	want := refused[filepath.Base(name)]
	switch {
	case err != nil && (want == "" || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: %v", name, err)
	case err == nil && want != "":
		t.Errorf("%s was read, want an error that says %q", name, want)
	case err == nil:
		checkGraph(t, g)
	}
}

func TestReadsModels(t *testing.T) {
	n := 0
	for _, folder := range []string{"data/models/onnx", "data/text", "golden"} {
		filepath.WalkDir(shared.Dir(t, folder), func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".onnx") {
				n++
				data, err := os.ReadFile(path)
				must(t, err)
				readsAsExpected(t, path, data)
			}
			return nil
		})
	}
	if n < 20 {
		t.Errorf("only %d models found", n)
	}
}

// Files of other formats are not taken for ONNX, also those that are protocol
// buffers.
func TestSniffsOnlyONNX(t *testing.T) {
	n := 0
	for _, folder := range []string{"data/models/formats", "data/training-logs", "golden", "data/text"} {
		filepath.WalkDir(shared.Dir(t, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, ".onnx") {
				return nil
			}
			n++
			data, err := os.ReadFile(path)
			must(t, err)
			for _, size := range []int{64, 512, len(data)} {
				if onnx.Sniff(data[:min(len(data), size)]) {
					t.Errorf("%s is taken for ONNX from its first %d bytes", path, size)
				}
			}
			return nil
		})
	}
	if n < 50 {
		t.Errorf("only %d files found", n)
	}
	untar(t, shared.Path(t, "data/onnx-backend.tar.zst"), func(name string, data []byte) {
		if strings.HasSuffix(name, ".pb") && onnx.Sniff(data[:min(len(data), 512)]) {
			t.Errorf("%s, no model, is taken for ONNX", name)
		}
	})
}

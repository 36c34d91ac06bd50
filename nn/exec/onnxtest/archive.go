package onnxtest

import (
	"archive/tar"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Case is one model with its data sets.
type Case struct {
	// Name is the folder's, such as "test_add_bcast".
	Name  string
	Model []byte
	Sets  []Set
}

// A Set is one run: serialized inputs and outputs in order. One left out is
// nil.
type Set struct {
	Inputs, Outputs [][]byte
	in              []*tensor.Tensor // made up
}

// Cases returns the cases of a part of the suite, "node", "simple",
// "pytorch-operator" or "pytorch-converted", by name. The test is skipped where
// the suite is absent.
func Cases(t testing.TB, part string) []Case {
	t.Helper()
	files := readOnce(t)
	byName := map[string]*Case{}
	prefix := "onnx/backend/test/data/" + part + "/"
	for _, name := range slices.Sorted(maps.Keys(files)) {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		folder, file, _ := strings.Cut(rest, "/")
		if byName[folder] == nil {
			byName[folder] = &Case{Name: folder}
		}
		byName[folder].add(file, files[name])
	}
	var cases []Case
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if c := byName[name]; c.Model != nil {
			cases = append(cases, *c)
		}
	}
	if len(cases) == 0 {
		t.Fatalf("the suite has no cases under %s", prefix)
	}
	return cases
}

// add files a file away: model.onnx, or test_data_set_<i>/input_<k>.pb or
// output_<k>.pb.
func (c *Case) add(file string, data []byte) {
	if file == "model.onnx" {
		c.Model = data
		return
	}
	var set, k int
	var kind string
	if _, err := fmt.Sscanf(path.Dir(file), "test_data_set_%d", &set); err != nil {
		return
	}
	base := strings.ReplaceAll(strings.TrimSuffix(path.Base(file), ".pb"), "_", " ")
	if _, err := fmt.Sscanf(base, "%s %d", &kind, &k); err != nil || set > 100 || k > 1000 {
		return
	}
	c.Sets = grown(c.Sets, set)
	list := &c.Sets[set].Inputs
	if kind == "output" {
		list = &c.Sets[set].Outputs
	}
	*list = grown(*list, k)
	(*list)[k] = data
}

// grown returns s long enough to have an element i.
func grown[T any](s []T, i int) []T {
	for len(s) <= i {
		var zero T
		s = append(s, zero)
	}
	return s
}

var suite struct {
	sync.Mutex
	files map[string][]byte
}

func readOnce(t testing.TB) map[string][]byte {
	t.Helper()
	name := shared.Path(t, "data/onnx-backend.tar.zst")
	suite.Lock()
	defer suite.Unlock()
	if suite.files == nil {
		var err error
		if suite.files, err = readArchive(name); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return suite.files
}

func readArchive(name string) (map[string][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	files := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if files[path.Clean(h.Name)], err = io.ReadAll(r); err != nil {
			return nil, err
		}
	}
}

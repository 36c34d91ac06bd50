package onnx_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	pb "github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
)

// external is a float initializer [2] in another file; entries are keys and
// values.
func external(name string, entries ...string) *pb.TensorProto {
	p := floats(name, []int64{2})
	p.DataLocation = pb.TensorProto_EXTERNAL.Enum()
	for i := 0; i < len(entries); i += 2 {
		p.ExternalData = append(p.ExternalData, &pb.StringStringEntryProto{Key: &entries[i], Value: &entries[i+1]})
	}
	return p
}

// folder returns a folder "model" with weights in it, in one with a secret.
func folder(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	dir := filepath.Join(top, "model")
	must(t, os.MkdirAll(filepath.Join(dir, "sub"), 0o755))
	weights := []byte("\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40") // 1, 2, 3
	must(t, os.WriteFile(filepath.Join(dir, "w.bin"), weights, 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "sub", "w.bin"), weights, 0o644))
	must(t, os.WriteFile(filepath.Join(top, "secret"), weights, 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "lfs.bin"), []byte("version https://git-lfs.github.com/spec/v1\noid"), 0o644))
	must(t, os.Symlink("../secret", filepath.Join(dir, "link")))
	must(t, os.Symlink("w.bin", filepath.Join(dir, "inner")))
	must(t, os.Symlink("..", filepath.Join(dir, "up")))
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openWith(t *testing.T, dir string, weights ...*pb.TensorProto) (path string) {
	t.Helper()
	path = filepath.Join(dir, "model.onnx")
	must(t, os.WriteFile(path, bytesOf(t, model(&pb.GraphProto{Initializer: weights})), 0o644))
	return path
}

func TestExternalData(t *testing.T) {
	path := openWith(t, folder(t),
		external("whole", "location", "w.bin", "length", "8", "checksum", "unread"),
		external("part", "location", "w.bin", "offset", "4"),
		external("tied", "location", "w.bin", "offset", "4"),
		external("below", "location", "sub/w.bin"),
		external("linked", "location", "inner"))
	g, err := onnx.Open(path)
	must(t, err)
	for name, want := range map[string][2]float32{"whole": {1, 2}, "part": {2, 3}, "tied": {2, 3}, "below": {1, 2}, "linked": {1, 2}} {
		if got := value(t, g, name).Const.F32(); [2]float32(got) != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if part, tied := value(t, g, "part").Const.F32(), value(t, g, "tied").Const.F32(); &part[0] != &tied[0] {
		t.Error("tied weights are held twice")
	}
}

// The graph is read all the same and can be drawn.
func TestMissingExternalData(t *testing.T) {
	path := openWith(t, folder(t),
		external("absent", "location", "no.bin"),
		external("short", "location", "w.bin", "offset", "8"),
		external("pointer", "location", "lfs.bin"),
		external("far", "location", "w.bin", "offset", "9223372036854775807"))
	g, err := onnx.Open(path)
	must(t, err)
	for name, want := range map[string]string{"absent": "not beside the model", "short": "beyond the end", "pointer": "git lfs pull", "far": "beyond the end"} {
		v := value(t, g, name)
		if v.Const != nil || !strings.Contains(v.Missing, want) || v.Shape.String() != "2" {
			t.Errorf("%s: missing %q, want %q", name, v.Missing, want)
		}
	}
	data, err := os.ReadFile(path)
	must(t, err)
	if g, err = onnx.Decode(data, ""); err != nil || value(t, g, "absent").Missing == "" {
		t.Errorf("without a folder: %v", err)
	}
}

func TestExternalDataRefused(t *testing.T) {
	dir := folder(t)
	outside := "not inside the model's folder"
	for _, tc := range []struct{ location, want string }{
		{"../secret", outside},
		{"sub/../../secret", outside},
		{filepath.Join(filepath.Dir(dir), "secret"), outside},
		{"/etc/passwd", outside},
		{"link", outside},
		{"up/secret", outside},
		{"", outside},
		{"sub", "not a regular file"},
	} {
		_, err := onnx.Open(openWith(t, dir, external("w", "location", tc.location)))
		var format *onnx.FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), `initializer "w"`) {
			t.Errorf("%q: error %v does not say %q", tc.location, err, tc.want)
		}
	}
	for _, tc := range []struct{ key, value, want string }{
		{"length", "12", "do not fill"}, {"length", "x", "no number"}, {"offset", "-4", "no number"},
	} {
		_, err := onnx.Open(openWith(t, dir, external("w", "location", "w.bin", tc.key, tc.value)))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s %s: error %v does not say %q", tc.key, tc.value, err, tc.want)
		}
	}
}

// Many tensors over the same bytes must not multiply a small file.
func TestExternalOverlap(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "w.bin"), make([]byte, 4096), 0o644))
	var weights []*pb.TensorProto
	for i := range 100 {
		w := external(string(rune('A'+i)), "location", "w.bin", "offset", string(rune('0'+i%10)))
		w.Dims = []int64{int64(900 + i)}
		weights = append(weights, w)
	}
	if _, err := onnx.Open(openWith(t, dir, weights...)); err == nil || !strings.Contains(err.Error(), "over and over") {
		t.Errorf("error %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := onnx.Open(filepath.Join(dir, "none.onnx")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	var format *onnx.FormatError
	if _, err := onnx.Open(dir); !errors.As(err, &format) {
		t.Errorf("a folder: %v", err)
	}
	path := filepath.Join(dir, "broken.onnx")
	must(t, os.WriteFile(path, []byte("broken"), 0o644))
	if _, err := onnx.Open(path); !errors.As(err, &format) || format.Path != path {
		t.Errorf("a broken file: %v", err)
	}
	if _, err := onnx.Decode(bytesOf(t, &pb.ModelProto{DocString: proto.String("x")}), ""); !errors.As(err, &format) {
		t.Errorf("no graph: %v", err)
	}
}

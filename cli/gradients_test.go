package cli_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// tinyBench is a bench with a network for pictures of 16×16 and five classes.
func tinyBench(t *testing.T) bench {
	t.Helper()
	dir := t.TempDir()
	b := bench{dir: dir, model: filepath.Join(dir, "tiny.onnx")}
	if err := onnx.Write(b.model, zoo.Tiny(1)); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestGradientsOfData gives a data set in each form that --data takes, and finds
// that its labels are known.
func TestGradientsOfData(t *testing.T) {
	b := tinyBench(t)
	for _, c := range []struct{ name, data, labels string }{
		{"a folder for each class", b.classFolders(t, "pictures", "ant", "bee", "cat", "dog", "elk"), "by the order of the 5 folders' names"},
		{"IDX", b.idx(t, "train", []byte{0, 1, 2, 3, 4, 0}), "by their numbers"},
		{"npz", b.npz(t, "data.npz", map[string]*tensor.Tensor{"x": noise(6, 3, 16, 16), "y": tensor.Of([]int64{0, 1, 2, 3, 4, 0}, 6)}), "x as"},
		{"npz of bytes", b.npz(t, "bytes.npz", map[string]*tensor.Tensor{"x_train": tensor.New(tensor.Uint8, 6, 20, 20), "y_train": tensor.New(tensor.Uint8, 6)}), "x_train as"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := tomo("gradients", b.model, "--data", c.data, "--json")
			if r.code != 0 {
				t.Fatalf("exit %d: %s", r.code, r.stderr)
			}
			var report figure.Report
			if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(r.stdout, c.labels) || strings.Contains(r.stdout, "no labels") {
				t.Errorf("it does not say %q:\n%s", c.labels, r.stdout)
			}
		})
	}
}

// TestGradientsOfUnlabelled takes the network's own answers for pictures without
// labels, and says so, whichever loss needs them. A picture beside the folders
// means that these are no classes.
func TestGradientsOfUnlabelled(t *testing.T) {
	b := tinyBench(t)
	mixed := b.classFolders(t, "mixed", "ant", "bee", "cat", "dog", "elk")
	b.picture(t, "mixed/loose.png")
	for name, data := range map[string]string{
		"a folder":                     filepath.Dir(b.picture(t, "loose/one.png")),
		"a picture beside its folders": mixed,
		"IDX":                          b.idx(t, "bare", nil),
	} {
		for loss, warned := range map[string]bool{"cross-entropy": true, "mse": true, "value": false} {
			r := tomo("gradients", b.model, "--data", data, "--loss", loss)
			if r.code != 0 || strings.Contains(r.stdout, "have no labels") != warned {
				t.Errorf("%s, --loss %s: exit %d\n%s%s", name, loss, r.code, r.stdout, r.stderr)
			}
		}
	}
}

// TestGradientsMistakes asserts one sentence each.
func TestGradientsMistakes(t *testing.T) {
	b := tinyBench(t)
	x, labels := noise(6, 3, 16, 16), tensor.New(tensor.Int64, 6)
	arrays := func(name string, x, y *tensor.Tensor) string {
		all := map[string]*tensor.Tensor{"x": x}
		if y != nil {
			all["y"] = y
		}
		return b.npz(t, name, all)
	}
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"no data", b.path("absent"), []string{"absent"}},
		{"an empty folder", t.TempDir(), []string{"picture"}},
		{"folders that are no classes", b.classFolders(t, "two", "ant", "bee"), []string{`"bee"`, "no class"}},
		{"IDX labels out of range", b.idx(t, "high", []byte{0, 1, 9}), []string{`"9"`, "no class"}},
		{"IDX labels of other pictures", b.idxFiles(t, "other", 3, []byte{0, 1}), []string{"2 labels", "3 pictures"}},
		{"IDX cut off", b.write(t, "cut-images-idx3-ubyte", []byte{0, 0, 8, 3, 0, 0, 0, 9}), []string{"cut-images"}},
		{"npz without labels", arrays("bare.npz", x, nil), []string{"label"}},
		{"npz labels out of range", arrays("high.npz", x, tensor.Of([]int64{0, 1, 2, 3, 4, 5}, 6)), []string{"label 5", "0 to 4"}},
		{"npz labels below zero", arrays("low.npz", x, tensor.Of([]int64{0, -1, 2, 3, 4, 0}, 6)), []string{"label -1", "0 to 4"}},
		{"npz of another number of labels", arrays("few.npz", x, tensor.New(tensor.Int64, 5)), []string{"6 samples", "[5]"}},
		{"npz of another rank", arrays("flat.npz", noise(6, 768), labels), []string{`"x"`, "[6,768]", "batch×3×16×16"}},
		{"npz of other channels", arrays("grey.npz", noise(6, 1, 16, 16), labels), []string{"1 channels", "8×3×3×3"}},
		{"npz of other names", b.npz(t, "odd.npz", map[string]*tensor.Tensor{"a": x, "b": labels}), []string{"a, b"}},
		{"npz of nothing", arrays("none.npz", noise(0, 3, 16, 16), tensor.New(tensor.Int64, 0)), []string{"no samples"}},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, []string{"gradients", b.model, "--data", c.data}, c.want) })
	}
}

func noise(shape ...int) *tensor.Tensor {
	r := rand.New(rand.NewPCG(1, 1))
	x := tensor.New(tensor.Float32, shape...)
	for i := range x.F32() {
		x.F32()[i] = float32(r.NormFloat64())
	}
	return x
}

func (b bench) npz(t *testing.T, name string, arrays map[string]*tensor.Tensor) string {
	t.Helper()
	var raw bytes.Buffer
	if err := tensor.WriteNPZ(&raw, arrays); err != nil {
		t.Fatal(err)
	}
	return b.write(t, name, raw.Bytes())
}

// picture writes a picture of noise, and the folders that it is in.
func (b bench) picture(t *testing.T, name string) string {
	t.Helper()
	r := rand.New(rand.NewPCG(2, uint64(len(name))))
	img := image.NewGray(image.Rect(0, 0, 18, 16))
	for i := range img.Pix {
		img.Pix[i] = uint8(r.Uint32())
	}
	var raw bytes.Buffer
	if err := png.Encode(&raw, img); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(b.path(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	return b.write(t, name, raw.Bytes())
}

func (b bench) classFolders(t *testing.T, folder string, classes ...string) string {
	t.Helper()
	for _, class := range classes {
		for _, name := range []string{"1.png", "two.png"} {
			b.picture(t, filepath.Join(folder, class, name))
		}
	}
	return b.path(folder)
}

// idx writes pictures under the names of MNIST's files, one for each label, or
// three without labels.
func (b bench) idx(t *testing.T, name string, labels []byte) string {
	t.Helper()
	if labels == nil {
		return b.idxFiles(t, name, 3, nil)
	}
	return b.idxFiles(t, name, len(labels), labels)
}

func (b bench) idxFiles(t *testing.T, name string, pictures int, labels []byte) string {
	t.Helper()
	file := func(name string, raw []byte, dims ...int) string {
		head := []byte{0, 0, 8, byte(len(dims))} // unsigned bytes
		for _, n := range dims {
			head = binary.BigEndian.AppendUint32(head, uint32(n))
		}
		return b.write(t, name, append(head, raw...))
	}
	pixels := make([]byte, pictures*16*16)
	for i := range pixels {
		pixels[i] = byte(i * i)
	}
	if labels != nil {
		file(name+"-labels-idx1-ubyte", labels, len(labels))
	}
	return file(name+"-images-idx3-ubyte", pixels, pictures, 16, 16)
}

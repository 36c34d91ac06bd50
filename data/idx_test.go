package data

import (
	"bytes"
	"compress/gzip"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
)

// The first labels are known, and so is the mean pixel: code that prepares MNIST
// for a network states 0.1307 of white, and 0.2860 for Fashion-MNIST (over the
// training sets; the test sets differ by less than 0.002).
func TestMNIST(t *testing.T) {
	for _, tc := range []struct {
		images string
		n      int
		mean   float64
		first  []int
	}{
		{"data/datasets/mnist/t10k-images-idx3-ubyte.gz", 10000, 0.1307, []int{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}},
		{"data/datasets/mnist/train-images-idx3-ubyte.gz", 60000, 0.1307, []int{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}},
		{"data/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz", 10000, 0.2860, []int{9, 2, 1, 1, 6, 1, 4, 6, 5, 7}},
	} {
		t.Run(tc.images, func(t *testing.T) {
			d, err := Open(context.Background(), []string{shared.Path(t, tc.images)}, FolderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if d.Len() != tc.n || d.Classes() != nil {
				t.Fatalf("%d samples of %v, want %d", d.Len(), d.Classes(), tc.n)
			}
			if mean := meanByte(d.(*IDX).images.Raw) / 255; math.Abs(mean-tc.mean) > 0.002 {
				t.Errorf("mean %.4f, want %.4f", mean, tc.mean)
			}
			for i, want := range tc.first {
				s, err := d.At(context.Background(), i)
				if err != nil {
					t.Fatal(err)
				}
				if s.Label != want || s.Image.W != 28 || s.Image.H != 28 || s.Image.Source.Mode != Grey {
					t.Errorf("sample %d is %d, %d x %d, want %d", i, s.Label, s.Image.W, s.Image.H, want)
				}
			}
		})
	}
}

func meanByte(raw []byte) float64 {
	sum := 0
	for _, v := range raw {
		sum += int(v)
	}
	return float64(sum) / float64(len(raw))
}

func idxBytes(kind IDXType, shape []byte, elements ...byte) []byte {
	raw := []byte{0, 0, byte(kind), byte(len(shape))}
	for _, n := range shape {
		raw = append(raw, 0, 0, 0, n)
	}
	return append(raw, elements...)
}

func zipped(t testing.TB, raw []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t *testing.T, dir, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestIDXColourAndWideLabels(t *testing.T) {
	dir := t.TempDir()
	images := writeFile(t, dir, "my-images-idx4-ubyte", idxBytes(IDXUint8, []byte{2, 1, 1, 3}, 1, 2, 3, 4, 5, 6))
	writeFile(t, dir, "my-labels-idx1-ubyte.gz", zipped(t, idxBytes(IDXInt32, []byte{2}, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff)))
	d, err := Open(context.Background(), []string{images}, FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.At(context.Background(), 1)
	if err != nil || !bytes.Equal(s.Image.Pix, []byte{4, 5, 6}) || s.Label != -1 || s.Name != "1" {
		t.Errorf("got %+v, %v", s, err)
	}
	if s, _ = d.At(context.Background(), 0); s.Label != 256 {
		t.Errorf("label %d, want 256", s.Label)
	}
}

func TestIDXWithoutLabels(t *testing.T) {
	path := writeFile(t, t.TempDir(), "pictures", idxBytes(IDXUint8, []byte{1, 2, 2}, 1, 2, 3, 4))
	d, err := OpenIDXDataset(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := d.At(context.Background(), 0); err != nil || s.Label != NoLabel || s.Image.Pix[9] != 4 {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestBadIDX(t *testing.T) {
	whole := idxBytes(IDXUint8, []byte{2, 2, 2}, 1, 2, 3, 4, 5, 6, 7, 8)
	corrupt := zipped(t, whole)
	corrupt[len(corrupt)-6] ^= 1 // the checksum
	for name, tc := range map[string]struct {
		raw  []byte
		want string
	}{
		"empty":           {nil, "empty"},
		"two bytes":       {whole[:2], "ends early"},
		"in the shape":    {whole[:9], "ends early"},
		"in the elements": {whole[:20], "has 4 bytes of elements where [2 2 2] need 8"},
		"goes on":         {append(bytes.Clone(whole), 9), "goes on after the 8 bytes"},
		"no type":         {append([]byte{0, 0, 7, 1}, make([]byte, 8)...), "not an idx file"},
		"no dimensions":   {append([]byte{0, 0, 8, 0}, make([]byte, 8)...), "not an idx file"},
		"a png":           {[]byte("\x89PNG\r\n\x1a\n"), "not an idx file"},
		"huge":            {[]byte{0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1}, "over the limit"},
		"claims 1 GiB":    {[]byte{0, 0, 8, 1, 0x40, 0, 0, 0}, "has 0 bytes of elements"},
		"cut gzip":        {zipped(t, whole)[:25], "early"},
		"corrupt gzip":    {corrupt, "damaged"},
		"gzip of nothing": {[]byte{0x1f, 0x8b}, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := ReadIDX(bytes.NewReader(tc.raw))
			if a != nil || err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, %v, want %q", a, err, tc.want)
			}
		})
	}
}

func TestIDXFilesThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	images := writeFile(t, dir, "images", idxBytes(IDXUint8, []byte{2, 1, 1}, 1, 2))
	floats := writeFile(t, dir, "floats", idxBytes(IDXFloat32, []byte{1, 1, 1}, 0, 0, 0, 0))
	flat := writeFile(t, dir, "flat", idxBytes(IDXUint8, []byte{1, 0, 5}))
	three := writeFile(t, dir, "three", idxBytes(IDXUint8, []byte{3}, 1, 2, 3))
	for _, tc := range [][3]string{
		{images, three, "three: it has 3 labels for 2 pictures"},
		{images, images, "where labels are N whole numbers"},
		{three, "", "where pictures are"},
		{floats, "", "where pictures are"},
		{flat, "", "cannot be made"},
		{images, filepath.Join(dir, "none"), "cannot be opened"},
	} {
		d, err := OpenIDXDataset(tc[0], tc[1])
		if d != nil || err == nil || !strings.Contains(err.Error(), tc[2]) {
			t.Errorf("got %v, want %q", err, tc[2])
		}
	}
}

// FuzzReadIDX: go test -fuzz FuzzReadIDX ./data
func FuzzReadIDX(f *testing.F) {
	whole := idxBytes(IDXInt16, []byte{2, 2}, 1, 2, 3, 4, 5, 6, 7, 8)
	f.Add(whole)
	f.Add(zipped(f, whole))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := ReadIDX(bytes.NewReader(raw))
		if err != nil {
			return
		}
		n := a.Type.size()
		for _, d := range a.Shape {
			n *= d
		}
		if len(a.Raw) != n {
			t.Errorf("%v of %d bytes has %d", a.Shape, a.Type.size(), len(a.Raw))
		}
	})
}

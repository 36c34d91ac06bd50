package data

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
)

// A resizeCase is one result in testdata/resize.json.
type resizeCase struct {
	From, To [2]int
	Filter   string
	RGB      []byte
	Values   []float32
}

func (c resizeCase) String() string {
	return fmt.Sprintf("%s %dx%d to %dx%d", c.Filter, c.From[0], c.From[1], c.To[0], c.To[1])
}

func resizeCases(t *testing.T) (pixels, floats []resizeCase) {
	t.Helper()
	raw, err := os.ReadFile("testdata/resize.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Pixels, Floats []resizeCase }
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Pixels) == 0 || len(doc.Floats) == 0 {
		t.Fatal("testdata/resize.json holds no cases")
	}
	return doc.Pixels, doc.Floats
}

// noise returns the bytes that testdata/gen_resize.py makes its sources of.
func noise(n int) []uint8 {
	out, x := make([]uint8, n), uint64(1)
	for i := range out {
		x = (1103515245*x + 12345) % (1 << 31)
		out[i] = uint8(x >> 16)
	}
	return out
}

func noiseImage(w, h int) *Image {
	m := NewImage(w, h)
	m.Pix = noise(3 * w * h)
	return m
}

func TestResizeAgainstPillowAndOpenCV(t *testing.T) {
	cases, _ := resizeCases(t)
	for _, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			f, err := ParseFilter(c.Filter)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Resize(noiseImage(c.From[0], c.From[1]), c.To[0], c.To[1], f)
			if err != nil {
				t.Fatal(err)
			}
			tolerance := 0 // Pillow is met exactly, OpenCV rounds once and not twice
			if kernels[f].plain {
				tolerance = 1
			}
			if len(got.Pix) != len(c.RGB) {
				t.Fatalf("%d values, want %d", len(got.Pix), len(c.RGB))
			}
			if d := largestDifference(got.Pix, c.RGB); d > tolerance {
				t.Errorf("differs by up to %d, want at most %d", d, tolerance)
			}
		})
	}
}

func largestDifference(a, b []uint8) int {
	largest := 0
	for i := range a {
		largest = max(largest, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return largest
}

func TestResizeFloatAgainstOpenCVAndPillow(t *testing.T) {
	_, cases := resizeCases(t)
	for _, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			f, err := ParseFilter(c.Filter)
			if err != nil {
				t.Fatal(err)
			}
			var src []float32
			for _, v := range noise(c.From[0] * c.From[1]) {
				src = append(src, (float32(v)-128)/32)
			}
			got, err := ResizeFloat(src, c.From[0], c.From[1], c.To[0], c.To[1], f)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(c.Values) {
				t.Fatalf("%d values, want %d", len(got), len(c.Values))
			}
			for i := range got {
				// Values reach 4, and the references are computed in float32.
				if d := math.Abs(float64(got[i] - c.Values[i])); d > 4e-6 {
					t.Fatalf("value %d is %v, want %v", i, got[i], c.Values[i])
				}
			}
		})
	}
}

// An even picture stays even under every filter and size.
func TestResizeKeepsAnEvenPicture(t *testing.T) {
	m := NewImage(37, 23)
	fill(m.Pix, [3]uint8{0, 100, 255})
	for f := range filterNames {
		for _, size := range [][2]int{{1, 1}, {5, 60}, {37, 23}, {224, 7}} {
			got, err := Resize(m, size[0], size[1], Filter(f))
			if err != nil {
				t.Fatal(err)
			}
			want := NewImage(size[0], size[1])
			fill(want.Pix, [3]uint8{0, 100, 255})
			if d := largestDifference(got.Pix, want.Pix); d != 0 {
				t.Errorf("%v to %v differs by %d", Filter(f), size, d)
			}
		}
	}
}

func TestResizeDoesNotShareMemory(t *testing.T) {
	m := noiseImage(4, 3)
	before := m.Pix[0]
	same, err := Resize(m, 4, 3, Bilinear)
	if err != nil {
		t.Fatal(err)
	}
	same.Pix[0] = before + 1
	if m.Pix[0] != before {
		t.Error("a change of the result changed the source")
	}
}

func TestResizeFloatKeepsInfinityLocal(t *testing.T) {
	src := []float32{float32(math.Inf(1)), 0, 1, 2}
	got, err := ResizeFloat(src, 4, 1, 4, 1, PlainBilinear)
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(float64(got[0]), 1) || got[1] != 0 || got[2] != 1 || got[3] != 2 {
		t.Errorf("got %v, want the source", got)
	}
}

func TestSizesThatCannotBeMade(t *testing.T) {
	m := noiseImage(4, 3)
	for name, ask := range map[string]func() error{
		"no width":          func() error { _, err := Resize(m, 0, 3, Bilinear); return err },
		"negative":          func() error { _, err := Resize(m, 4, -1, Nearest); return err },
		"huge":              func() error { _, err := Resize(m, 900_000, 900_000, Bilinear); return err },
		"huge in between":   func() error { _, err := Resize(NewImage(1, 900_000), 900_000, 1, Bilinear); return err },
		"overflowing":       func() error { _, err := Resize(m, math.MaxInt, math.MaxInt, Bilinear); return err },
		"unknown filter":    func() error { _, err := Resize(m, 2, 2, Filter(99)); return err },
		"map of wrong size": func() error { _, err := ResizeFloat(make([]float32, 5), 2, 3, 4, 4, Bilinear); return err },
		"huge map":          func() error { _, err := ResizeFloat(nil, math.MaxInt, 2, 4, 4, Bilinear); return err },
		"crop beyond":       func() error { _, err := Crop(m, 2, 0, 3, 3); return err },
		"crop overflowing":  func() error { _, err := Crop(m, math.MaxInt, 0, 3, 3); return err },
		"negative margin":   func() error { _, err := Pad(m, -1, 0, 0, 0, [3]uint8{}); return err },
		"huge margin":       func() error { _, err := Pad(m, math.MaxInt, math.MaxInt, 0, 0, [3]uint8{}); return err },
	} {
		if err := ask(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

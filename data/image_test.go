package data

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
)

// An imageCase is one picture of testdata/images as Pillow reads it.
type imageCase struct {
	File  string
	Size  [2]int
	Alpha bool
	RGB   []byte
}

func imageCases(t testing.TB) []imageCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/images.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Images []imageCase }
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Images) == 0 {
		t.Fatal("testdata/images.json holds no cases")
	}
	return doc.Images
}

// tolerance is how far a decoded value may be from Pillow's. JPEG's inverse
// transform may round a sample by 1 the other way, which the colour conversion
// can make 3; four-channel pictures have their colours repeated rather than
// interpolated. Everything else is exact.
func (c imageCase) tolerance() int {
	if strings.Contains(c.File, ".jpg") {
		return 3
	}
	return 0
}

func TestReadsWhatPillowReads(t *testing.T) {
	for _, c := range imageCases(t) {
		t.Run(c.File, func(t *testing.T) {
			m, err := OpenImage(filepath.Join("testdata/images", c.File))
			if err != nil {
				t.Fatal(err)
			}
			if m.W != c.Size[0] || m.H != c.Size[1] || len(m.Pix) != len(c.RGB) {
				t.Fatalf("%d x %d with %d values, want %v with %d", m.W, m.H, len(m.Pix), c.Size, len(c.RGB))
			}
			if m.Source.Alpha != c.Alpha {
				t.Errorf("Alpha is %v, want %v", m.Source.Alpha, c.Alpha)
			}
			if d := largestDifference(m.Pix, c.RGB); d > c.tolerance() {
				t.Errorf("differs by up to %d, want at most %d", d, c.tolerance())
			}
		})
	}
}

func TestSource(t *testing.T) {
	for file, want := range map[string]Source{
		"odd_420.jpg":         {"jpeg", RGB, 8, 1, false},
		"really_a.jpg.png":    {"jpeg", RGB, 8, 1, false},
		"grey.jpg":            {"jpeg", Grey, 8, 1, false},
		"cmyk.jpg":            {"jpeg", CMYK, 8, 1, false},
		"orientation_7.jpg":   {"jpeg", RGB, 8, 7, false},
		"rgba.png":            {"png", RGB, 8, 1, true},
		"grey16.png":          {"png", Grey, 16, 1, false},
		"rgb16.png":           {"png", RGB, 16, 1, false},
		"palette.png":         {"png", Palette, 8, 1, false},
		"moving.gif":          {"gif", Palette, 8, 1, false},
		"palette4.bmp":        {"bmp", Palette, 8, 1, false},
		"bits32_alpha.bmp":    {"bmp", RGB, 8, 1, true},
		"rgba.bmp":            {"bmp", RGB, 8, 1, false}, // its header says nothing of alpha
		"lossless_alpha.webp": {"webp", RGB, 8, 1, true},
		"orientation_8.webp":  {"webp", RGB, 8, 8, false},
		"grey16.tiff":         {"tiff", Grey, 16, 1, false},
		"orientation_5.tiff":  {"tiff", RGB, 8, 5, false},
		"palette.tiff":        {"tiff", Palette, 8, 1, false},
		"orientation_6.png":   {"png", RGB, 8, 6, false},
		"transparent.gif":     {"gif", Palette, 8, 1, true},
		"rgb_packbits.tiff":   {"tiff", RGB, 8, 1, false},
		"lossy_even.webp":     {"webp", RGB, 8, 1, false},
		"moving_alpha.webp":   {"webp", RGB, 8, 1, true},
	} {
		m, err := OpenImage(filepath.Join("testdata/images", file))
		if err != nil {
			t.Errorf("%v", err)
		} else if m.Source != want {
			t.Errorf("%s: %+v, want %+v", file, m.Source, want)
		}
	}
}

// The real photos and their sizes, as other programs tell them.
func TestPhotos(t *testing.T) {
	for _, tc := range []struct {
		file   string
		w, h   int
		format string
		mode   Mode
	}{
		{"bird_coral.bmp", 512, 343, "bmp", RGB},
		{"both_dog_cat_gradcam.png", 224, 224, "png", RGB},
		{"bus_coco.jpg", 810, 1080, "jpeg", RGB},
		{"cat_285_glow.png", 224, 224, "png", RGB},
		{"cat_coral.bmp", 512, 341, "bmp", RGB},
		{"dog_cat_lucid.jpg", 550, 367, "jpeg", RGB},
		{"dog_samoyed_pytorch_hub.jpg", 1546, 1213, "jpeg", RGB},
		{"grace_hopper_coral.bmp", 512, 600, "bmp", RGB},
		{"kitten_winml.png", 976, 549, "jpeg", RGB},
		{"parrot_coral.jpg", 512, 929, "jpeg", RGB},
		{"puppies.jpg", 1600, 1200, "jpeg", RGB},
		{"skimage_camera.png", 512, 512, "png", Grey},
		{"skimage_chelsea.png", 451, 300, "png", RGB},
		{"skimage_hubble_deep_field.jpg", 1000, 872, "jpeg", RGB},
		{"yolo_dog_bike_truck.jpg", 768, 576, "jpeg", RGB},
	} {
		t.Run(tc.file, func(t *testing.T) {
			m, err := OpenImage(shared.Path(t, "data/photos/"+tc.file))
			if err != nil {
				t.Fatal(err)
			}
			want := Source{tc.format, tc.mode, 8, 1, false}
			if m.W != tc.w || m.H != tc.h || m.Source != want {
				t.Errorf("%d x %d %+v, want %d x %d %+v", m.W, m.H, m.Source, tc.w, tc.h, want)
			}
		})
	}
}

// 0.299 R + 0.587 G + 0.114 B for the pure colours, and grey kept.
func TestLuma(t *testing.T) {
	m := NewImage(5, 1)
	copy(m.Pix, []uint8{255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 77, 77, 77})
	want := []uint8{76, 150, 29, 255, 77}
	if d := largestDifference(m.Luma(), want); d != 0 {
		t.Errorf("Luma is %v, want %v", m.Luma(), want)
	}
}

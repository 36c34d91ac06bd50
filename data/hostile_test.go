package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/internal/shared"
)

// mustBeOrderly checks that a file is either read, whole, or refused with a
// sentence that says what to do.
func mustBeOrderly(t testing.TB, raw []byte) (refused error) {
	t.Helper()
	begun := time.Now()
	m, err := ReadImage(bytes.NewReader(raw))
	if took := time.Since(begun); took > time.Minute { // the largest take some tenths of a second
		t.Fatalf("%d bytes took %v", len(raw), took)
	}
	if err == nil {
		if m.W < 1 || m.H < 1 || len(m.Pix) != 3*m.W*m.H {
			t.Fatalf("%d x %d pixels with %d values", m.W, m.H, len(m.Pix))
		}
		return nil
	}
	var e *Error
	if !errors.As(err, &e) || e.Problem == "" || e.Advice == "" {
		t.Fatalf("%#v is not an error that helps", err)
	}
	return err
}

func sampleFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	paths, err := filepath.Glob("testdata/images/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no sample pictures: %v", err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = raw
	}
	return files
}

func TestTruncatedFiles(t *testing.T) {
	for name, raw := range sampleFiles(t) {
		t.Run(name, func(t *testing.T) {
			for n := 0; n < len(raw); n += 1 + n/40 {
				mustBeOrderly(t, raw[:n])
			}
			if mustBeOrderly(t, raw[:len(raw)/2]) == nil && !strings.Contains(name, ".gif") && !strings.HasPrefix(name, "moving") {
				t.Error("half of it was read as a whole")
			}
		})
	}
}

func TestTruncatedPhoto(t *testing.T) {
	raw, err := os.ReadFile(shared.Path(t, "data/photos/kitten_winml.png"))
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(raw)-2; n += len(raw) / 60 {
		if mustBeOrderly(t, raw[:n]) == nil {
			t.Errorf("%d of %d bytes were read as a whole", n, len(raw))
		}
	}
}

func TestDamagedFiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, raw := range sampleFiles(t) {
		t.Run(name, func(t *testing.T) {
			for range 60 {
				bad := bytes.Clone(raw)
				for range 1 + random.IntN(4) {
					bad[random.IntN(len(bad))] = byte(random.Uint32())
				}
				mustBeOrderly(t, bad)
			}
		})
	}
}

// pngClaiming returns a PNG whose header claims a size and that has no pixels.
func pngClaiming(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	ihdr = append(ihdr, 8, 2, 0, 0, 0)
	raw := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(raw, crc32.ChecksumIEEE(ihdr))
}

// claiming returns a sample file with the bytes at an offset replaced.
func claiming(t *testing.T, name string, at int, with ...byte) []byte {
	raw := bytes.Clone(sampleFiles(t)[name])
	copy(raw[at:], with)
	return raw
}

// frameHeader returns where a JPEG's height and width stand.
func frameHeader(t *testing.T, raw []byte) int {
	i := bytes.Index(raw, []byte{0xff, 0xc0, 0, 17, 8})
	if i < 0 {
		t.Fatal("no frame header")
	}
	return i + 5
}

func TestClaims(t *testing.T) {
	jpegAt := frameHeader(t, sampleFiles(t)["odd_420.jpg"])
	for name, tc := range map[string]struct {
		raw  []byte
		want string
	}{
		"png of 65535 x 65535":    {pngClaiming(65535, 65535), "65535 x 65535 pixels are above the limit"},
		"png without width":       {pngClaiming(0, 5), "png"},
		"png of one long row":     {pngClaiming(1<<30, 1), "above the limit"},
		"png too short for it":    {pngClaiming(9000, 9000), "cannot be in its 33 bytes"},
		"jpeg of 65535 x 65535":   {claiming(t, "odd_420.jpg", jpegAt, 0xff, 0xff, 0xff, 0xff), "65535 x 65535 pixels are above the limit"},
		"jpeg without size":       {claiming(t, "odd_420.jpg", jpegAt, 0, 0, 0, 0), "0 x 0 pixels"},
		"jpeg too short for it":   {claiming(t, "odd_420.jpg", jpegAt, 0x27, 0x10, 0x27, 0x10), "10000 x 10000 pixels, which cannot be in its"},
		"jpeg with 12 bits":       {claiming(t, "odd_420.jpg", jpegAt-1, 12), "12 bits per sample"},
		"jpeg with arithmetic":    {claiming(t, "odd_420.jpg", jpegAt-4, 0xc9), "arithmetic coding"},
		"lossless jpeg":           {claiming(t, "odd_420.jpg", jpegAt-4, 0xc3), "lossless"},
		"gif of 65535 x 65535":    {claiming(t, "plain.gif", 6, 0xff, 0xff, 0xff, 0xff), "above the limit"},
		"gif without size":        {claiming(t, "plain.gif", 6, 0, 0, 0, 0), "0 x 0 pixels"},
		"bmp of 65535 x 65535":    {claiming(t, "rgb.bmp", 18, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0), "above the limit"},
		"bmp too short for it":    {claiming(t, "rgb.bmp", 18, 0, 0x20, 0, 0, 0, 0x20, 0, 0), "cannot be in its"},
		"bmp of negative width":   {claiming(t, "rgb.bmp", 18, 0xff, 0xff, 0xff, 0xff), "pixels"},
		"bmp of the least height": {claiming(t, "rgb.bmp", 22, 0, 0, 0, 0x80), "pixels"},
		"bmp with a png inside":   {claiming(t, "rgb.bmp", 30, 5), "compression 5"},
		"bmp of 3 bits":           {claiming(t, "rgb.bmp", 28, 3), "3 bits per pixel"},
		"webp of 16383 x 16383":   {claiming(t, "lossy_odd.webp", 26, 0xff, 0x3f, 0xff, 0x3f), "above the limit"},
		"webp of 12000 x 12000":   {claiming(t, "lossy_odd.webp", 26, 0xe0, 0x2e, 0xe0, 0x2e), "GB of memory"},
		"tiff of 65535 x 65535":   {tiffClaiming(t, 65535, 65535), "above the limit"},
		"tiff without size":       {tiffClaiming(t, 0, 0), "zero-size"},
		"tiff with huge strips":   {tiffWithStripBytes(t, 0x7fffffff), "claims 2147483647 bytes of pixel data"},
		"text":                    {[]byte("hello, this is a text file\n"), "not a picture"},
		"a photo of a telephone":  {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "it is a HEIC file"},
		"nothing":                 {nil, "empty"},
		"one byte":                {[]byte{0xff}, "not a picture"},
		"a bmp's magic in a text": {[]byte("BMW is a maker of cars in Munich, Germany"), "not a picture"},
		"an audio file of RIFF":   {[]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "not a picture"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := mustBeOrderly(t, tc.raw)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("it was read")
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%q does not tell %q", err, tc.want)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
				t.Errorf("%d MiB were taken to refuse it", got>>20)
			}
		})
	}
}

// tiffEntry returns where the directory entry of a tag stands.
func tiffEntry(t *testing.T, raw []byte, tag uint16) int {
	d := parseDirectory(raw)
	for i := 0; i < len(d.entries); i += 12 {
		if d.order.Uint16(d.entries[i:]) == tag {
			return bytes.Index(raw, d.entries[i:i+12])
		}
	}
	t.Fatalf("no tag %d", tag)
	return 0
}

func tiffClaiming(t *testing.T, w, h uint32) []byte {
	raw := bytes.Clone(sampleFiles(t)["grey.tiff"])
	for tag, v := range map[uint16]uint32{256: w, 257: h} {
		at := tiffEntry(t, raw, tag)
		binary.LittleEndian.PutUint16(raw[at+2:], 4)
		binary.LittleEndian.PutUint32(raw[at+8:], v)
	}
	return raw
}

func tiffWithStripBytes(t *testing.T, n uint32) []byte {
	raw := bytes.Clone(sampleFiles(t)["grey.tiff"])
	at := tiffEntry(t, raw, 279)
	binary.LittleEndian.PutUint16(raw[at+2:], 4)
	binary.LittleEndian.PutUint32(raw[at+8:], n)
	return raw
}

// A tiff with separate planes would be read as nonsense.
func TestPlanarTIFF(t *testing.T) {
	raw := bytes.Clone(sampleFiles(t)["rgb_raw.tiff"])
	binary.LittleEndian.PutUint16(raw[tiffEntry(t, raw, 284)+8:], 2)
	if err := mustBeOrderly(t, raw); err == nil || !strings.Contains(err.Error(), "separate planes") {
		t.Errorf("got %v", err)
	}
}

// A progressive JPEG of 8000 x 8000 pixels with 5000 scans is some 100 KB long
// and would be decoded for hours.
func TestScanBomb(t *testing.T) {
	raw := bytes.Clone(sampleFiles(t)["progressive.jpg"])
	at := bytes.Index(raw, []byte{0xff, 0xc2, 0, 17, 8}) + 5
	copy(raw[at:], []byte{0x1f, 0x40, 0x1f, 0x40})
	scan := bytes.Index(raw, []byte{0xff, 0xda})
	end := scan + 2 + bytes.Index(raw[scan+2:], []byte{0xff, 0xda})
	bomb := bytes.Clone(raw[:scan])
	for range 5000 {
		bomb = append(bomb, raw[scan:end]...)
	}
	if err := mustBeOrderly(t, bomb); err == nil || !strings.Contains(err.Error(), "5000 scans") {
		t.Errorf("got %v", err)
	}
}

// A decoder that panics makes a refused file of it.
func TestPanicOfADecoder(t *testing.T) {
	c := codec{name: "png", survey: surveyPNG, decode: func([]byte) (*Image, error) { panic("index out of range") }}
	m, err := c.read(sampleFiles(t)["rgb.png"])
	if m != nil || err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("got %v, %v", m, err)
	}
}

// The first frame of a GIF need not fill the screen.
func TestSmallFrameOfAGIF(t *testing.T) {
	red := color.RGBA{255, 0, 0, 255}
	frame := image.NewPaletted(image.Rect(1, 2, 3, 3), color.Palette{red})
	var raw bytes.Buffer
	err := gif.EncodeAll(&raw, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{ColorModel: frame.Palette, Width: 4, Height: 4}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadImage(&raw)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 4 {
		for x := range 4 {
			want := color.Color(color.RGBA{255, 255, 255, 255})
			if (image.Pt(x, y)).In(frame.Rect) {
				want = red
			}
			if m.At(x, y) != want {
				t.Errorf("pixel (%d, %d) is %v, want %v", x, y, m.At(x, y), want)
			}
		}
	}
}

func TestPanicInABand(t *testing.T) {
	defer func() {
		if p := recover(); p != "here" {
			t.Errorf("recovered %v", p)
		}
	}()
	inBands(1000, 1<<17, func(y0, y1 int) { panic("here") })
	t.Error("no panic")
}

func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.jpg")
	if err := os.WriteFile(broken, sampleFiles(t)["odd_420.jpg"][:700], 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		broken:                           "ends early, after 700 bytes",
		dir:                              "it is a folder",
		filepath.Join(dir, "absent.png"): "check the name",
	} {
		_, err := OpenImage(path)
		if err == nil || strings.Count(err.Error(), path) != 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s once and tell %q", err, path, want)
		}
	}
}

func TestImageIsAnImage(t *testing.T) {
	m := noiseImage(5, 4)
	var raw bytes.Buffer
	if err := png.Encode(&raw, m); err != nil {
		t.Fatal(err)
	}
	back, err := ReadImage(&raw)
	if err != nil {
		t.Fatal(err)
	}
	wantPicture(t, "after PNG", back, m)
	direct, err := FromImage(m)
	if err != nil {
		t.Fatal(err)
	}
	wantPicture(t, "FromImage", direct, m)
	if _, err := FromImage(image.NewRGBA(image.Rect(0, 0, 0, 3))); err == nil {
		t.Error("an empty picture was taken")
	}
}

// FuzzReadImage: go test -fuzz FuzzReadImage ./data
func FuzzReadImage(f *testing.F) {
	for _, raw := range sampleFiles(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) { mustBeOrderly(t, raw) })
}

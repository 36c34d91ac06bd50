package data

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestPortableMaps(t *testing.T) {
	for name, tt := range map[string]struct {
		file string
		want []uint8 // grey if one for each of the two pixels
	}{
		"bits as text":      {"P1 # a comment\n2 1\n10", []uint8{0, 255}},
		"grey as text":      {"P2\n2 1\n# so many\n100\n50 100\n", []uint8{128, 255}},
		"colours as text":   {"P3 2 1 255 1 2 3\n4 5 6", []uint8{1, 2, 3, 4, 5, 6}},
		"bits":              {"P4\n2 1\n\x40", []uint8{255, 0}},
		"grey":              {"P5\n2 1\n255\n\x07\xff", []uint8{7, 255}},
		"colours":           {"P6 2 1 255 \x01\x02\x03\x04\x05\x06", []uint8{1, 2, 3, 4, 5, 6}},
		"colours of 16 bit": {"P6 2 1 65535\n\xff\xff\x00\x00\x80\x80\x01\x00\x00\xff\x7f\x7f", []uint8{255, 0, 128, 1, 1, 127}},
	} {
		m, err := ReadImage(strings.NewReader(tt.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := tt.want
		if len(want) == 2 {
			want = []uint8{want[0], want[0], want[0], want[1], want[1], want[1]}
		}
		if m.W != 2 || m.H != 1 || m.Source.Format != "pnm" || !slices.Equal(m.Pix, want) {
			t.Errorf("%s: %d x %d %v, want %v", name, m.W, m.H, m.Pix, want)
		}
	}
	for _, damaged := range []string{"P6 2 1 255 \x01\x02", "P2 2 1", "P3 99999999 99999999 255 1", "P5 2 1 0 \x01", "P1 ", "P4\n9 9\n\x00"} {
		if m, err := ReadImage(bytes.NewReader([]byte(damaged))); err == nil {
			t.Errorf("%q gives %d x %d", damaged, m.W, m.H)
		}
	}
}

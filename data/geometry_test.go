package data

import (
	"bytes"
	"testing"
)

// letters returns a picture whose pixels have the letters' values in all three
// channels, one row per string.
func letters(rows ...string) *Image {
	m := NewImage(len(rows[0]), len(rows))
	for y, row := range rows {
		for x := range row {
			copy(m.row(y)[3*x:], []uint8{row[x], row[x], row[x]})
		}
	}
	return m
}

func wantPicture(t *testing.T, what string, got, want *Image) {
	t.Helper()
	if got.W != want.W || got.H != want.H || !bytes.Equal(got.Pix, want.Pix) {
		t.Errorf("%s: got %dx%d %q, want %dx%d %q", what, got.W, got.H, got.Luma(), want.W, want.H, want.Luma())
	}
}

// The eight cases of EXIF's orientation, each as the pictures that must be
// stored to be seen as the first one.
func TestTurned(t *testing.T) {
	upright := letters("abc", "def")
	for orientation, stored := range map[int]*Image{
		1: upright,
		2: letters("cba", "fed"),
		3: letters("fed", "cba"),
		4: letters("def", "abc"),
		5: letters("ad", "be", "cf"),
		6: letters("cf", "be", "ad"),
		7: letters("fc", "eb", "da"),
		8: letters("da", "eb", "fc"),
	} {
		wantPicture(t, string(rune('0'+orientation)), stored.turned(orientation), upright)
	}
	wantPicture(t, "FlipHorizontal", FlipHorizontal(upright), letters("cba", "fed"))
	wantPicture(t, "FlipVertical", FlipVertical(upright), letters("def", "abc"))
}

func TestCropAndPad(t *testing.T) {
	m := letters("abcd", "efgh", "ijkl")
	got, err := Crop(m, 1, 1, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	wantPicture(t, "Crop", got, letters("fg", "jk"))
	got, err = Pad(m, 1, 0, 2, 1, [3]uint8{'.', '.', '.'})
	if err != nil {
		t.Fatal(err)
	}
	wantPicture(t, "Pad", got, letters(".abcd..", ".efgh..", ".ijkl..", "......."))
}

// What torchvision's CenterCrop gives for odd and even remainders.
func TestCenterCrop(t *testing.T) {
	m := letters("abcde", "fghij", "klmno")
	for _, tc := range []struct {
		w, h int
		want *Image
	}{
		{5, 3, m},
		{3, 1, letters("ghi")},
		{4, 2, letters("abcd", "fghi")},   // a margin of 0.5 rounds to 0
		{2, 3, letters("cd", "hi", "mn")}, // 1.5 rounds to 2
		{6, 5, letters("\x00\x00\x00\x00\x00\x00", "abcde\x00", "fghij\x00", "klmno\x00", "\x00\x00\x00\x00\x00\x00")},
		{1, 5, letters("\x00", "c", "h", "m", "\x00")},
	} {
		got, err := CenterCrop(m, tc.w, tc.h)
		if err != nil {
			t.Fatal(err)
		}
		wantPicture(t, "CenterCrop", got, tc.want)
	}
}

func TestShorterSide(t *testing.T) {
	for _, tc := range [][5]int{ // w, h, n, and the size
		{1600, 1200, 256, 341, 256},
		{512, 929, 256, 256, 464},
		{7, 7, 3, 3, 3},
	} {
		if w, h := ShorterSide(tc[0], tc[1], tc[2]); w != tc[3] || h != tc[4] {
			t.Errorf("ShorterSide(%v) = %d, %d, want %v", tc[:3], w, h, tc[3:])
		}
	}
}

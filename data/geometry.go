package data

import "math"

// ShorterSide returns the size of a w x h picture scaled so that its shorter
// side is n and its shape is kept; the longer side is rounded down, as in
// torchvision's Resize(n).
func ShorterSide(w, h, n int) (int, int) {
	if w <= h {
		return n, int(float64(n) * float64(h) / float64(w))
	}
	return int(float64(n) * float64(w) / float64(h)), n
}

// Crop returns the w x h pixels of m whose top left is column x, row y. The
// rectangle must lie inside m.
func Crop(m *Image, x, y, w, h int) (*Image, error) {
	if err := checkSize(w, h); err != nil {
		return nil, err
	}
	if x < 0 || y < 0 || x > m.W-w || y > m.H-h {
		return nil, problem("choose a rectangle inside the picture, or pad it first",
			"%d x %d pixels at (%d, %d) reach beyond the picture of %d x %d", w, h, x, y, m.W, m.H)
	}
	return m.window(x, y, w, h, [3]uint8{}), nil
}

// CenterCrop returns the middle w x h pixels of m. Where m is smaller it is
// padded with black, and an odd remainder is split, as torchvision's CenterCrop
// does: a margin of n and a half goes to the even neighbour.
func CenterCrop(m *Image, w, h int) (*Image, error) {
	if err := checkSize(w, h); err != nil {
		return nil, err
	}
	return m.window(middle(m.W, w), middle(m.H, h), w, h, [3]uint8{}), nil
}

// middle returns where a centred window of m begins on an axis of n.
func middle(n, m int) int {
	if m > n {
		return -((m - n) / 2)
	}
	return int(math.RoundToEven(float64(n-m) / 2))
}

// Pad returns m with margins in pixels, each 0 or more, of one RGB colour.
func Pad(m *Image, left, top, right, bottom int, color [3]uint8) (*Image, error) {
	for _, n := range []int{left, top, right, bottom} {
		if n < 0 || n > maxPixels {
			return nil, problem("give margins from 0 up", "a margin of %d pixels cannot be made", n)
		}
	}
	w, h := m.W+left+right, m.H+top+bottom
	if err := checkSize(w, h); err != nil {
		return nil, err
	}
	return m.window(-left, -top, w, h, color), nil
}

// window returns the w x h pixels from (x, y) on, with color outside m.
func (m *Image) window(x, y, w, h int, color [3]uint8) *Image {
	out := m.like(w, h)
	if color != ([3]uint8{}) {
		fill(out.Pix, color)
	}
	x0, x1 := max(x, 0), min(x+w, m.W)
	if x0 >= x1 {
		return out
	}
	for sy := max(y, 0); sy < min(y+h, m.H); sy++ {
		copy(out.row(sy - y)[3*(x0-x):], m.row(sy)[3*x0:3*x1])
	}
	return out
}

func fill(pix []uint8, color [3]uint8) {
	for i := 0; i < len(pix); i += 3 {
		copy(pix[i:], color[:])
	}
}

// FlipHorizontal returns m mirrored left to right.
func FlipHorizontal(m *Image) *Image { return m.turned(2) }

// FlipVertical returns m mirrored top to bottom.
func FlipVertical(m *Image) *Image { return m.turned(4) }

// turned returns the picture that stands upright when m was stored with an EXIF
// orientation (EXIF 2.32, 4.6.4, tag 274): 2 mirrored, 3 by a half turn, 4
// upside down, 5 to 8 with rows and columns exchanged.
func (m *Image) turned(orientation int) *Image {
	w, h := m.W, m.H
	first, right, down := 0, 1, w // in pixels of m: the new first one, and steps
	switch orientation {
	case 2:
		first, right, down = w-1, -1, w
	case 3:
		first, right, down = w*h-1, -1, -w
	case 4:
		first, right, down = (h-1)*w, 1, -w
	case 5:
		first, right, down = 0, w, 1
	case 6:
		first, right, down = (h-1)*w, -w, 1
	case 7:
		first, right, down = w*h-1, -w, -1
	case 8:
		first, right, down = w-1, w, -1
	}
	if orientation >= 5 {
		w, h = h, w
	}
	out := m.like(w, h)
	for y := range h {
		row, at := out.row(y), first+y*down
		for x := 0; x < len(row); x, at = x+3, at+right {
			copy(row[x:x+3], m.Pix[3*at:3*at+3])
		}
	}
	return out
}

package data

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// What a picture may cost. A file states its size in a few bytes, so the size
// is checked before memory is taken for it.
const (
	maxFileBytes   = 1 << 30     // of an image file
	maxPixels      = 200_000_000 // of a picture
	maxSide        = 1_000_000   // pixels of a row or column
	maxDecodeBytes = 1 << 30     // of the decoder's picture and the RGB one together
)

// checkSize refuses sizes that no picture may have.
func checkSize(w, h int) error {
	if w < 1 || h < 1 {
		return problem("ask for at least 1 x 1", "a picture of %d x %d pixels cannot be made", w, h)
	}
	if tooLarge(w, h) {
		return problem("ask for a smaller one", "a picture of %d x %d pixels is above the limit of %d million pixels and %d a side",
			w, h, maxPixels/1_000_000, maxSide)
	}
	return nil
}

func tooLarge(w, h int) bool {
	return w > maxSide || h > maxSide || int64(w)*int64(h) > maxPixels
}

// A survey is what the headers of an image file claim.
type survey struct {
	w, h        int
	orientation int     // EXIF, 1 to 8
	perPixel    float64 // bytes that the decoder takes for a pixel
	densest     float64 // pixels that a byte of the file can hold at most; 0 when there is no bound
}

// bytes returns the memory that decoding takes: the decoder's picture, the RGB
// one, and once more that when it is turned.
func (s survey) bytes() float64 {
	rgb := 3.0
	if s.orientation > 1 {
		rgb = 6
	}
	return float64(s.w) * float64(s.h) * (s.perPixel + rgb)
}

// decoding bounds what all pictures that are decoded at a time take together,
// however many processors or requests there are. Small ones do not wait.
var decoding = semaphore.NewWeighted(2 * maxDecodeBytes)

// reserve waits until there is memory for decoding a picture; the function it
// returns gives it back.
func (s survey) reserve() (release func()) {
	n := int64(s.bytes())
	if err := decoding.Acquire(context.Background(), n); err != nil {
		panic(err) // only a context ends the waiting, and this one never does
	}
	return func() { decoding.Release(n) }
}

// check refuses a file whose claims are beyond the limits, or beyond what a
// file of its length can hold.
func (s survey) check(fileBytes int) error {
	if s.w < 1 || s.h < 1 {
		return problem("get an undamaged copy", "it claims to be %d x %d pixels", s.w, s.h)
	}
	if tooLarge(s.w, s.h) {
		return problem("scale it down with another program first", "its %d x %d pixels are above the limit of %d million pixels and %d a side",
			s.w, s.h, maxPixels/1_000_000, maxSide)
	}
	pixels := float64(s.w) * float64(s.h)
	if need := s.bytes(); need > maxDecodeBytes {
		return problem("scale it down with another program first", "decoding its %d x %d pixels would take %.1f GB of memory, above the limit of %.1f",
			s.w, s.h, need/1e9, float64(maxDecodeBytes)/1e9)
	}
	const tooSmallToMatter = 1 << 20
	if s.densest > 0 && pixels > s.densest*float64(fileBytes)+tooSmallToMatter {
		return problem("get an undamaged copy", "it claims %d x %d pixels, which cannot be in its %d bytes", s.w, s.h, fileBytes)
	}
	return nil
}

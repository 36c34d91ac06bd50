package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
)

// OpenImage reads the picture in a file; see [ReadImage].
func OpenImage(path string) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, in(path, openProblem(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, in(path, problem("name a picture in it", "it is a folder, not a picture"))
	}
	m, err := ReadImage(f)
	return m, in(path, err)
}

// openProblem says what the system's error means without repeating the path.
func openProblem(err error) error {
	advice := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		advice = "check the name and the folder"
	case errors.Is(err, fs.ErrPermission):
		advice = "allow reading it"
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		return &Error{Problem: "it cannot be opened: " + at.Err.Error(), Advice: advice, Err: err}
	}
	return &Error{Problem: err.Error(), Advice: advice, Err: err}
}

// ReadImage decodes a picture: JPEG, PNG, GIF, BMP, WebP, TIFF or PNM, known by
// its content. The result is what the Python Imaging Library's convert("RGB") gives
// (JPEG within rounding, chroma interpolated as libjpeg does), with these
// choices:
//
//   - the EXIF orientation of JPEG, PNG, WebP and TIFF is applied;
//   - transparent pixels are laid over white;
//   - of 16 bits per channel the upper 8 are kept;
//   - of several frames or pages the first is read;
//   - a colour profile is ignored.
//
// A picture has at most 200 million pixels, a side at most a million, and
// decoding takes at most 1 GiB besides the file; larger ones, damaged ones and
// kinds that are not supported are an *[Error]. No input makes it panic.
func ReadImage(r io.Reader) (*Image, error) {
	head := make([]byte, headBytes)
	n, err := io.ReadFull(r, head)
	if err != nil && !endsEarly(err) {
		return nil, readProblem(err)
	}
	head = head[:n]
	c := codecOf(head)
	if c == nil {
		return nil, unknownFormat(head)
	}
	raw, err := readAll(io.MultiReader(bytes.NewReader(head), r))
	if err != nil {
		return nil, err
	}
	return c.read(raw)
}

func readProblem(err error) error {
	return &Error{Problem: "it cannot be read: " + err.Error(), Advice: "check the disk or connection it comes from", Err: err}
}

// readAll reads a whole image file of bounded length.
func readAll(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFileBytes+1))
	if err != nil {
		return nil, readProblem(err)
	}
	if len(raw) > maxFileBytes {
		return nil, problem("scale it down with another program first", "the file is longer than the limit of %d MiB", maxFileBytes>>20)
	}
	return raw, nil
}

// read decodes a file of the codec's format. The decoders are others' code and
// see hostile bytes, so that a panic in one is taken as a damaged file.
func (c *codec) read(raw []byte) (m *Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, problem("get an undamaged copy, or convert it to PNG", "the %s is damaged in a way that its decoder cannot handle (%v)", c.name, p)
		}
	}()
	s, err := c.survey(raw)
	if err != nil {
		return nil, c.explain(err, len(raw))
	}
	if err := s.check(len(raw)); err != nil {
		return nil, err
	}
	defer s.reserve()()
	if m, err = c.decode(raw); err != nil {
		return nil, c.explain(err, len(raw))
	}
	m.Source.Format = c.name
	if s.orientation > 1 {
		m = m.turned(s.orientation)
		m.Source.Orientation = s.orientation
	}
	return m, nil
}

// explain turns a decoder's error into one that says what to do.
func (c *codec) explain(err error, length int) error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	if endsEarly(err) {
		return &Error{Problem: fmt.Sprintf("the %s ends early, after %d bytes", c.name, length), Advice: "get a complete copy", Err: err}
	}
	return &Error{Problem: fmt.Sprintf("the %s cannot be decoded: %v", c.name, err), Advice: "get an undamaged copy, or convert it to PNG", Err: err}
}

// surveyed returns the survey of a format whose decoder tells the size.
func surveyed(config image.Config, err error) (survey, error) {
	return survey{w: config.Width, h: config.Height, orientation: 1, perPixel: pixelBytes(config.ColorModel)}, err
}

package server

import (
	"bytes"
	"cmp"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
)

// maxUpload bounds a picture that is dropped in.
const maxUpload = 32 << 20

// dropImage takes a picture or an array as the body of a form, field "image", or
// a mask, field "mask".
func (s *Server) dropImage(r *http.Request) (any, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, fault.Userf("a picture is sent as a multipart form: %w", err)
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, fault.Userf("the form holds no field called image or mask")
		}
		isMask := part.FormName() == "mask"
		if part.FormName() != "image" && !isMask {
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(part, maxUpload+1))
		if err != nil {
			return nil, fault.Userf("the picture did not arrive whole: %w", err)
		}
		if len(raw) > maxUpload {
			// A browser that is cut off while it sends would not see the answer.
			_, _ = io.CopyN(io.Discard, part, 8*maxUpload)
			return nil, fault.Userf("the picture has more than %d MB", maxUpload>>20)
		}
		return s.workspace.upload(cmp.Or(part.FileName(), "picture"), raw, isMask)
	}
}

// sendImage sends a picture anew from its pixels: whatever else a file holds
// stays where it is. ?side=160 makes its longer side that long.
func (s *Server) sendImage(w http.ResponseWriter, r *http.Request) {
	f, err := s.findImage(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	side := max(16, number(r.URL.Query().Get("side"), 2048, 10_000))
	tag := fmt.Sprintf(`"%s-%d"`, shortSum([]byte(f.stamp())), side)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	raw, kind, err := f.encode(side)
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, no-cache") // asked for again, by its tag
	w.Header().Set("ETag", tag)
	_, _ = w.Write(raw)
}

func (s *Server) findImage(r *http.Request) (*imageFile, error) {
	if err := s.workspace.scan(r.Context(), false); err != nil {
		return nil, err
	}
	return s.workspace.imageByID(r.PathValue("id"))
}

// encode returns the picture as a browser shows it, and its type.
func (f *imageFile) encode(side int) ([]byte, string, error) {
	img, err := f.read()
	if err != nil {
		return nil, "", err
	}
	return encodePicture(img, side)
}

func encodePicture(img *data.Image, side int) ([]byte, string, error) {
	img, err := shrink(img, side)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	if img.W*img.H <= 256*256 {
		err = png.Encode(&b, img)
		return b.Bytes(), "image/png", err
	}
	err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 88})
	return b.Bytes(), "image/jpeg", err
}

func shrink(img *data.Image, side int) (*data.Image, error) {
	long := max(img.W, img.H)
	if long <= side {
		return img, nil
	}
	return data.Resize(img, max(1, img.W*side/long), max(1, img.H*side/long), data.Box)
}

// fileName makes a name for a download out of a figure's title.
func fileName(title, format string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, title)
	if len(clean) > 60 {
		clean = clean[:60]
	}
	return strings.TrimRight("tomo-"+strings.Trim(clean, "-."), "-") + "." + format
}

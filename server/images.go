package server

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
)

// maxUpload bounds a picture that is dropped in.
const maxUpload = 32 << 20

// dropImage takes a picture as the body of a form, field "image".
func (s *Server) dropImage(r *http.Request) (any, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, fault.Userf("a picture is sent as a multipart form: %w", err)
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, fault.Userf("the form holds no field called image")
		}
		if part.FormName() != "image" {
			continue
		}
		body := &io.LimitedReader{R: part, N: maxUpload + 1}
		img, err := s.workspace.upload(filepath.Base(part.FileName()), body)
		if body.N <= 0 {
			return nil, fault.Userf("the picture has more than %d MB", maxUpload>>20)
		}
		return img, err
	}
}

// sendImage sends a picture anew from its pixels: whatever else a file holds
// stays where it is. ?side=160 makes its longer side that long.
func (s *Server) sendImage(w http.ResponseWriter, r *http.Request) {
	raw, kind, err := s.imageBytes(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_, _ = w.Write(raw)
}

func (s *Server) imageBytes(r *http.Request) ([]byte, string, error) {
	if err := s.workspace.scan(r.Context(), false); err != nil {
		return nil, "", err
	}
	f, err := s.workspace.imageByID(r.PathValue("id"))
	if err != nil {
		return nil, "", err
	}
	img, err := f.read()
	if err != nil {
		return nil, "", err
	}
	side := number(r.URL.Query().Get("side"), 2048)
	if img, err = shrink(img, max(side, 16)); err != nil {
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
	return fmt.Sprintf("tomo-%s.%s", strings.Trim(clean, "-."), format)
}

package server

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/render"
)

// sendFigure sends KEY as JSON for the app, and KEY.png, KEY.svg, ... as files.
// While its job runs, or after it was stopped, that is what there is so far.
func (s *Server) sendFigure(w http.ResponseWriter, r *http.Request) {
	key, format, isFile := strings.Cut(r.PathValue("key"), ".")
	fig, err := s.figures.get(key)
	if err != nil {
		if fig = s.jobs.partial(key); fig == nil {
			s.fail(w, err)
			return
		}
	}
	if !isFile {
		format = "json"
	}
	if fig, err = restyle(fig, r.URL.Query()); err != nil {
		s.fail(w, err)
		return
	}
	var b bytes.Buffer
	opt := render.Options{Theme: render.Theme(r.URL.Query().Get("theme"))}
	if err := render.Write(&b, fig, format, opt); err != nil {
		s.fail(w, fault.AsUser(err))
		return
	}
	w.Header().Set("Content-Type", mimeType(format))
	w.Header().Set("Cache-Control", "private, no-cache")
	if isFile {
		name := fileName(fig.Caption().Title, format)
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	}
	_, _ = io.Copy(w, &b)
}

func mimeType(format string) string {
	switch format {
	case "npz":
		return "application/zip"
	case "dot":
		return "text/vnd.graphviz; charset=utf-8"
	}
	return mime.TypeByExtension("." + format)
}

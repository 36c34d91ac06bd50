package mlflow

import (
	"context"
	"mime"
	"net/http"
	"os"
	"path"
	"strings"

	"github.com/tomo-viz/tomo/track"
)

// artifact answers what clients ask of one file: it is sent, replaced, or
// deleted.
func (h *Handler) artifact(w http.ResponseWriter, r *http.Request, p string) {
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		h.sendArtifact(w, r, p)
		return
	case http.MethodPut:
		err = h.putArtifact(r, p)
	case http.MethodDelete:
		err = h.deleteArtifact(r.Context(), p)
	default:
		err = fail("ENDPOINT_NOT_FOUND", "an artifact cannot be asked for with %s", r.Method)
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	send(w, http.StatusOK, struct{}{})
}

// sendArtifact sends a file to be saved. A browser never shows it: it would have
// the rights of the app.
func (h *Handler) sendArtifact(w http.ResponseWriter, r *http.Request, p string) {
	name, err := h.artifacts.clean(p)
	if err != nil {
		h.fail(w, err)
		return
	}
	var f *os.File
	root, err := h.artifacts.folder(false)
	if err == nil {
		f, err = root.Open(name)
	}
	if err != nil {
		h.fail(w, noFile(err, p))
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		h.fail(w, absent("there is no artifact %q", p))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(p)}))
	w.Header().Set("Content-Security-Policy", "sandbox")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", info.ModTime(), f)
}

func noFile(err error, p string) error {
	if missing(err) {
		return absent("there is no artifact %q", p)
	}
	return err
}

// putArtifact keeps a file of a run or of a logged model.
func (h *Handler) putArtifact(r *http.Request, p string) error {
	name, err := h.artifacts.clean(p)
	if err != nil {
		return err
	}
	own, rest, err := h.owner(r.Context(), p)
	if err != nil {
		return err
	}
	if rest == "" {
		return invalid("%q names no file", p)
	}
	replaced, err := h.artifacts.save(name, r.Body)
	if err != nil || replaced || own == nil {
		return err
	}
	return h.recordImage(r.Context(), own, rest, name)
}

func (h *Handler) deleteArtifact(ctx context.Context, p string) error {
	name, err := h.artifacts.clean(p)
	if err != nil {
		return err
	}
	if _, _, err := h.owner(ctx, p); err != nil {
		return err
	}
	return noFile(h.artifacts.remove(name), p)
}

// owner finds what artifacts belong to: a run, or a logged model, for which it
// returns nil. Their paths end in RUN/artifacts/... or models/MODEL/artifacts/...;
// other folders of that name may lie before, where an experiment is kept, and
// behind, among the artifacts.
func (h *Handler) owner(ctx context.Context, p string) (r *track.Run, rest string, err error) {
	err = invalid("artifacts belong to a run or a logged model, and %.200q to neither", p)
	parts := strings.Split(p, "/")
	for i, part := range parts {
		if i == 0 || part != "artifacts" {
			continue
		}
		if i > 1 && parts[i-2] == "models" {
			_, _, err = h.model(ctx, parts[i-1])
		} else {
			r, err = runID{ID: parts[i-1]}.findActive(ctx, h)
		}
		if err == nil || told(err).Code != "RESOURCE_DOES_NOT_EXIST" {
			return r, strings.Join(parts[i+1:], "/"), err
		}
	}
	return nil, "", err
}

// getArtifact sends an artifact of a run to a browser.
func (h *Handler) getArtifact(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	run, err := runID{ID: q.Get("run_id"), UUID: q.Get("run_uuid")}.find(r.Context(), h)
	if err != nil {
		h.fail(w, err)
		return
	}
	root, err := h.artifactsOf(r.Context(), run)
	if err == nil {
		root, err = below(root, q.Get("path"))
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	h.sendArtifact(w, r, root)
}

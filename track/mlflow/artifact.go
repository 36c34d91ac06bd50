package mlflow

import (
	"context"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
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
	if errors.Is(err, fs.ErrNotExist) {
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
// returns nil. Their paths end in RUN/artifacts/... or models/MODEL/artifacts/...
func (h *Handler) owner(ctx context.Context, p string) (r *track.Run, rest string, err error) {
	parts := strings.Split(p, "/")
	i := slices.Index(parts, "artifacts")
	if i < 1 {
		return nil, "", invalid("artifacts belong to a run or a logged model, and %.200q to neither", p)
	}
	rest = strings.Join(parts[i+1:], "/")
	if i > 1 && parts[i-2] == "models" {
		_, _, err = h.model(ctx, parts[i-1])
		return nil, rest, err
	}
	r, err = runID{ID: parts[i-1]}.findActive(ctx, h)
	return r, rest, err
}

// loggedImage is the name under which clients put an image that was logged at a
// step, as it was; a small copy of it has another.
var loggedImage = regexp.MustCompile(`^images/(.+)([%+])step[%+](-?\d+)[%+]timestamp[%+](\d+)[%+][0-9a-f-]{36}\.png$`)

// maxImage bounds the images that become records.
const maxImage = 32 << 20

// recordImage makes an image that was logged at a step a record of its run.
func (h *Handler) recordImage(ctx context.Context, r *track.Run, rest, name string) error {
	m := loggedImage.FindStringSubmatch(rest)
	if m == nil {
		return nil
	}
	step, err := strconv.ParseInt(m[3], 10, 64)
	at, err2 := strconv.ParseInt(m[4], 10, 64)
	if errors.Join(err, err2) != nil || at > maxMillis {
		return nil // it stays an artifact
	}
	root, err := h.artifacts.folder(false)
	if err != nil {
		return err
	}
	if info, err := root.Stat(name); err != nil || info.Size() > maxImage {
		return err
	}
	body, err := root.ReadFile(name)
	if err != nil {
		return err
	}
	key := strings.NewReplacer("~", "/", "#", "/").Replace(m[1])
	return h.store.Log(ctx, r, &track.Batch{Records: []track.Record{{Kind: track.Image, Name: key, Step: float64(step), Time: at * 1000, Body: body}}})
}

// listFolder lists a folder as clients do that read artifacts through the
// server.
func (h *Handler) listFolder(_ context.Context, q *struct {
	Path string `json:"path"`
}) (any, error) {
	name, err := h.artifacts.clean(q.Path)
	if err != nil {
		return nil, err
	}
	files, err := h.artifacts.list(name, "")
	return map[string][]fileInfo{"files": files}, err
}

type artifactList struct {
	Root  string     `json:"root_uri"`
	Files []fileInfo `json:"files"`
}

// listArtifacts lists the artifacts of a run.
func (h *Handler) listArtifacts(ctx context.Context, q *struct {
	runID
	Path string `json:"path"`
}) (any, error) {
	r, err := q.find(ctx, h)
	if err != nil {
		return nil, err
	}
	root, err := h.artifactsOf(ctx, r)
	if err != nil {
		return nil, err
	}
	return h.listBelow(root, q.Path)
}

func (h *Handler) listModelArtifacts(ctx context.Context, q *struct {
	modelID
	Path string `json:"artifact_directory_path"`
}) (any, error) {
	m, _, err := h.model(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	return h.listBelow(m.Info.Artifacts, q.Path)
}

func (h *Handler) artifactsOf(ctx context.Context, r *track.Run) (string, error) {
	p, err := h.store.ProjectNamed(ctx, r.Project)
	if err != nil {
		return "", err
	}
	return infoOf(r, p, "").Artifacts, nil
}

func (h *Handler) listBelow(root, p string) (any, error) {
	full, err := below(root, p)
	if err != nil {
		return nil, err
	}
	name, err := h.artifacts.clean(full)
	if err != nil {
		return nil, err
	}
	files, err := h.artifacts.list(name, p)
	return artifactList{root, files}, err
}

// below is the path of an artifact, if its root is in this server's folder.
func below(root, p string) (string, error) {
	own, ok := strings.CutPrefix(root, "mlflow-artifacts:/")
	if !ok {
		return "", unsupported("the artifacts lie in %s, which this server does not read", root)
	}
	own = strings.TrimLeft(own, "/")
	if p == "" {
		return own, nil
	}
	if path.Clean("/"+p) != "/"+strings.TrimSuffix(p, "/") {
		return "", invalid("%.200q is no path of an artifact", p)
	}
	return own + "/" + p, nil
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

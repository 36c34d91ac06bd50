package mlflow

import (
	"context"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/tomo-viz/tomo/track"
)

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

// maxListed bounds the entries of a folder that are listed.
const maxListed = 100_000

// list returns what a folder holds, with names that begin with prefix; nothing
// for what is no folder.
func (a *artifacts) list(name, prefix string) ([]fileInfo, error) {
	out := []fileInfo{}
	root, err := a.folder(false)
	if err == nil {
		var info fs.FileInfo
		info, err = root.Stat(name)
		if err == nil && !info.IsDir() {
			return out, nil
		}
	}
	if missing(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(root.FS(), filepath.ToSlash(name))
	if err != nil {
		return nil, err
	}
	if len(entries) > maxListed {
		return nil, invalid("the folder %q holds %d entries, of which at most %d can be listed", name, len(entries), maxListed)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.Name() == uploading {
			continue // deleted meanwhile
		}
		f := fileInfo{Path: path.Join(prefix, e.Name()), IsDir: e.IsDir()}
		if !f.IsDir {
			f.Size = info.Size()
		}
		out = append(out, f)
	}
	return out, nil
}

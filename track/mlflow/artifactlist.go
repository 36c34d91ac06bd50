package mlflow

import (
	"context"
	"path"
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

package mlflow

import (
	"context"
	"net/http"
	"strings"

	"github.com/tomo-viz/tomo/track"
)

// Options are what a handler is made with.
type Options struct {
	// Artifacts is the folder in which artifacts are kept, which is made when the
	// first one comes; without one they are refused.
	Artifacts string
	// MaxArtifact and MaxArtifacts bound the bytes of one artifact and of all;
	// 0 means 4 GiB and 64 GiB.
	MaxArtifact, MaxArtifacts int64
	// Failed is told what goes wrong on the server's side; it may be nil.
	Failed func(error)
}

// A Handler answers what clients of MLflow ask. It is made to be mounted at
// Paths.
type Handler struct {
	store     *track.Store
	artifacts *artifacts
	failed    func(error)
	mux       *http.ServeMux

	runs, models *locks // those of models may be taken by who holds one of runs
}

// Paths are the addresses that a server hands to a Handler: the API, under both
// of its names, and what clients ask beside it.
var Paths = []string{
	"/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/",
	"/api/2.0/mlflow-artifacts/", "/ajax-api/2.0/mlflow-artifacts/",
	"/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/",
	"/get-artifact", "/version", "/health",
}

// version is that of the MLflow whose clients are answered.
const version = "3.17.0"

// New makes a handler over a store.
func New(store *track.Store, opt Options) *Handler {
	if opt.Failed == nil {
		opt.Failed = func(error) {}
	}
	h := &Handler{store: store, artifacts: newArtifacts(opt), failed: opt.Failed, mux: http.NewServeMux(), runs: newLocks(), models: newLocks()}
	for pattern, answer := range routes {
		h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { answer(h, w, r) })
	}
	h.mux.HandleFunc("/", h.unknown)
	return h
}

// Close frees the folder of artifacts.
func (h *Handler) Close() error { return h.artifacts.Close() }

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	own := *r
	address := *r.URL
	for _, prefix := range []string{"/api/2.0", "/ajax-api/2.0", "/ajax-api/3.0"} {
		if rest, ok := strings.CutPrefix(address.Path, prefix); ok {
			address.Path, address.RawPath = rest, ""
			if prefix == "/ajax-api/3.0" {
				address.Path = "/api/3.0" + rest
			}
			break
		}
	}
	own.URL = &address
	if rest, ok := strings.CutPrefix(address.Path, "/mlflow-artifacts/artifacts/"); ok {
		h.artifact(w, &own, rest) // whose path a ServeMux would clean
		return
	}
	h.mux.ServeHTTP(w, &own)
}

// An answer answers a request of one route.
type answer func(*Handler, http.ResponseWriter, *http.Request)

// call makes an answer of a function from a message to another.
func call[Q any](limit int64, do func(*Handler, context.Context, *Q) (any, error)) answer {
	return func(h *Handler, w http.ResponseWriter, r *http.Request) {
		var q Q
		if err := decode(w, r, limit, &q); err != nil {
			h.fail(w, err)
			return
		}
		if p, ok := any(&q).(interface{ fromPath(*http.Request) }); ok {
			p.fromPath(r)
		}
		out, err := do(h, r.Context(), &q)
		if err != nil {
			h.fail(w, err)
			return
		}
		if out == nil {
			out = struct{}{}
		}
		send(w, http.StatusOK, out)
	}
}

func (h *Handler) fail(w http.ResponseWriter, err error) {
	f := told(err)
	if f.Code == "INTERNAL_ERROR" {
		h.failed(err)
	}
	send(w, f.status, f)
}

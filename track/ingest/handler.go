package ingest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/wire"
)

// Options bound what a handler takes in. Zeros are the defaults.
type Options struct {
	// MaxBody is how many bytes a request may have; 32 MiB.
	MaxBody int64
	// InFlight is how many bytes of requests are in memory at a time, counted as
	// the points that they may hold; 256 MiB.
	InFlight int64
	// Patience is for how long a request waits for room before it is told to come
	// again; 5 s.
	Patience time.Duration
	// Failed is told what goes wrong on the server's side; it may be nil.
	Failed func(error)
}

// A Handler takes runs into a store. It is made to be mounted at Patterns.
type Handler struct {
	store *track.Store
	opt   Options
	room  *semaphore.Weighted
	mux   *http.ServeMux
}

// routes is the table of contents.
var routes = map[string]func(*Handler, *http.Request, []byte) (any, error){
	"POST /api/runs":            (*Handler).create,
	"POST /api/runs/{id}/batch": (*Handler).batch,
	"POST /api/runs/{id}/cut":   (*Handler).cut,
	"POST /api/runs/{id}/end":   (*Handler).end,
}

// Patterns are the routes that a server hands to a Handler.
func Patterns() []string {
	var out []string
	for pattern := range routes {
		out = append(out, pattern)
	}
	return out
}

// New makes a handler over a store.
func New(store *track.Store, opt Options) *Handler {
	if opt.MaxBody == 0 {
		opt.MaxBody = 32 << 20
	}
	if opt.InFlight == 0 {
		opt.InFlight = 256 << 20
	}
	if opt.Patience == 0 {
		opt.Patience = 5 * time.Second
	}
	if opt.Failed == nil {
		opt.Failed = func(error) {}
	}
	h := &Handler{store: store, opt: opt, room: semaphore.NewWeighted(opt.InFlight), mux: http.NewServeMux()}
	for pattern, answer := range routes {
		h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, answer) })
	}
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// slowest is how long a body may take to arrive.
const slowest = time.Minute

// serve reads a request when there is room for it, and answers.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, answer func(*Handler, *http.Request, []byte) (any, error)) {
	w.Header().Set("Cache-Control", "no-store")
	size, err := h.sizeOf(r)
	if err != nil {
		h.fail(w, err)
		return
	}
	waiting, stop := context.WithTimeout(r.Context(), h.opt.Patience)
	defer stop()
	if h.room.Acquire(waiting, size) != nil {
		h.fail(w, errBusy)
		return
	}
	defer h.room.Release(size)
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(slowest)) // not every writer can
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.opt.MaxBody))
	var out any
	if err == nil {
		out, err = answer(h, r, raw)
	} else {
		err = unread(err)
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", wire.JSON)
	_ = json.NewEncoder(w).Encode(out) // who does not listen loses the answer, and sends again
}

// expansion is how many times its size a body may take in memory as points.
const (
	expansionJSON    = 12
	expansionColumns = 4
)

// sizeOf is how much room a request may need: more when it does not say how long
// it is. It is never more than there is.
func (h *Handler) sizeOf(r *http.Request) (int64, error) {
	length := r.ContentLength
	if length < 0 {
		length = h.opt.MaxBody
	}
	if length > h.opt.MaxBody {
		return 0, &http.MaxBytesError{Limit: h.opt.MaxBody}
	}
	expansion := int64(expansionJSON)
	if kind, err := kindOf(r); err != nil {
		return 0, err
	} else if kind == wire.Columns {
		expansion = expansionColumns
	}
	return min(length*expansion, h.opt.InFlight), nil
}

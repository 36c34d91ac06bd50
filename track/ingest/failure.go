package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/wire"
)

// A failure is an error as it is answered.
type failure struct {
	Text   string `json:"error"`
	Kind   string `json:"kind"`
	status int
}

func (f *failure) Error() string { return f.Text }

var errBusy = &failure{"The server takes in as much as it can; send this again in a moment.", "busy", http.StatusTooManyRequests}

// refuse is about a request that is wrong.
func refuse(format string, args ...any) error {
	return &failure{fmt.Errorf(format, args...).Error(), "user", http.StatusBadRequest}
}

// unread is about a body that did not come.
func unread(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return err
	}
	return refuse("The request could not be read to its end: %w", err)
}

// told is how an error of any kind is answered.
func told(err error) *failure {
	var known *failure
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &long):
		return &failure{fmt.Sprintf("The request is longer than %d bytes; send it in parts.", long.Limit), "user", http.StatusRequestEntityTooLarge}
	case errors.Is(err, track.ErrNoRun):
		return &failure{err.Error(), "notfound", http.StatusNotFound}
	case errors.Is(err, track.ErrRefused):
		return &failure{err.Error(), "user", http.StatusBadRequest}
	case errors.Is(err, track.ErrClosed):
		return &failure{"The server is closing.", "busy", http.StatusServiceUnavailable}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &failure{"The request ended before it was answered.", "busy", http.StatusServiceUnavailable}
	case errors.Is(err, track.ErrFull):
		return &failure{err.Error(), "full", http.StatusInsufficientStorage}
	}
	return &failure{"This is a bug in Tomo: " + err.Error(), "bug", http.StatusInternalServerError}
}

func (h *Handler) fail(w http.ResponseWriter, err error) {
	f := told(err)
	if f.Kind == "bug" || f.Kind == "full" {
		h.opt.Failed(err)
	}
	if f.Kind == "busy" || f.Kind == "full" {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", wire.JSON)
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(f)
}

// kindOf is the type of a body; without one it is JSON.
func kindOf(r *http.Request) (string, error) {
	given := r.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(given)
	switch {
	case given == "" || kind == wire.JSON:
		return wire.JSON, nil
	case err == nil && kind == wire.Columns:
		return wire.Columns, nil
	}
	return "", &failure{fmt.Sprintf("The Content-Type %q is not taken; there are %s and %s.", given, wire.JSON, wire.Columns), "user", http.StatusUnsupportedMediaType}
}

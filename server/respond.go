package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track"
)

// notFound is an error about something that is not there.
type notFound struct{ text string }

func (e notFound) Error() string { return e.text }

// busy is an error of a server that has enough to do.
type busy struct{ text string }

func (e busy) Error() string { return e.text }

// wrongMethod is an error about an address that knows other methods.
type wrongMethod struct{ text string }

func (e wrongMethod) Error() string { return e.text }

// failure is the JSON form of an error.
type failure struct {
	Error string `json:"error"`
	Kind  string `json:"kind"` // user, bug, cancelled, notfound, busy
}

// classify says how an error is told, and its status. It is the only place
// that knows.
func classify(err error) (failure, int) {
	var absent notFound
	var full busy
	var method wrongMethod
	switch {
	case errors.As(err, &method):
		return failure{err.Error(), "user"}, http.StatusMethodNotAllowed
	case errors.As(err, &absent):
		return failure{err.Error(), "notfound"}, http.StatusNotFound
	case errors.As(err, &full):
		return failure{err.Error(), "busy"}, http.StatusTooManyRequests
	case errors.Is(err, context.Canceled):
		return failure{"stopped", "cancelled"}, http.StatusConflict
	case errors.Is(err, track.ErrClosed):
		return failure{"Tomo is being closed, and its runs cannot be read any more; start it again", "user"}, http.StatusServiceUnavailable
	case fault.IsUser(err):
		return failure{err.Error(), "user"}, http.StatusBadRequest
	}
	return failure{"This is a bug in Tomo: " + err.Error(), "bug"}, http.StatusInternalServerError
}

// an endpoint answers with a value for JSON, or an error.
type endpoint func(*http.Request) (any, error)

// protect answers a panic like any other bug, with its stack in the log.
func (s *Server) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { // how handlers end a connection
				panic(p)
			}
			s.log.Printf("panic: %v\n%s", p, debug.Stack())
			s.fail(w, fmt.Errorf("panic: %v", p))
		}()
		next.ServeHTTP(w, r)
	})
}

// readJSON reads what a request asks for, of at most so many bytes.
func readJSON(r *http.Request, most int64, into any) error {
	body := json.NewDecoder(http.MaxBytesReader(nil, r.Body, most))
	body.DisallowUnknownFields()
	if err := body.Decode(into); err != nil {
		return fault.Userf("the request is no JSON that Tomo knows: %w", err)
	}
	return nil
}

func (s *Server) json(answer endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := answer(r)
		if err != nil {
			s.fail(w, err)
			return
		}
		raw, err := json.Marshal(v)
		if err != nil {
			s.fail(w, err)
			return
		}
		writeJSON(w, raw, http.StatusOK)
	}
}

func (s *Server) fail(w http.ResponseWriter, err error) {
	f, status := classify(err)
	if f.Kind == "bug" {
		s.log.Println(err)
	}
	raw, _ := json.Marshal(f)
	writeJSON(w, raw, status)
}

func writeJSON(w http.ResponseWriter, raw []byte, status int) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

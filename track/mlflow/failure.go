package mlflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/tomo-viz/tomo/track"
)

// A failure is an error as MLflow's clients know it: a code, on which they
// decide, and a text, which they show.
type failure struct {
	Code   string `json:"error_code"`
	Text   string `json:"message"`
	status int
}

func (f *failure) Error() string { return f.Text }

// Clients try again what fails with the status 408, 429, 500, 502, 503 or 504;
// so what is for good has another.
var statuses = map[string]int{
	"INVALID_PARAMETER_VALUE": http.StatusBadRequest,
	"RESOURCE_ALREADY_EXISTS": http.StatusBadRequest,
	"RESOURCE_DOES_NOT_EXIST": http.StatusNotFound,
	"ENDPOINT_NOT_FOUND":      http.StatusNotFound,
	"RESOURCE_EXHAUSTED":      http.StatusRequestEntityTooLarge,
	"NOT_IMPLEMENTED":         http.StatusNotImplemented,
	"TEMPORARILY_UNAVAILABLE": http.StatusServiceUnavailable,
	"INTERNAL_ERROR":          http.StatusInternalServerError,
}

func fail(code, format string, args ...any) error {
	return &failure{code, fmt.Sprintf(format, args...), statuses[code]}
}

func invalid(format string, args ...any) error {
	return fail("INVALID_PARAMETER_VALUE", format, args...)
}

func absent(format string, args ...any) error {
	return fail("RESOURCE_DOES_NOT_EXIST", format, args...)
}

func unsupported(format string, args ...any) error {
	return fail("NOT_IMPLEMENTED", format, args...)
}

// told is how an error of any kind is told to a client.
func told(err error) *failure {
	var known *failure
	var tooLong *http.MaxBytesError
	code := "INTERNAL_ERROR"
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &tooLong):
		err = fmt.Errorf("the request has more than the %d bytes that are taken at a time", tooLong.Limit)
		code = "INVALID_PARAMETER_VALUE"
	case errors.Is(err, io.ErrUnexpectedEOF):
		err, code = errors.New("the request ended before all of it had come"), "INVALID_PARAMETER_VALUE"
	case errors.Is(err, track.ErrRefused):
		code = "INVALID_PARAMETER_VALUE"
	case errors.Is(err, track.ErrNoRun), errors.Is(err, track.ErrNoProject), errors.Is(err, track.ErrNoNote):
		code = "RESOURCE_DOES_NOT_EXIST"
	case errors.Is(err, track.ErrProjectExists):
		code = "RESOURCE_ALREADY_EXISTS"
	case errors.Is(err, track.ErrClosed), errors.Is(err, track.ErrFull), errors.Is(err, context.Canceled):
		code = "TEMPORARILY_UNAVAILABLE"
	}
	return &failure{code, err.Error(), statuses[code]}
}

func send(w http.ResponseWriter, status int, answer any) {
	raw, err := json.Marshal(answer)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"error_code":"INTERNAL_ERROR","message":"the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

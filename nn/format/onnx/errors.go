package onnx

import (
	"errors"
	"fmt"
)

// A FormatError says why a file is not a model that can be read.
type FormatError struct {
	Path  string // of the file, empty if it was read from memory
	Where string // the part of the file, such as `initializer "w"`; may be empty
	What  string // what is wrong
	Fix   string // what the user can do; may be empty
}

func (e *FormatError) Error() string {
	s := e.What
	if e.Where != "" {
		s = e.Where + ": " + s
	}
	if e.Path != "" {
		s = e.Path + ": " + s
	}
	if e.Fix != "" {
		s += "; " + e.Fix
	}
	return s
}

// bad returns the error of a part of the file.
func bad(where, format string, args ...any) *FormatError {
	return &FormatError{Where: where, What: fmt.Sprintf(format, args...)}
}

// fix adds what the user can do.
func (e *FormatError) fix(what string) *FormatError {
	e.Fix = what
	return e
}

// in says in which part of the file err was met, unless err knows better.
func in(where string, err error) error {
	var format *FormatError
	if !errors.As(err, &format) {
		return bad(where, "%s", err).fix(exportAgain)
	}
	if format.Where == "" {
		format.Where = where
	}
	return format
}

const exportAgain = "export the model again"

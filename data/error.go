package data

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// An Error tells what is wrong with an input: a file that cannot be read, or a
// size that cannot be made. It is the user's to mend, never a bug.
type Error struct {
	Where   string // the path or name of the input; empty when it has none
	Problem string // what is wrong with it
	Advice  string // what to do about it; may be empty
	Err     error  // the cause, if another error is
}

// Error returns one sentence: where, what, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	b.WriteString(e.Problem)
	if e.Advice != "" {
		b.WriteString("; " + e.Advice)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// in returns err as an *Error that names where it happened. An error that
// names its place already keeps it.
func in(where string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if !errors.As(err, &known) {
		return &Error{Where: where, Problem: err.Error(), Err: err}
	}
	if known.Where != "" || where == "" {
		return known
	}
	placed := *known
	placed.Where = where
	return &placed
}

// problem returns an *Error without a place.
func problem(advice, format string, args ...any) *Error {
	return &Error{Problem: fmt.Sprintf(format, args...), Advice: advice}
}

// endsEarly reports whether err means that the data stopped before its end.
func endsEarly(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

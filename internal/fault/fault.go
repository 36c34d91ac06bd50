// Package fault tells mistakes in what a user gave from bugs. A mistake is
// shown as one sentence, ends the program with exit code 2 and is answered by
// the server with status 400; a bug ends it with 1 and is answered with 500.
package fault

import (
	"errors"
	"fmt"
)

// A User error is a mistake in what the user gave: its text says what is
// wrong, where, and what to do.
type User struct{ err error }

func (u *User) Error() string { return u.err.Error() }
func (u *User) Unwrap() error { return u.err }
func (u *User) UserFault()    {}

// Userf makes a User error.
func Userf(format string, args ...any) error { return &User{fmt.Errorf(format, args...)} }

// AsUser marks err as the user's; nil stays nil.
func AsUser(err error) error {
	if err == nil || IsUser(err) {
		return err
	}
	return &User{err}
}

// IsUser reports whether err is, or wraps, a mistake of the user's making: a
// User error, or one whose type has the method UserFault, as those have that
// the layers below find in a model.
func IsUser(err error) bool {
	var u interface {
		error
		UserFault()
	}
	return errors.As(err, &u)
}

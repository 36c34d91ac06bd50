package ort

import (
	"fmt"
	"strings"
)

// A MissingError says that ONNX Runtime's library was not found.
type MissingError struct {
	Tried []string
	Why   string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("ONNX Runtime's library was not found (%s): %s. Get it with \"npm install --ignore-scripts onnxruntime-node\", which holds it for Linux, macOS and Windows, or from https://onnxruntime.ai, and give its path or folder with --ort or %s; or run with --executor native", strings.Join(e.Tried, ", "), e.Why, Env)
}

// UserFault marks it as no bug.
func (e *MissingError) UserFault() {}

// A LibraryError says that a library was found and does not serve.
type LibraryError struct{ Path, Why string }

func (e *LibraryError) Error() string {
	return fmt.Sprintf("ONNX Runtime at %s cannot be used: %s", e.Path, e.Why)
}

// UserFault marks it as no bug.
func (e *LibraryError) UserFault() {}

// An UnsupportedError says that a graph needs what cannot be brought to ONNX
// Runtime: an operator of Tomo's that has no lowering, or a type of value.
type UnsupportedError struct{ Node, Op, Why string }

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("node %q (%s) cannot run on ONNX Runtime: %s; use the native executor", e.Node, e.Op, e.Why)
}

// UserFault marks it as no bug.
func (e *UnsupportedError) UserFault() {}

// A ValueError says that a value of another kind than a tensor of numbers is
// given or asked for.
type ValueError struct{ Kind string }

func (e *ValueError) Error() string {
	return fmt.Sprintf("the executor on ONNX Runtime takes and gives tensors of numbers, and here is a %s; use the native executor", e.Kind)
}

// UserFault marks it as no bug.
func (e *ValueError) UserFault() {}

// A StatusError is what ONNX Runtime says of a call that failed.
type StatusError struct{ Version, Message string }

func (e *StatusError) Error() string {
	return fmt.Sprintf("ONNX Runtime %s: %s", e.Version, e.Message)
}

// A RefusedError says that ONNX Runtime cannot run a model, such as one with an
// operator that it has no kernel for.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%v; the native executor may run it (--executor native)", e.Err)
}
func (e *RefusedError) Unwrap() error { return e.Err }

// UserFault marks it as no bug.
func (e *RefusedError) UserFault() {}

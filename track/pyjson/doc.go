// Package pyjson reads JSON as Python's json module writes it, where NaN,
// Infinity and -Infinity are numbers: the losses that one looks for in a log are
// those that the standard (RFC 8259) cannot spell.
package pyjson

package textlog

import "fmt"

// A Row is what one line says.
type Row struct {
	Line    int64   // its number, from 1
	Step    float64 // of the training, finite
	Time    int64   // microseconds since 1970, 0 where the file does not say
	Numbers []Number
	Texts   []Text
}

// A Number is one value, which may be NaN or infinite.
type Number struct {
	Name  int // index into Reader.Names
	Value float64
}

// A Text is a cell that is no number. One that says what the last one of its
// name said is left out.
type Text struct {
	Name int // index into Reader.Names
	Text string
}

// A LineError is what is wrong in a line; reading goes on behind it.
type LineError struct {
	Line int64
	Err  error
}

// Error gives the number of the line first.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

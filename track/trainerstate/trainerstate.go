// Package trainerstate reads trainer_state.json, which the Trainer of Hugging
// Face's transformers writes into the folder of each checkpoint: everything it
// has logged since the training began, and what it is set to.
package trainerstate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/track/pyjson"
)

// MaxBytes bounds a file. A million entries have about 200 MB.
const MaxBytes = 256 << 20

// A State is one file.
type State struct {
	GlobalStep float64 // the step of the checkpoint
	// Settings are what the trainer is set to and what it says of the whole: the
	// numbers, texts and truth values at the top of the file, but for those that
	// say where it stands and in which process, and those of the trial of a
	// search, under trial_params/.
	Settings map[string]any
	Entries  []Entry
}

// An Entry is what was logged at once.
type Entry struct {
	Step   float64
	Values []Value
	Raw    []byte // as it stands in the file
}

// A Value is one number, which may be NaN or infinite. Names within an object in
// an entry are joined by slashes.
type Value struct {
	Name   string
	Number float64
}

// ErrUnended says that a file ends too early, as while it is written.
var ErrUnended = errors.New("it ends too early")

// Parse reads a file.
func Parse(document []byte) (*State, error) {
	s := &State{Settings: map[string]any{}}
	err := pyjson.Fields(document, s.take)
	if err == nil {
		return s, nil
	}
	if end := bytes.TrimRight(document, " \t\r\n"); len(end) == 0 || end[len(end)-1] != '}' {
		return nil, fmt.Errorf("%w: %w", ErrUnended, err)
	}
	return nil, err
}

func (s *State) take(name string, v pyjson.Leaf) error {
	switch {
	case name == "log_history" && v.Kind == pyjson.Array:
		return pyjson.Items(v.Raw, s.addEntry)
	case name == "trial_params" && v.Kind == pyjson.Object:
		return pyjson.Leaves(v.Raw, func(key []byte, v pyjson.Leaf) error {
			return s.set(name+"/"+string(key), v)
		})
	case name == "global_step":
		s.GlobalStep = v.Number
		return nil
	case name == "epoch", strings.HasPrefix(name, "is_"):
		return nil
	}
	return s.set(name, v)
}

func (s *State) set(name string, v pyjson.Leaf) error {
	switch v.Kind {
	case pyjson.Number, pyjson.Text, pyjson.Bool:
		value, err := pyjson.Value(v.Raw)
		s.Settings[name] = value
		return err
	}
	return nil
}

// addEntry adds what was logged at once. One without a step, which no version
// writes, is at that of the entry before.
func (s *State) addEntry(v pyjson.Leaf) error {
	if v.Kind != pyjson.Object {
		return fmt.Errorf("the entry %d of log_history is no object", len(s.Entries))
	}
	e := Entry{Raw: v.Raw}
	if n := len(s.Entries); n > 0 {
		e.Step = s.Entries[n-1].Step
	}
	err := pyjson.Leaves(v.Raw, func(name []byte, v pyjson.Leaf) error {
		switch {
		case v.Kind != pyjson.Number && v.Kind != pyjson.Bool:
		case string(name) == "step":
			e.Step = v.Number
		default:
			e.Values = append(e.Values, Value{string(name), v.Number})
		}
		return nil
	})
	s.Entries = append(s.Entries, e)
	return err
}

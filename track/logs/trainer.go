package logs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"strings"

	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/trainerstate"
)

// trainerState reads the files that Hugging Face's Trainer writes into the folder
// of each checkpoint: each has all that was logged before, so that of a run only
// the newest counts.
var trainerState = Format{
	Name:  "trainer_state",
	Doc:   "trainer_state.json of Hugging Face's Trainer",
	Named: func(file string) bool { return path.Base(file) == "trainer_state.json" },
	Run: func(file string, _ []byte) string {
		folder := path.Dir(file)
		if strings.HasPrefix(path.Base(folder), "checkpoint-") {
			return path.Dir(folder)
		}
		return folder
	},
	Open: func(state []byte) (Reader, error) {
		r := &trainerReader{}
		if state == nil {
			return r, nil
		}
		return r, json.Unmarshal(state, r)
	},
}

// A trainerReader knows what was handed over: so many entries, whose text has
// that hash, up to a checkpoint. Older checkpoints are passed over while its
// file is there; without it they are those of another training.
type trainerReader struct {
	Entries    int
	Hash       uint64
	GlobalStep float64
	Taken      string // the file, by its path below the root
}

// State implements Reader.
func (r *trainerReader) State() ([]byte, error) { return json.Marshal(r) }

// Read implements Reader. Its position in the file stays 0, since the file is
// written anew each time.
func (r *trainerReader) Read(ctx context.Context, f *File, sink *Sink) error {
	document, err := io.ReadAll(io.NewSectionReader(f, 0, trainerstate.MaxBytes+1))
	if err != nil {
		return err
	}
	if len(document) > trainerstate.MaxBytes {
		return fmt.Errorf("it has more than %d bytes", trainerstate.MaxBytes)
	}
	s, err := trainerstate.Parse(document)
	switch {
	case errors.Is(err, trainerstate.ErrUnended): // it is being written
		sink.LeaveOut("trainer states that end too early")
	case err != nil:
		sink.Complain(err)
	case s.GlobalStep >= r.GlobalStep || r.Taken == "" || f.Path == r.Taken || sink.isGone(r.Taken):
		r.take(s, sink)
		r.Taken = f.Path
	}
	return sink.Done(ctx, 0)
}

// take hands on what is new. A training that went on from an older checkpoint has
// other entries than were handed over.
func (r *trainerReader) take(s *trainerstate.State, sink *Sink) {
	known := r.Entries
	if known > len(s.Entries) || hashOf(s.Entries[:known]) != r.Hash {
		sink.Cut(everything)
		known = 0
	}
	for _, e := range s.Entries[known:] {
		for _, v := range e.Values {
			sink.Point(sink.Column(v.Name), series.Point{Step: e.Step, Value: v.Number})
		}
	}
	for name, v := range s.Settings {
		sink.Config(name, spelled(v))
	}
	r.Entries, r.Hash, r.GlobalStep = len(s.Entries), hashOf(s.Entries), s.GlobalStep
}

func hashOf(entries []trainerstate.Entry) uint64 {
	hash := fnv.New64a()
	for _, e := range entries {
		_, _ = hash.Write(e.Raw) // never fails
	}
	return hash.Sum64()
}

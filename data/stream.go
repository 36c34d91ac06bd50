package data

import (
	"context"
	"iter"
	"runtime"
)

// A Stream reads a data set from end to end. Samples are decoded ahead, several
// at a time, and arrive in order. One that cannot be read is skipped and
// counted; it does not end the stream.
//
//	s := data.NewStream(d)
//	for i, sample := range s.All(ctx) {
//		...
//	}
//	if err := s.Err(); err != nil {
//		...
//	}
type Stream struct {
	// OnSkip, when set, is told of each sample that is skipped, in order.
	OnSkip func(Skip)

	dataset Dataset
	skipped []Skip
	count   int
	err     error
}

// A Skip is a sample that could not be read.
type Skip struct {
	Index int
	Err   error
}

// NewStream returns a stream over d.
func NewStream(d Dataset) *Stream { return &Stream{dataset: d} }

// Skipped returns how many samples were skipped so far, and the first hundred
// of them.
func (s *Stream) Skipped() (int, []Skip) { return s.count, s.skipped }

// Err returns why the stream ended: nil at the end of the data set or where the
// reader stopped, the context's error, or an *Error when not one sample of a
// data set could be read.
func (s *Stream) Err() error { return s.err }

// All yields each sample that can be read with its index in the data set. It
// starts from the beginning each time.
func (s *Stream) All(ctx context.Context) iter.Seq2[int, Sample] {
	return func(yield func(int, Sample) bool) {
		s.skipped, s.count, s.err = nil, 0, nil
		i := -1
		for sample, err := range Ahead(ctx, s.dataset.Len(), runtime.GOMAXPROCS(0), s.dataset.At) {
			if i++; err != nil {
				s.skip(Skip{i, err})
			} else if !yield(i, sample) {
				return
			}
		}
		if s.err = ctx.Err(); s.err == nil {
			s.err = s.nothing()
		}
	}
}

func (s *Stream) skip(k Skip) {
	const remembered = 100
	if s.count++; s.count <= remembered {
		s.skipped = append(s.skipped, k)
	}
	if s.OnSkip != nil {
		s.OnSkip(k)
	}
}

// nothing is the error of a stream in which every sample was skipped.
func (s *Stream) nothing() error {
	if s.count == 0 || s.count < s.dataset.Len() {
		return nil
	}
	first := s.skipped[0].Err
	return &Error{Problem: "none of the samples can be read; the first: " + first.Error(), Err: first}
}

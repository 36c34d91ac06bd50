package logs

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// A brokenReader keeps a setting, and panics.
type brokenReader struct{}

func (brokenReader) Read(_ context.Context, _ *File, sink *Sink) error {
	sink.Config("before", 1)
	var none []int
	_ = none[len(sink.columns)]
	return nil
}

func (brokenReader) State() ([]byte, error) { return nil, nil }

// TestBrokenReader has a reader that panics: its file is told to be damaged, and
// the others are read.
func TestBrokenReader(t *testing.T) {
	before := Formats
	t.Cleanup(func() { Formats = before })
	Formats = append(slices.Clone(before), &Format{
		Name:  "broken",
		Named: func(file string) bool { return strings.HasSuffix(file, ".broken") },
		Open:  func([]byte) (Reader, error) { return brokenReader{}, nil },
	})
	s := newShelf(t)
	s.write("a/x.broken", "anything", 0)
	s.write("b/metrics.csv", "step,loss\n1,2\n", 0)
	s.update()
	s.update()
	s.want("b", "loss 1:2")
	if len(s.problems) != 1 || !strings.Contains(s.problems[0], "x.broken: it cannot be read on in, which is a bug") {
		t.Errorf("problems: %q", s.problems)
	}
}

package viz

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/figure"
)

// skips are the images that one run of a technique has left out.
type skips struct {
	known map[int]bool
	first error
	tell  func(image int, why error) // may be nil
}

func (s *skips) add(image int, why error) {
	if s.known[image] {
		return // a technique may go through its images more than once
	}
	if len(s.known) == 0 {
		s.first = why
	}
	s.known[image] = true
	if s.tell != nil {
		s.tell(image, why)
	}
}

// warn has a figure say how many of so many images it lacks.
func (s *skips) warn(fig figure.Figure, total int) {
	if len(s.known) == 0 {
		return
	}
	about := fig.Caption()
	// What a figure so far warns of is shared with the one in the making.
	about.Warnings = slices.Clip(about.Warnings)
	about.Warn(fmt.Sprintf("%d of %d pictures could not be used and are left out; the first: %v.", len(s.known), total, s.first))
}

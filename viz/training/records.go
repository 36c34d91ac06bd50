package training

import (
	"context"
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// A shelf is the records of one kind and name that one run has, some of them if
// they are many.
type shelf struct {
	run   *subject
	name  string
	count int // of all
	heads []track.RecordHead
}

// title names a shelf, by its run too where there are several.
func (s *session) titleOf(l *shelf) string {
	if len(s.runs) > 1 {
		return l.run.name + " · " + l.name
	}
	return l.name
}

// shelves finds the records of a kind whose names are asked for, most of each,
// evenly among all within the span of steps, and says how many shelves there
// would be more.
func (s *session) shelves(ctx context.Context, kind track.RecordKind, mostShelves, most int) (list []*shelf, left int, err error) {
	names, err := compile("name", s.p.Name)
	if err != nil {
		return nil, 0, err
	}
	var known []string
	for _, r := range s.runs {
		lists, err := r.store.RecordLists(ctx, r.Run, kind)
		if err != nil {
			return nil, 0, err
		}
		for _, l := range lists {
			known = append(known, l.Name)
			if !names.find(l.Name) {
				continue
			}
			if len(list) == mostShelves {
				left++
				continue
			}
			heads, err := r.store.Records(ctx, r.Run, kind, l.Name, 0, 0)
			if err != nil {
				return nil, 0, err
			}
			list = append(list, &shelf{run: r, name: l.Name, count: len(heads), heads: track.Evenly(s.within(heads), most)})
		}
	}
	switch {
	case len(list) > 0:
		return list, left, nil
	case len(known) == 0:
		return nil, 0, viz.Userf("these runs have logged no %s", kind)
	}
	return nil, 0, viz.Userf("no %s is called %s; there are %s", kind, strings.Join(s.p.Name, " or "), strings.Join(known[:min(len(known), 12)], ", "))
}

func (s *session) within(heads []track.RecordHead) []track.RecordHead {
	var out []track.RecordHead
	for _, h := range heads {
		if s.span().Contains(h.Step) {
			out = append(out, h)
		}
	}
	return out
}

// some says of a shelf how many of its records are shown, if not all.
func (l *shelf) some() string {
	if len(l.heads) == l.count {
		return ""
	}
	return fmt.Sprintf("%d of %s", len(l.heads), findings.Plural(l.count, "step"))
}

func (s *session) shelvesLeft(warn func(string), left int) {
	if left > 0 {
		warn(fmt.Sprintf("%d more would not fit; choose by --name.", left))
	}
}

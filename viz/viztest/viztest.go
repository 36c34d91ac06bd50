// Package viztest is the suite that every technique passes: what it says of
// itself is complete, its figures can be kept and drawn in every format, the
// same seed gives the same figure, progress and cancellation work, and input
// that it cannot serve is refused with a sentence for the user.
//
// Every check is a function from a technique to an error, and a line of the
// table below; models, pictures and runs are made in code.
package viztest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/viz"
)

// A check looks at one side of a technique and says all that is wrong with it.
type check struct {
	name string
	run  func(*viz.Method) error
}

var checks = []check{
	{"describes itself", describesItself},
	{"describes its parameters", describesParams},
	{"has examples that parse", hasExamples},
	{"captions its figure", captionsFigure},
	{"can be kept and drawn", canBeDrawn},
	{"repeats itself", repeatsItself},
	{"runs with every choice", runsEveryChoice},
	{"tells its progress", tellsProgress},
	{"stops before it starts", stopsBefore},
	{"stops at a report", stopsAtReport},
	{"stops within a step", stopsWithinStep},
	{"refuses values out of range", refusesValues},
	{"refuses what it cannot serve", refusesInputs},
}

// insteadChecks are for what a technique takes in place of what it needs: those of
// what it makes of its input, and not of what it says of itself.
var insteadChecks = []check{
	{"captions its figure", captionsFigure},
	{"can be kept and drawn", canBeDrawn},
	{"repeats itself", repeatsItself},
	{"runs with a choice or refuses it", runsOrRefuses},
	{"tells its progress", tellsProgress},
	{"stops before it starts", stopsBefore},
	{"stops at a report", stopsAtReport},
	{"refuses what it cannot serve", refusesInputs},
}

// Run applies the suite to the list of techniques.
func Run(t *testing.T, methods []*viz.Method) {
	t.Cleanup(forgetRuns)
	if err := distinct(methods); err != nil {
		t.Error(err)
	}
	for _, m := range methods {
		t.Run(m.Name, func(t *testing.T) { apply(t, checks, m) })
		if m.Instead != 0 {
			t.Run(m.Name+" on "+strings.Join(m.Instead.Names(), ", "), func(t *testing.T) { apply(t, insteadChecks, instead(m)) })
		}
	}
}

func apply(t *testing.T, checks []check, m *viz.Method) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := guarded(c, m); err != nil {
				t.Error(err)
			}
		})
	}
}

// instead is a technique as one that needs what it takes in place of what it
// needs, and takes nothing else.
func instead(m *viz.Method) *viz.Method {
	other := *m
	other.Needs, other.Instead = m.Instead, 0
	return &other
}

// guarded turns a panic into what is wrong.
func guarded(c check, m *viz.Method) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return c.run(m)
}

func distinct(methods []*viz.Method) error {
	var p problems
	seen := map[string]bool{}
	for _, m := range methods {
		p.when(seen[m.Name], "two techniques are called %q", m.Name)
		seen[m.Name] = true
	}
	p.when(len(methods) == 0, "there is no technique")
	return p.err()
}

// problems collects what is wrong, so that one run tells it all.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

func (p *problems) when(wrong bool, format string, args ...any) {
	if wrong {
		p.add(format, args...)
	}
}

func (p *problems) err() error { return errors.Join(*p...) }

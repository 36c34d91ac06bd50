package viz_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
)

type colour string

func (colour) Choices() []viz.Choice { return []viz.Choice{{Name: "red"}, {Name: "green"}} }

type params struct {
	Name     string   `help:"a word"`
	Count    int      `help:"a number" min:"1" max:"9" unit:"pieces"`
	Share    float64  `help:"a share" min:"0"`
	On       bool     `help:"a switch" advanced:"true"`
	Colours  []colour `help:"some colours" name:"colour"`
	MaxItems int      `help:"a bound"`
}

// echo returns its parameters as a table's title.
func echo(got *params) *viz.Method {
	return viz.Define(viz.Spec[params]{
		Name: "echo", Doc: "what it is given", Defaults: params{Name: "a", Count: 3, Colours: []colour{"red"}},
		Run: func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
			in.Progress(viz.Progress{Done: 1, Total: 1}) // never nil
			*got = p
			return &figure.Table{}, ctx.Err()
		},
	})
}

func TestParamsAreDescribed(t *testing.T) {
	list := echo(new(params)).Params()
	var names []string
	for _, p := range list {
		names = append(names, p.Name+":"+p.Type)
	}
	want := "name:string count:int share:float on:bool colour:string max-items:int"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("parameters are %s, want %s", got, want)
	}
	if c := list[1]; *c.Min != 1 || *c.Max != 9 || c.Unit != "pieces" || c.Default.String() != "3" || c.List {
		t.Errorf("count is described as %+v", c)
	}
	if c := list[4]; !c.List || len(c.Choices) != 2 || c.Default.String() != "red" {
		t.Errorf("colours are described as %+v", c)
	}
	if list[2].Max != nil || !list[3].Advanced {
		t.Errorf("share or on is described wrongly: %+v", list[2:4])
	}
}

func TestRunDecodes(t *testing.T) {
	var got params
	fig, err := echo(&got).Run(t.Context(), &viz.Input{Seed: 7}, viz.Values{"count": {"5"}, "on": {"true"}, "colour": {"green", "red"}, "name": {"a"}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Count != 5 || !got.On || len(got.Colours) != 2 || got.Colours[0] != "green" || got.Name != "a" {
		t.Errorf("it was given %+v", got)
	}
	var source []string
	for _, f := range fig.Caption().Source {
		source = append(source, f.Name+"="+f.Value)
	}
	// What equals its default is left out.
	if s := strings.Join(source, " "); s != "technique=echo count=5 on=true colour=green colour=red seed=7" {
		t.Errorf("the figure says it was made with %s", s)
	}
}

func TestRunRefuses(t *testing.T) {
	cases := map[string]struct {
		values viz.Values
		want   string
	}{
		"unknown":  {viz.Values{"cuont": {"5"}}, `did you mean "count"`},
		"not int":  {viz.Values{"count": {"five"}}, "whole number"},
		"too high": {viz.Values{"count": {"10"}}, "1 to 9"},
		"too low":  {viz.Values{"share": {"-1"}}, "at least 0"},
		"NaN":      {viz.Values{"share": {"NaN"}}, "number"},
		"not bool": {viz.Values{"on": {"maybe"}}, "true or false"},
		"choice":   {viz.Values{"colour": {"gren"}}, `did you mean "green"`},
		"two":      {viz.Values{"count": {"1", "2"}}, "one value"},
	}
	for name, c := range cases {
		_, err := echo(new(params)).Run(t.Context(), &viz.Input{}, c.values)
		if err == nil || !viz.IsUser(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want a user's error with %q", name, err, c.want)
		}
	}
}

func TestNeeds(t *testing.T) {
	m := viz.Define(viz.Spec[struct{}]{Name: "look", Needs: viz.NeedsModel | viz.NeedsImage,
		Run: func(context.Context, *viz.Input, struct{}) (figure.Figure, error) { panic("ran without a model") }})
	if _, err := m.Run(t.Context(), &viz.Input{}, nil); !viz.IsUser(err) || !strings.Contains(err.Error(), "model") {
		t.Errorf("without a model: %v", err)
	}
	if got := strings.Join(m.Needs.Names(), " "); got != "model image" {
		t.Errorf("needs are called %q", got)
	}
}

// TestRuns asks for runs, and names them in the caption.
func TestRuns(t *testing.T) {
	m := viz.Define(viz.Spec[struct{}]{Name: "look", Needs: viz.NeedsRuns,
		Run: func(context.Context, *viz.Input, struct{}) (figure.Figure, error) { return &figure.Table{}, nil }})
	if _, err := m.Run(t.Context(), &viz.Input{}, nil); !viz.IsUser(err) || !strings.Contains(err.Error(), "runs") {
		t.Errorf("without runs: %v", err)
	}
	fig, err := m.Run(t.Context(), &viz.Input{Runs: []viz.Run{{Run: &track.Run{ID: "17"}}, {Run: &track.Run{ID: "18", Title: "the best"}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []figure.Fact{{Name: "technique", Value: "look"}, {Name: "run", Value: "17"}, {Name: "run", Value: "the best"}}
	if got := fig.Caption().Source; !slices.Equal(got, want) {
		t.Errorf("the source is %v, want %v", got, want)
	}
}

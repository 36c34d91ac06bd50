package viz

import (
	"context"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/spell"
)

// A Method is a technique. Make one with Define.
type Method struct {
	// Name is the one word for it everywhere: package, verb, route, docs page.
	Name string
	// Doc is one sentence, without the name, that says what it shows.
	Doc string
	// About is what a user should know before believing the picture: a few
	// paragraphs of plain text, with the papers.
	About string
	// Phases are when it is of use; Needs what it works on.
	Phases []Phase
	Needs  Needs
	// Examples are command lines after the program's name, each with a remark.
	Examples []Example
	// Terminal are parameters for a figure that reads well as text; they are
	// used where no file is asked for.
	Terminal Values
	// Verdict are parameters for a report with findings; scripts are told of them by
	// a verb of its own.
	Verdict Values
	// Masks tells that it can use masks of what should matter in the images.
	Masks bool
	// Arrays tells that it takes inputs as arrays, too, already prepared.
	Arrays bool
	// Series tells that it takes several models, such as the checkpoints of a
	// training, and labelled data beside them: pictures, or Input.Arrays.
	Series bool
	// Instead is what it works on in place of Needs, 0 if nothing.
	Instead Needs

	params func() []Param
	run    func(context.Context, *Input, Values) (figure.Figure, error)
}

// An Example is a command line and what it does.
type Example struct {
	Line   string `json:"line"`
	Remark string `json:"remark"`
}

// A Phase is a time in a model's life at which a technique answers a question.
type Phase string

// The four phases, in order.
const (
	Before Phase = "before"
	While  Phase = "while"
	After  Phase = "after"
	InUse  Phase = "in-use"
)

// Phases lists the phases in order.
func Phases() []Phase { return []Phase{Before, While, After, InUse} }

// Needs is the set of things that a technique cannot do without.
type Needs uint8

// What a technique may need.
const (
	NeedsModel     Needs = 1 << iota
	NeedsWeights         // and kernels: the model must run
	NeedsGradients       // every operator on the way must have a gradient
	NeedsImage
	NeedsRuns // of trainings
)

// Has reports whether all of n is among the needs.
func (s Needs) Has(n Needs) bool { return s&n == n }

// Names lists the needs as words.
func (s Needs) Names() []string {
	words := []string{"model", "weights", "gradients", "image", "runs"}
	out := []string{}
	for i, word := range words {
		if s&(1<<i) != 0 {
			out = append(out, word)
		}
	}
	return out
}

// Spec is what Define makes a Method of.
type Spec[P any] struct {
	Name, Doc, About string
	Phases           []Phase
	Needs            Needs
	Examples         []Example
	Terminal         Values
	Verdict          Values
	Masks, Arrays    bool
	Series           bool
	Instead          Needs
	// Defaults holds every parameter's default.
	Defaults P
	// Run computes the figure. If ctx is cancelled it returns what it has so
	// far (or nil) together with ctx.Err().
	Run func(ctx context.Context, in *Input, p P) (figure.Figure, error)
}

// Define makes a technique with parameters of type P, a struct whose fields
// are described by their tags (see Param).
func Define[P any](s Spec[P]) *Method {
	return &Method{
		Name: s.Name, Doc: s.Doc, About: s.About,
		Phases: s.Phases, Needs: s.Needs, Examples: s.Examples, Terminal: s.Terminal, Verdict: s.Verdict, Masks: s.Masks, Arrays: s.Arrays,
		Series: s.Series, Instead: s.Instead,
		// Described when asked, not here: choices may come from tables of the
		// technique's package that are not yet initialized.
		params: func() []Param { return describe(s.Defaults) },
		run: func(ctx context.Context, in *Input, v Values) (figure.Figure, error) {
			p := s.Defaults
			if err := decode(&p, v); err != nil {
				return nil, err
			}
			return s.Run(ctx, in, p)
		},
	}
}

// Params describes the parameters, in the order of the struct.
func (m *Method) Params() []Param { return m.params() }

// Run computes the figure for an input, with parameters given as text; those
// not given have their defaults. The figure's caption records how to make it
// again. Errors of the user's making are told by IsUser.
func (m *Method) Run(ctx context.Context, in *Input, v Values) (figure.Figure, error) {
	if err := m.check(in, v); err != nil {
		return nil, err
	}
	left := &skips{known: map[int]bool{}, tell: in.Skip}
	told := *in
	told.Skip = left.add
	told.Progress = func(p Progress) {
		if p.Partial != nil {
			left.warn(p.Partial, len(in.Images))
		}
		if in.Progress != nil {
			in.Progress(p)
		}
	}
	fig, err := m.run(ctx, &told, v)
	if fig != nil {
		left.warn(fig, len(in.Images))
		m.sign(fig, in, v)
	}
	return fig, err
}

// Takes reports whether it works on all of n, be it in place of something else.
func (m *Method) Takes(n Needs) bool { return m.Needs.Has(n) || m.Instead.Has(n) }

func (m *Method) check(in *Input, v Values) error {
	if err := m.checkInput(in); err != nil {
		return err
	}
	var known []string
	for _, p := range m.Params() {
		known = append(known, p.Name)
	}
	for name := range v {
		if !slices.Contains(known, name) {
			return Userf("%s has no parameter %q%s", m.Name, name, spell.Hint(name, known))
		}
	}
	return nil
}

func (m *Method) checkInput(in *Input) error {
	needs := m.Needs
	if m.Instead.Has(NeedsRuns) && len(in.Runs) > 0 {
		needs = m.Instead
	}
	if needs.Has(NeedsModel) && in.Model == nil {
		return Userf("%s needs a model: give the path of a model file", m.Name)
	}
	if needs.Has(NeedsWeights) && in.Model != nil {
		if err := in.Model.Runnable(); err != nil {
			return err
		}
	}
	switch missing := needs.Has(NeedsImage) && len(in.Images) == 0; {
	case missing && m.Series && len(in.Arrays) == 0:
		return Userf("%s needs data: give a folder of pictures, an IDX file, or arrays in a .npz file, by --data", m.Name)
	case missing && !m.Series:
		return Userf("%s needs an image: give the path of one, or of a folder of them", m.Name)
	}
	if needs.Has(NeedsRuns) && len(in.Runs) == 0 {
		return Userf("%s needs runs of a training: give the path of a log, of a folder of them, or of a file of runs", m.Name)
	}
	return nil
}

// mostNamed is how many pictures, or runs, a caption names.
const mostNamed = 24

// sign records the technique, the input and the parameters that differ from
// their defaults.
func (m *Method) sign(fig figure.Figure, in *Input, v Values) {
	about := fig.Caption()
	add := func(name, value string) {
		about.Source = append(about.Source, figure.Fact{Name: name, Value: value})
	}
	add("technique", m.Name)
	if in.Model != nil {
		add("model", in.Model.Name)
	}
	list := func(what string, n int, name func(int) string) {
		for i := range min(n, mostNamed) {
			add(what, name(i))
		}
		if more := n - mostNamed; more > 0 {
			add(what, fmt.Sprintf("and %d more", more))
		}
	}
	if in.Data != "" {
		add("data", in.Data)
	} else {
		list("image", len(in.Images), func(i int) string { return in.Images[i].Name })
	}
	list("checkpoint", len(in.Checkpoints), func(i int) string { return in.Checkpoints[i].Name })
	list("run", len(in.Runs), func(i int) string { return in.Runs[i].Name() })
	for _, p := range m.Params() {
		if given, ok := v[p.Name]; ok && fmt.Sprint(given) != fmt.Sprint(p.Default) {
			for _, s := range given {
				add(p.Name, s)
			}
		}
	}
	if in.Seed != 0 {
		add("seed", fmt.Sprint(in.Seed))
	}
}

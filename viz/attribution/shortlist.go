package attribution

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

// A Shortlist is the images of a folder that a figure shows, where it has more
// than fit. A classifier is asked about each image first, and those come first
// on which it errs, the surest before the others, and then those on which it is
// least sure: what is to be looked at before all else. Of other networks it is
// the first images.
type Shortlist struct {
	Images  []int // by index, in the order to be shown
	Answers []Reply
	total   int // images
	asked   int // of them about which the network is asked first
	most    int // that are shown
}

// A Reply is what a classifier answers to one image.
type Reply struct {
	Image int // by index
	Name  string
	Best  figure.Prediction
	Truth *figure.Prediction // for the class that the image is labelled with; nil if it is not known
}

// wrong reports whether the network errs, as far as is known.
func (r Reply) wrong() bool { return r.Truth != nil && r.Truth.Class != r.Best.Class }

// doubt orders replies: 1 to 2 for mistakes, 0 to 1 for unsure answers.
func (r Reply) doubt() float64 {
	if r.wrong() {
		return 1 + r.Best.Score
	}
	return 1 - r.Best.Score
}

// Choose picks the images to show, at most so many. They are all, and nothing is
// asked of the network, if there are no more. If ctx is cancelled the list has
// the answers so far.
func Choose(ctx context.Context, in *viz.Input, most int) (*Shortlist, error) {
	l := &Shortlist{total: len(in.Images), most: min(most, len(in.Images))}
	if len(in.Images) <= most || in.Model.Head == nil {
		for i := range l.most {
			l.Images = append(l.Images, i)
		}
		return l, nil
	}
	l.asked = l.total
	for s, err := range Subjects(ctx, in, nil, Readying{}) {
		if err != nil {
			return l, err
		}
		in.Progress(viz.Progress{
			Done: s.Index, Total: l.All(), Partial: l.partial(),
			What: fmt.Sprintf("which to show: image %d of %d: %s", s.Index+1, len(in.Images), s.Name),
		})
		a, err := Ask(ctx, in.Model, s.Input)
		if err != nil {
			return l, err
		}
		ranked := in.Model.Rank(a.Logits.F32())
		l.Answers = append(l.Answers, Reply{s.Index, s.Name, ranked[0], Truth(in.Model, s.Label, ranked)})
	}
	for _, r := range l.byDoubt()[:min(most, len(l.Answers))] {
		l.Images = append(l.Images, r.Image)
	}
	return l, nil
}

// Steps is how far the work is, in images, when so many have been shown.
func (l *Shortlist) Steps(shown int) int { return l.asked + shown }

// All is Steps of the whole work.
func (l *Shortlist) All() int { return l.asked + l.most }

// byDoubt has the answers in the order in which they are to be looked at.
func (l *Shortlist) byDoubt() []Reply {
	out := slices.Clone(l.Answers)
	slices.SortStableFunc(out, func(a, b Reply) int { return cmp.Compare(b.doubt(), a.doubt()) })
	return out
}

// Describe says what a figure does not show.
func (l *Shortlist) Describe(about *figure.About) {
	switch {
	case len(l.Answers) > 0:
		about.Add("pictures", fmt.Sprintf("%s, of which %d are shown: those first on which the network errs or is least sure", figure.Thousands(int64(len(l.Answers))), len(l.Images)))
		if right, known := l.right(); known > 0 {
			about.Add("answers that are right", fmt.Sprintf("%d of %d that are labelled", right, known))
		}
	case len(l.Images) < l.total:
		about.Add("pictures", fmt.Sprintf("the first %d of %s", len(l.Images), figure.Thousands(int64(l.total))))
	}
}

func (l *Shortlist) right() (right, known int) {
	for _, r := range l.Answers {
		if r.Truth != nil {
			if known++; !r.wrong() {
				right++
			}
		}
	}
	return right, known
}

// mostRows is how many answers a table shows.
const mostRows = 1000

// Table has the answers, those first that are to be looked at; nil if the
// network was not asked.
func (l *Shortlist) Table() *figure.Table {
	if len(l.Answers) == 0 {
		return nil
	}
	t := &figure.Table{Columns: []figure.Column{{Name: "picture"}, {Name: "answer"}, {Name: "probability", Number: true}, {Name: "labelled"}}}
	for _, r := range l.byDoubt()[:min(mostRows, len(l.Answers))] {
		label := "–"
		if r.Truth != nil {
			label = r.Truth.Label
		}
		t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{
			figure.Text(r.Name), figure.Text(r.Best.Label), {Text: fmt.Sprintf("%.3f", r.Best.Score), Value: r.Best.Score}, figure.Text(label)}})
	}
	return t
}

// SoFar is a copy of a figure in the making; while it is empty, the answers; nil
// if there are none either.
func (l *Shortlist) SoFar(fig *figure.Heatmap) figure.Figure {
	if len(fig.Panels) == 0 {
		return l.replies()
	}
	part := *fig
	return &part
}

// replies is a figure of the answers, nil if there are none.
func (l *Shortlist) replies() figure.Figure {
	t := l.Table()
	if t == nil {
		return nil
	}
	t.Title = "What the network answers"
	l.Describe(&t.About)
	return t
}

// partial has the answers from time to time: sorting may take longer than a
// picture.
func (l *Shortlist) partial() figure.Figure {
	if n := len(l.Answers); n > 4 && n&(n-1) != 0 {
		return nil
	}
	return l.replies()
}

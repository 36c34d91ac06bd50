package attribution

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz"
)

// TestDoubtComesFirst: mistakes before right answers, of mistakes the surest, of
// the others the least sure; an answer that is not known to be wrong is judged
// by its probability alone.
func TestDoubtComesFirst(t *testing.T) {
	right, wrong := &figure.Prediction{Class: 1}, &figure.Prediction{Class: 2}
	l := &Shortlist{}
	for _, r := range []Reply{
		{Name: "sure", Truth: right}, {Name: "wrong", Truth: wrong}, {Name: "unsure", Truth: right}, {Name: "surely wrong", Truth: wrong}, {Name: "unlabelled"},
	} {
		r.Best = figure.Prediction{Class: 1, Score: map[string]float64{"sure": 0.99, "wrong": 0.4, "unsure": 0.3, "surely wrong": 0.9, "unlabelled": 0.5}[r.Name]}
		l.Answers = append(l.Answers, r)
	}
	var names []string
	for _, r := range l.byDoubt() {
		names = append(names, r.Name)
	}
	if want := []string{"surely wrong", "wrong", "unsure", "unlabelled", "sure"}; !slices.Equal(names, want) {
		t.Errorf("the order is %q, want %q", names, want)
	}
	if right, known := l.right(); right != 2 || known != 4 {
		t.Errorf("%d of %d are right, want 2 of 4", right, known)
	}
}

// TestPicturesAreLetGo: however many pictures an input has, only a few are open
// while one is explained, and those that cannot be used are told once each.
func TestPicturesAreLetGo(t *testing.T) {
	m, err := model.New("tiny.onnx", zoo.Tiny(1), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const n = 40
	opened := make([]bool, n)
	in := &viz.Input{Model: m, Progress: func(viz.Progress) {}}
	skipped := map[int]int{}
	in.Skip = func(i int, _ error) { skipped[i]++ }
	for i := range n {
		in.Images = append(in.Images, viz.Image{Name: "x", Picture: func(context.Context) (*data.Image, error) {
			opened[i] = true
			if i%8 == 3 {
				return nil, errors.New("it is damaged")
			}
			return data.NewImage(30, 20), nil
		}})
	}
	last := -1
	for s, err := range Subjects(t.Context(), in, nil, Readying{}) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Index <= last || s.Index%8 == 3 {
			t.Errorf("picture %d comes after %d", s.Index, last)
		}
		last = s.Index
		if ahead := s.Index + mostAhead + 2; ahead < n && opened[ahead] {
			t.Errorf("picture %d is open while %d is explained", ahead, s.Index)
		}
	}
	if len(skipped) != n/8 || skipped[3] != 1 {
		t.Errorf("skipped %v", skipped)
	}
	list, err := Choose(t.Context(), in, 4)
	if err != nil || len(list.Images) != 4 || len(list.Answers) != n-n/8 {
		t.Errorf("%d images of %d answers are chosen: %v", len(list.Images), len(list.Answers), err)
	}
}

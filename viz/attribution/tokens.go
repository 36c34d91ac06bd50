package attribution

import (
	"context"
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A Sequence is what a network of tokens is fed for one of them.
type Sequence struct {
	Name  string
	IDs   []int
	Feeds map[ir.ValueID]*tensor.Tensor // all inputs, [1, T]
}

// Sequences reads sequences of tokens from arrays of their numbers, [T] or [N, T].
// Arrays of a .npz that are named as other inputs are fed there; of these, masks
// are ones else, positions count from 0, and the others are zeros. It errs, for the
// user, if the network takes no such numbers.
func Sequences(m *model.Model, t model.Tokens, images []viz.Image) ([]Sequence, error) {
	given := map[ir.ValueID]*tensor.Tensor{}
	var ids []viz.Image
	for _, img := range images {
		if _, key, ok := strings.Cut(img.Name, ".npz:"); ok {
			if v := m.Net.ValueByName(key); v != ir.None && v != t.IDs && m.Net.Values[v].Producer == ir.None {
				given[v] = img.Array
				continue
			}
		}
		ids = append(ids, img)
	}
	if len(ids) == 0 || len(ids) > 1 && len(given) > 0 {
		return nil, viz.Userf("give one array of the tokens' numbers, called %s if it is in a .npz", m.Net.Values[t.IDs].Name)
	}
	var out []Sequence
	for _, img := range ids {
		x, err := ofShape(m, t.IDs, img.Array, 0)
		if err != nil {
			return nil, viz.Userf("%s: %w", img.Name, err)
		}
		if err := roomFor(x.Dim(0), img, len(out)); err != nil {
			return nil, err
		}
		for i := range x.Dim(0) {
			s := Sequence{Name: img.Name, Feeds: map[ir.ValueID]*tensor.Tensor{t.IDs: x.Slice(i, i+1)}}
			if x.Dim(0) > 1 {
				s.Name = fmt.Sprintf("%s[%d]", img.Name, i)
			}
			if s.IDs, err = numbersOf(s.Feeds[t.IDs], t.Table.Dim(0)); err != nil {
				return nil, viz.Userf("%s: %w", s.Name, err)
			}
			if err := s.complete(m, given, i); err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// ofShape converts an array to what an input of rank 2 takes; tokens are how many
// there must be, 0 for any number.
func ofShape(m *model.Model, v ir.ValueID, x *tensor.Tensor, tokens int) (*tensor.Tensor, error) {
	value := &m.Net.Values[v]
	x, err := x.Convert(value.DType)
	if err != nil {
		return nil, viz.Userf("it holds no numbers that %s takes: %w", value.Name, err)
	}
	if x.Rank() == 1 {
		x = x.Reshape(1, x.Len())
	}
	if x.Rank() != 2 || x.Len() == 0 || value.Shape[1].IsKnown() && value.Shape[1].N != x.Dim(1) || tokens > 0 && x.Dim(1) != tokens {
		return nil, viz.Userf("it holds %s, and %s takes %s", x, value.Name, value.Shape)
	}
	return x, nil
}

// numbersOf reads the tokens' numbers, which must be rows of the table.
func numbersOf(x *tensor.Tensor, vocabulary int) ([]int, error) {
	values, err := x.Floats()
	if err != nil {
		return nil, err
	}
	ids := make([]int, len(values))
	for i, v := range values {
		if ids[i] = int(v); v < 0 || ids[i] >= vocabulary {
			return nil, viz.Userf("%v is no token; they are numbered from 0 to %d", v, vocabulary-1)
		}
	}
	return ids, nil
}

// complete feeds the other inputs.
func (s *Sequence) complete(m *model.Model, given map[ir.ValueID]*tensor.Tensor, row int) error {
	for _, v := range m.Net.Inputs {
		value := &m.Net.Values[v]
		if s.Feeds[v] != nil {
			continue
		}
		if len(value.Shape) != 2 {
			return viz.Userf("%s also takes %s, %s, of which nothing is known", m.Name, value.Name, value.Shape)
		}
		if x := given[v]; x != nil {
			x, err := ofShape(m, v, x, len(s.IDs))
			if err == nil && x.Dim(0) > 1 && row >= x.Dim(0) {
				err = viz.Userf("it has %d rows, and there are more sequences", x.Dim(0))
			}
			if err != nil {
				return viz.Userf("%s: %w", value.Name, err)
			}
			at := min(row, x.Dim(0)-1)
			s.Feeds[v] = x.Slice(at, at+1)
			continue
		}
		made := make([]float32, len(s.IDs))
		for i := range made {
			switch name := strings.ToLower(value.Name); {
			case strings.Contains(name, "mask"):
				made[i] = 1
			case strings.Contains(name, "position"):
				made[i] = float32(i)
			}
		}
		x, err := tensor.Of(made, 1, len(made)).Convert(value.DType)
		if err != nil {
			return viz.Userf("%s also takes %s, which cannot be made up: %w", m.Name, value.Name, err)
		}
		s.Feeds[v] = x
	}
	return nil
}

// AskTokens runs a network forwards on a sequence, as a function of its embedded
// tokens [1, T, E], which are the answer's input, and keeps some of its values.
func AskTokens(ctx context.Context, m *model.Model, t model.Tokens, s Sequence, keep ...ir.ValueID) (*Answer, error) {
	embedded, err := m.Session().Run(ctx, s.Feeds, t.Embedded)
	if err != nil {
		return nil, err
	}
	a := &Answer{Model: m, Main: t.Embedded, Input: embedded[0], beside: s.Feeds, grids: &model.Grids{}}
	if a.Input.Rank() != 3 || a.Input.DType() != tensor.Float32 {
		return nil, viz.Userf("%s embeds tokens as %s, and [1, tokens, width] is what can be explained", m.Name, a.Input)
	}
	return a, a.run(ctx, keep)
}

// OfTokens reports whether the answer's input is embedded tokens.
func (a *Answer) OfTokens() bool { return a.beside != nil }

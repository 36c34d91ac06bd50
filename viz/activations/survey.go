package activations

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A survey is one pass over the pictures.
type survey struct {
	in     *viz.Input
	params Params
	model  *model.Model
	layers []model.Layer

	seen     int
	lastName string
	// done and total count the pictures, and what a view does after them.
	done, total int
}

func newSurvey(in *viz.Input, p Params) (*survey, error) {
	layers, err := pickLayers(in.Model, p.Layer, p.View.entry())
	if err != nil {
		return nil, err
	}
	return &survey{in: in, params: p, model: in.Model, layers: layers, total: len(in.Images)}, nil
}

// explains readies a survey for what asks why: of a classifier, and one layer
// that leads to its answer.
func (s *survey) explains() error {
	head, err := s.model.Classifier()
	if err != nil {
		return err
	}
	if err := s.oneLayer(); err != nil {
		return err
	}
	l := s.layers[0]
	if needed := s.model.Net.Needed([]ir.ValueID{head.Logits}, nil); !needed[s.model.Net.Values[l.Value].Producer] || l.Value == head.Logits {
		return viz.Userf("layer %q does not lead to the answer of %s; choose one before %q", l.Name, s.model.Name, s.model.LayerName(head.Logits))
	}
	return nil
}

func (s *survey) oneLayer() error {
	if len(s.layers) > 1 {
		return viz.Userf("--view %s looks at one layer, and %d are named", s.params.View, len(s.layers))
	}
	return nil
}

// A reading is what the layers put out for one picture.
type reading struct {
	*attribution.Subject
	answer *attribution.Answer
	maps   []layerMaps // of each layer
}

// layerMaps are what one layer puts out, channel after channel.
type layerMaps struct {
	model.Grid
	values []float32
}

// channel returns one channel's map, row by row.
func (m *layerMaps) channel(k int) []float32 {
	n := m.Places()
	return m.values[k*n : (k+1)*n]
}

// each reads the layers for every picture.
func (s *survey) each(ctx context.Context, c collector) error {
	return s.stream(ctx, c, "", func(r *reading) error {
		if err := c.add(ctx, r); err != nil {
			return err
		}
		s.seen, s.lastName = s.seen+1, r.Name
		return nil
	})
}

// pass goes through the pictures once more, which is as much work again.
func (s *survey) pass(ctx context.Context, c collector, what string, take func(*reading) error) error {
	return s.stream(ctx, c, what+", ", take)
}

func (s *survey) stream(ctx context.Context, c collector, what string, take func(*reading) error) error {
	begin := s.done
	for subject, err := range attribution.Subjects(ctx, s.in, nil, attribution.Readying{}) {
		if err != nil {
			return err
		}
		s.done = begin + subject.Index
		s.tell(fmt.Sprintf("%spicture %d of %d: %s", what, subject.Index+1, len(s.in.Images), subject.Name), c)
		r, err := s.read(ctx, subject)
		if err != nil {
			return err
		}
		if err := take(r); err != nil {
			return err
		}
	}
	s.done = begin + len(s.in.Images)
	return nil
}

// tell reports progress, and the figure so far from time to time: making one
// may take longer than a picture.
func (s *survey) tell(what string, c collector) {
	p := viz.Progress{Done: s.done, Total: s.total, What: what}
	if n := s.seen; n > 0 && (n < 4 || n&(n-1) == 0 || n%200 == 0) {
		if p.Partial = c.figure(); p.Partial != nil {
			s.signed(p.Partial)
		}
	}
	s.in.Progress(p)
}

// read runs the network on one picture.
func (s *survey) read(ctx context.Context, subject *attribution.Subject) (*reading, error) {
	var keep []ir.ValueID
	for _, l := range s.layers {
		if s.model.Head == nil || l.Value != s.model.Head.Logits { // which are kept anyway
			keep = append(keep, l.Value)
		}
	}
	answer, err := attribution.AskAny(ctx, s.model, subject.Input, keep...)
	if err != nil {
		return nil, err
	}
	r := &reading{Subject: subject, answer: answer}
	for _, l := range s.layers {
		m, err := s.mapsOf(l, answer.Out[l.Value])
		if err != nil {
			return nil, err
		}
		r.maps = append(r.maps, m)
	}
	return r, nil
}

func (s *survey) mapsOf(l model.Layer, t *tensor.Tensor) (layerMaps, error) {
	if t.DType() != tensor.Float32 {
		return layerMaps{}, viz.Userf("layer %q puts out %s, which are no activations", l.Name, t)
	}
	g := s.model.Grid(l.Value, t.Shape())
	if g.Channels*g.Places() == 0 {
		return layerMaps{}, viz.Userf("layer %q puts out nothing: its shape is %v", l.Name, t.Shape())
	}
	return layerMaps{g, g.Maps(t.F32())}, nil
}

// unitName names a channel: by its class where the layer has one for each.
func (s *survey) unitName(l model.Layer, channels, k int) string {
	if h := s.model.Head; h != nil && channels == h.Classes && len(s.model.Labels.Names) == channels && s.fromLogits(l.Value) {
		return s.model.Label(k)
	}
	return fmt.Sprint(k)
}

// fromLogits reports whether a value is the logits, or made of nothing else
// without reordering them.
func (s *survey) fromLogits(v ir.ValueID) bool {
	for range 4 {
		if v == s.model.Head.Logits {
			return true
		}
		p := s.model.Net.Values[v].Producer
		if p == ir.None {
			return false
		}
		if v = s.model.Net.Nodes[p].Input(0); v == ir.None {
			return false
		}
	}
	return false
}

package activations

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// maxNumbers bounds the numbers in all maps of one figure.
const maxNumbers = 1 << 24

// A Measure says what makes a channel strong.
type Measure string

const (
	byMean   Measure = "mean"
	byPeak   Measure = "peak"
	bySpread Measure = "spread"
)

// Choices lists the measures.
func (Measure) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(byMean), Help: "the mean of its absolute values"},
		{Name: string(byPeak), Help: "the largest absolute value"},
		{Name: string(bySpread), Help: "the standard deviation over the places"},
	}
}

// of measures one channel; a channel with a number that is not finite has NaN.
func (m Measure) of(values []float32) float64 {
	sum, squares, peak, size := 0.0, 0.0, 0.0, 0.0
	for _, v := range values {
		x := float64(v)
		sum += x
		size += math.Abs(x)
		peak = math.Max(peak, math.Abs(x))
	}
	n := float64(len(values))
	switch m {
	case byPeak:
		return peak
	case bySpread:
		for _, v := range values {
			d := float64(v) - sum/n
			squares += d * d
		}
		return math.Sqrt(squares / n)
	}
	return size / n
}

// A stripper makes strips of the channels of layers.
type stripper struct {
	*survey
	title   string
	top     func(channels int) int // how many channels of a layer are shown
	fig     figure.Images
	numbers int
}

func collectStrips(s *survey) (collector, error) {
	c := &stripper{survey: s, top: func(n int) int { return min(n, s.params.Top) }, title: "What each layer puts out"}
	return c, nil
}

func collectWall(s *survey) (collector, error) {
	c := &stripper{survey: s, top: func(n int) int { return n }, title: "What the layers put out"}
	if len(s.layers) == 1 {
		c.title = "What " + s.layers[0].Name + " puts out"
	}
	return c, nil
}

func (c *stripper) add(_ context.Context, r *reading) error {
	title := ""
	if len(c.in.Images) > 1 {
		title = r.Name
	}
	c.fig.Strips = append(c.fig.Strips, figure.Strip{Title: "input" + of(title), Tiles: []figure.Tile{figure.Photo(r.Name, "what the network sees", r.Seen)}})
	for i, l := range c.layers {
		strip, err := c.strip(l, &r.maps[i])
		if err != nil {
			return err
		}
		strip.Title += of(title)
		c.fig.Strips = append(c.fig.Strips, strip)
	}
	return nil
}

func of(picture string) string {
	if picture == "" {
		return ""
	}
	return " · " + picture
}

// strip shows the strongest channels of one layer.
func (c *stripper) strip(l model.Layer, m *layerMaps) (figure.Strip, error) {
	order, strength := rank(m, c.params.By)
	n := c.top(m.Channels)
	if c.numbers += n * m.Places(); c.numbers > maxNumbers {
		return figure.Strip{}, viz.Userf("these maps are more than the %d numbers that one figure holds; ask for fewer layers or pictures, or for --view layers", maxNumbers)
	}
	s := figure.Strip{Title: l.Name, Note: stripNote(l, m, n)}
	low, high := rangeOf(m.values)
	for _, k := range order[:n] {
		values := m.channel(k)
		t := figure.Tile{
			Name: c.unitName(l, m.Channels, k), Value: strength[k], W: m.W, H: m.H,
			Values: slices.Clone(values), Low: low, High: high,
		}
		t.Note = string(c.params.By) + " " + brief(strength[k])
		if m.Places() == 1 {
			t.Note = brief(float64(values[0]))
		} else if c.params.Span == spanChannel {
			t.Low, t.High = rangeOf(values)
		}
		s.Tiles = append(s.Tiles, t)
	}
	return s, nil
}

// rank orders channels by their strength, those with no number last.
func rank(m *layerMaps, by Measure) (order []int, strength []float64) {
	for k := range m.Channels {
		order, strength = append(order, k), append(strength, by.of(m.channel(k)))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(strength[b], strength[a]) })
	return order, strength
}

func stripNote(l model.Layer, m *layerMaps, shown int) string {
	note := fmt.Sprintf("%s · %s", l.Op, m.Grid)
	if shown < m.Channels {
		note += fmt.Sprintf(", the %d strongest", shown)
	}
	switch {
	case m.Lead == 1:
		note += "; one token that has no place is not shown"
	case m.Lead > 1:
		note += fmt.Sprintf("; %d tokens that have no place are not shown", m.Lead)
	}
	return note
}

// rangeOf is the range of the finite numbers.
func rangeOf(values []float32) (low, high float32) {
	low, high = float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range values {
		if v-v == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		return 0, 1
	}
	return low, high
}

// brief writes a number in few digits.
func brief(v float64) string { return fmt.Sprintf("%.3g", v) }

func (c *stripper) figure() figure.Figure {
	if len(c.fig.Strips) == 0 {
		return nil
	}
	fig := c.fig
	fig.Title, fig.Colormap, fig.Opacity = c.title, string(c.params.Colormap), 0.7
	fig.Add("strongest by", string(c.params.By))
	fig.Add("colours span the range of the", string(c.params.Span))
	return &fig
}

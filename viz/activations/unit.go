package activations

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// An exhibition finds the pictures that excite units most, and then reads these
// few again to show them.
type exhibition struct {
	*survey
	podiums [][]podium // by layer and channel
	grids   []model.Grid
	fig     figure.Images
}

// mostUnits is how many units have pages where the user names none.
const mostUnits = 6

func collectUnits(s *survey) (collector, error) {
	return &exhibition{survey: s, podiums: make([][]podium, len(s.layers))}, nil
}

func (c *exhibition) add(_ context.Context, r *reading) error {
	for i := range r.maps {
		m := &r.maps[i]
		if c.podiums[i] == nil {
			if err := c.begin(i, m); err != nil {
				return err
			}
		}
		for k := range min(m.Channels, len(c.podiums[i])) {
			if p, ok := peakOf(m.channel(k), m.W); ok {
				p.picture = r.Index
				c.podiums[i][k].add(p)
			}
		}
	}
	return nil
}

func (c *exhibition) begin(layer int, m *layerMaps) error {
	for _, k := range c.params.Unit {
		if k >= m.Channels {
			return viz.Userf("layer %q has no unit %d; it has %d, counted from 0", c.layers[layer].Name, k, m.Channels)
		}
	}
	c.podiums[layer] = slices.Repeat([]podium{{size: c.params.Top}}, m.Channels)
	c.grids = append(c.grids, m.Grid)
	return nil
}

// finish makes a page for each unit.
func (c *exhibition) finish(ctx context.Context) error {
	type page struct{ layer, unit int }
	var pages []page
	for i := range c.layers {
		for _, k := range c.chosen(i) {
			pages = append(pages, page{i, k})
		}
	}
	c.total += len(pages)
	for _, p := range pages {
		c.tell(fmt.Sprintf("unit %d of %s", p.unit, c.layers[p.layer].Name), c)
		if err := c.page(ctx, p.layer, p.unit); err != nil {
			return err
		}
		c.done++
	}
	return nil
}

// chosen are the units that the user names, or the choosiest.
func (c *exhibition) chosen(layer int) []int {
	if len(c.params.Unit) > 0 {
		return c.params.Unit
	}
	all := c.podiums[layer]
	order := make([]int, len(all))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[b].choosiness(), all[a].choosiness()) })
	return order[:min(len(order), mostUnits)]
}

// page shows a unit: the pictures with its map over them, and what it sees in
// each where it is greatest.
func (c *exhibition) page(ctx context.Context, layer, k int) error {
	p, l := &c.podiums[layer][k], c.layers[layer]
	name := l.Name + ", unit " + c.unitName(l, c.grids[layer].Channels, k)
	whole := figure.Strip{Title: "What excites " + name, Note: c.portrait(p)}
	crops := figure.Strip{Title: "What " + name + ", sees there", Note: "the receptive field of the greatest number in each picture"}
	for _, top := range p.peaks {
		r, err := c.again(ctx, top.picture)
		if err != nil {
			return err
		}
		tile, crop := c.exhibit(r, &r.maps[layer], l, k, top)
		whole.Tiles = append(whole.Tiles, tile)
		if crop != nil {
			crops.Tiles = append(crops.Tiles, *crop)
		}
	}
	c.fig.Strips = append(c.fig.Strips, whole)
	if len(crops.Tiles) > 0 {
		c.fig.Strips = append(c.fig.Strips, crops)
	}
	return nil
}

// portrait says how choosy a unit is, and what its pictures have in common.
func (c *exhibition) portrait(p *podium) string {
	text := fmt.Sprintf("above 0 in %d of %d pictures; the greatest number of a picture is %s on average", p.answering, p.count, brief(p.sum/float64(max(p.count, 1))))
	labels, most := map[string]int{}, ""
	for _, top := range p.peaks {
		label := c.in.Images[top.picture].Label
		if labels[label]++; label != "" && (most == "" || labels[label] > labels[most]) {
			most = label
		}
	}
	if most != "" {
		text += fmt.Sprintf("; %d of these %d are %s", labels[most], len(p.peaks), most)
	}
	return text
}

// again reads a picture that was read before.
func (c *exhibition) again(ctx context.Context, picture int) (*reading, error) {
	subject, err := attribution.Ready(ctx, c.in, picture, attribution.Readying{})
	if err != nil {
		return nil, fmt.Errorf("%s could be read before and now cannot: %w", c.in.Images[picture].Name, err)
	}
	return c.read(ctx, subject)
}

// exhibit makes the tiles of one picture; there is no crop where the unit sees
// all of it.
func (c *exhibition) exhibit(r *reading, m *layerMaps, l model.Layer, k int, top peak) (tile figure.Tile, crop *figure.Tile) {
	seen := r.Seen
	note := brief(top.value)
	if r.Label != "" {
		note = r.Label + ", " + note
	}
	tile = figure.Photo(r.Name, note, seen)
	tile.Value = top.value
	if m.Places() > 1 {
		tile.W, tile.H, tile.Values = m.W, m.H, slices.Clone(m.channel(k))
		tile.Low, tile.High = 0, float32(math.Max(top.value, math.SmallestNonzeroFloat32))
	}
	field := c.model.Field(l.Value, image.Rectangle{Min: top.at, Max: top.at.Add(image.Pt(1, 1))})
	zoom := seen.W / max(c.model.Prep.Width, 1)
	field = image.Rect(field.Min.X*zoom, field.Min.Y*zoom, field.Max.X*zoom, field.Max.Y*zoom).Intersect(image.Rect(0, 0, seen.W, seen.H))
	if field.Empty() || field == image.Rect(0, 0, seen.W, seen.H) {
		return tile, nil
	}
	tile.Box = &figure.Box{X: float64(field.Min.X), Y: float64(field.Min.Y), W: float64(field.Dx()), H: float64(field.Dy())}
	part, err := data.Crop(&data.Image{W: seen.W, H: seen.H, Pix: seen.Pix}, field.Min.X, field.Min.Y, field.Dx(), field.Dy())
	if err != nil {
		return tile, nil
	}
	t := figure.Photo(r.Name, note, figure.Picture{W: part.W, H: part.H, Pix: part.Pix})
	t.Value = top.value
	return tile, &t
}

// standings are what there is before the pages: the pictures, by name, that
// excite the units most so far.
func (c *exhibition) standings() figure.Figure {
	t := &figure.Table{Columns: []figure.Column{{Name: "unit"}, {Name: "picture"}, {Name: "greatest number", Number: true}}}
	t.Title = "The pictures that excite units most"
	for i, l := range c.layers {
		if c.podiums[i] == nil {
			return nil
		}
		for _, k := range c.chosen(i) {
			for _, top := range c.podiums[i][k].peaks {
				t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{
					figure.Text(fmt.Sprintf("%s, unit %d", l.Name, k)), figure.Text(c.in.Images[top.picture].Name), {Text: brief(top.value), Value: top.value}}})
			}
		}
	}
	return t
}

func (c *exhibition) figure() figure.Figure {
	if len(c.fig.Strips) == 0 {
		return c.standings()
	}
	fig := c.fig
	fig.Title, fig.Colormap, fig.Opacity = "The pictures that excite units most", string(c.params.Colormap), 0.6
	if len(c.params.Unit) == 0 {
		fig.Add("units", "those whose greatest picture stands out most from the others")
	}
	return &fig
}

package activations

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/sketch"
	"github.com/tomo-viz/tomo/viz"
)

// TestStatsOfKnownUnits: every statistic of the hand-made network follows from
// the colours of the pictures.
func TestStatsOfKnownUnits(t *testing.T) {
	table := runView(t, handMade(t), colours(), viz.Values{"view": {"stats"}, "layer": {"relu", "sigmoid"}}).(*figure.Table)
	rows := map[string]figure.Row{}
	layer := ""
	for _, r := range table.Rows {
		if r.Group {
			layer = r.Cells[0].Text
		} else {
			rows[layer+"/"+r.Cells[0].Text] = r
		}
	}
	weak := 191/127.5 - 1
	want := map[string][]float64{ // mean, median, min, max, std
		"relu/0": {(weak + 1) / 4, 0, 0, 1, math.Sqrt((weak*weak+1)/4 - (weak+1)*(weak+1)/16)},
		"relu/2": {0, 0, 0, 0, 0},
		"relu/3": {2 + 128/127.5 - 1, 2 + 128/127.5 - 1, 2 + 128/127.5 - 1, 2 + 128/127.5 - 1, 0},
	}
	for name, numbers := range want {
		for i, w := range numbers {
			got, tolerance := rows[name].Cells[3+i].Value, 1e-6*math.Max(1, math.Abs(w))
			if i == 1 {
				tolerance = math.Abs(w) / 128
			}
			if math.Abs(got-w) > tolerance {
				t.Errorf("%s, %s: got %v, want %v", name, table.Columns[3+i].Name, got, w)
			}
		}
	}
	for name, state := range map[string]string{
		"relu/0": "", "relu/2": "dead: constant", "relu/3": "dead: constant",
		"sigmoid/0": "dead: constant", "sigmoid/2": "",
	} {
		if got := rows[name].Cells[len(table.Columns)-1].Text; got != state {
			t.Errorf("%s: the state is %q, want %q", name, got, state)
		}
	}
}

// TestSaturatedSigmoid varies the picture, so that a stuck unit is not constant.
func TestSaturatedSigmoid(t *testing.T) {
	images := colours()
	for i := range images {
		picture, err := images[i].Picture(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for p := range picture.Pix {
			if p%3 == 2 {
				picture.Pix[p] = uint8(7 * p)
			}
		}
	}
	e := ends{low: 0, high: 1}
	s := sketch.New()
	s.Add([]float32{0.999, 0.9999, 0.001, 0.0002, 0.5})
	if got := e.saturation(s); math.Abs(got-0.8) > 1e-9 {
		t.Errorf("the saturation is %v, want 0.8", got)
	}
	table := runView(t, handMade(t), images, viz.Values{"view": {"summary"}, "layer": {"conv", "sigmoid"}}).(*figure.Table)
	dead, stuck := table.Rows[0].Cells[9].Value, table.Rows[0].Cells[10].Value
	if dead != 1 || stuck != 0 {
		t.Errorf("conv has %v dead and %v saturated units, want the silent one alone", dead, stuck)
	}
	if got := table.Rows[1].Cells[9].Value + table.Rows[1].Cells[10].Value; got != 2 {
		t.Errorf("%v channels of the sigmoid are stuck, want 2", got)
	}
}

// TestSkipsWhatCannotBeRead: a picture that is damaged is left out, counted and
// told of; the statistics are those of the others.
func TestSkipsWhatCannotBeRead(t *testing.T) {
	images := colours()
	broken := viz.Image{Name: "broken.png", Picture: func(context.Context) (*data.Image, error) { return nil, errors.New("broken.png is cut off") }}
	fig := runView(t, handMade(t), append(images, broken), viz.Values{"view": {"stats"}})
	if text := strings.Join(fig.Caption().Warnings, " "); !strings.Contains(text, "1 of 5 pictures") || !strings.Contains(text, "broken.png is cut off") {
		t.Errorf("it says %q", text)
	}
	whole := runView(t, handMade(t), images, viz.Values{"view": {"stats"}}).(*figure.Table)
	if got := fig.(*figure.Table).Rows[1].Cells[3].Value; got != whole.Rows[1].Cells[3].Value {
		t.Errorf("the mean is %v, want %v", got, whole.Rows[1].Cells[3].Value)
	}
	if _, err := Method.Run(context.Background(), &viz.Input{Model: handMade(t), Images: []viz.Image{broken}}, nil); !viz.IsUser(err) {
		t.Errorf("no picture at all gives %v", err)
	}
}

// TestStripsAreSorted: the strongest channel first, with its raw numbers.
func TestStripsAreSorted(t *testing.T) {
	g := runView(t, handMade(t), colours()[1:2], viz.Values{"view": {"wall"}, "layer": {"relu"}}).(*figure.Images)
	tiles := g.Strips[1].Tiles
	if len(tiles) != units || tiles[0].Name != "3" || tiles[1].Name != "0" {
		t.Fatalf("got %d tiles, %q first", len(tiles), tiles[0].Name)
	}
	if v := tiles[1].Values; len(v) != side*side || v[0] != 1 {
		t.Errorf("channel 0 is %v", v)
	}
}

// TestStoppedInTheFirstPass: views that go through the pictures twice have
// something to show of the first time.
func TestStoppedInTheFirstPass(t *testing.T) {
	for view, column := range map[string]string{"units": "picture", "classes": "answer", "pruning": "contribution"} {
		ctx, cancel := context.WithCancel(t.Context())
		in := &viz.Input{Model: handMade(t), Images: colours()}
		in.Progress = func(p viz.Progress) {
			if p.Done == 2 {
				cancel()
			}
		}
		fig, err := Method.Run(ctx, in, viz.Values{"view": {view}, "layer": {"relu"}})
		cancel()
		table, ok := fig.(*figure.Table)
		if !errors.Is(err, context.Canceled) || !ok || len(table.Rows) == 0 {
			t.Fatalf("%s stopped in the first pass gives %v, %v", view, fig, err)
		}
		if !slices.ContainsFunc(table.Columns, func(c figure.Column) bool { return c.Name == column }) {
			t.Errorf("%s stopped in the first pass has the columns %v", view, table.Columns)
		}
	}
}

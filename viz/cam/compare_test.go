package cam

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz"
)

// withMasks are pictures of the lab with an area as their mask.
func withMasks(kind lab.Kind, n int, areaOf func(*lab.Picture) []bool) []viz.Image {
	var out []viz.Image
	for _, p := range lab.Pictures(4711, n, kind) {
		mask := data.NewImage(lab.Side, lab.Side)
		for i, in := range widen(areaOf(p), 4) {
			if in {
				copy(mask.Pix[3*i:], []byte{255, 255, 255})
			}
		}
		out = append(out, viz.Image{Name: p.Name() + ".png", Picture: viz.Held(p.Image), Mask: viz.Held(mask)})
	}
	return out
}

// compareOn returns the table of a comparison by rows: name of the method, then
// the values by column.
func compareOn(t *testing.T, m *model.Model, images []viz.Image, p viz.Values) (names []string, column func(name string) []float64, r *figure.Report) {
	t.Helper()
	p["compare"] = viz.Strings{"true"}
	fig, err := Method.Run(t.Context(), &viz.Input{Model: m, Images: images}, p)
	if err != nil {
		t.Fatal(err)
	}
	r = fig.(*figure.Report)
	for _, s := range r.Sections {
		table, ok := s.Figure.(*figure.Table)
		if !ok || !table.Columns[1].Number {
			continue
		}
		for _, row := range table.Rows {
			names = append(names, row.Cells[0].Text)
		}
		return names, func(name string) []float64 {
			k := slices.IndexFunc(table.Columns, func(c figure.Column) bool { return strings.Contains(c.Name, name) })
			if k < 0 {
				t.Fatalf("no column %q in %v", name, table.Columns)
			}
			var out []float64
			for _, row := range table.Rows {
				out = append(out, row.Cells[k].Value)
			}
			return out
		}, r
	}
	t.Fatal("the report has no table of numbers")
	return nil, nil, nil
}

// TestCompareOnTheLab: on pictures whose truth is known Random comes last, each
// method has its score in the pointing game, and those that read gradients find
// the object of the honest network and the mark of the cheater.
func TestCompareOnTheLab(t *testing.T) {
	if testing.Short() {
		t.Skip("trains two networks")
	}
	for _, c := range []struct {
		lesson lab.Lesson
		kind   lab.Kind
		areaOf func(*lab.Picture) []bool
	}{
		{lab.Honest, lab.Plain, func(p *lab.Picture) []bool { return p.Object }},
		{lab.Cheater, lab.Misleading, func(p *lab.Picture) []bool { return p.MarkArea }},
	} {
		m := teach(t, c.lesson)
		names, column, _ := compareOn(t, m, withMasks(c.kind, 12, c.areaOf), viz.Values{
			"method": {"gradcam", "xgradcam", "layercam", "hirescam"}})
		pointing, ranks := column("pointing game"), column("mean rank")
		for i, name := range names {
			t.Logf("%-8s %-22s mean rank %.2f, pointing game %.2f", c.lesson.Name, name, ranks[i], pointing[i])
			if !(pointing[i] >= 0 && pointing[i] <= 1) {
				t.Errorf("%s: %s has %v in the pointing game", c.lesson.Name, name, pointing[i])
			}
			gradients := slices.Contains([]string{"Grad-CAM", "XGrad-CAM", "LayerCAM", "HiResCAM"}, name)
			if gradients && pointing[i] < 0.8 {
				t.Errorf("%s: %s points at the truth in %.2f of the pictures, want 0.8", c.lesson.Name, name, pointing[i])
			}
		}
		if last := names[len(names)-1]; last != "Random (baseline)" {
			t.Errorf("%s: %s is last and not Random", c.lesson.Name, last)
		}
	}
}

// TestStoppedComparison: stopped within the first picture, a comparison has the
// methods that were done with it; later on, all of them.
func TestStoppedComparison(t *testing.T) {
	m, err := model.New("tiny.onnx", zoo.Tiny(1), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var images []viz.Image
	for _, p := range lab.Pictures(1, 2, lab.Plain) {
		images = append(images, viz.Image{Name: p.Name(), Picture: viz.Held(p.Image)})
	}
	for stop, want := range map[string]int{"LayerCAM": 2, "HiResCAM": 4} {
		ctx, cancel := context.WithCancel(t.Context())
		in := &viz.Input{Model: m, Images: images}
		in.Progress = func(p viz.Progress) {
			if strings.Contains(p.What, stop) && (stop == "LayerCAM" || p.Done > 4) {
				cancel()
			}
		}
		fig, err := Method.Run(ctx, in, viz.Values{"compare": {"true"}, "method": {"gradcam", "xgradcam", "layercam", "hirescam"}})
		cancel()
		if !errors.Is(err, context.Canceled) || fig == nil {
			t.Fatalf("stopped at %s it gives %v, %v", stop, fig, err)
		}
		methods := len(fig.(*figure.Report).Sections[2].Figure.(*figure.Table).Rows)
		if stop == "HiResCAM" {
			methods-- // the baseline Random
		}
		if methods != want {
			t.Errorf("stopped at %s it has %d methods, want %d", stop, methods, want)
		}
	}
}

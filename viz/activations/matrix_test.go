package activations

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/viz"
)

// TestContributionsOfKnownUnits: the logits are the means of two channels, so
// that what these contribute is the mean itself, and the others contribute
// nothing.
func TestContributionsOfKnownUnits(t *testing.T) {
	m := runView(t, handMade(t), colours(), viz.Values{"view": {"classes"}, "layer": {"relu"}}).(*figure.Matrix)
	half := float64(191/127.5-1+1) / 4
	want := [][]float64{{half, 0, 0, 0}, {0, half, 0, 0}}
	for r := range want {
		for k, w := range want[r] {
			if got := float64(m.At(r, k)); math.Abs(got-w) > 1e-6 {
				t.Errorf("channel %d contributes %v to %s, want %v", k, got, m.Rows[r].Name, w)
			}
		}
	}
}

// TestContributionsAddUp: behind the last maps of the lab's network the logit is
// linear but for its bias, so that the contributions to a class, added up, are
// its mean logit less the bias.
func TestContributionsAddUp(t *testing.T) {
	m := teach(t, lab.Cheater)
	images := labImages(lab.Pictures(5, 24, lab.Misleading))
	fig := runView(t, m, images, viz.Values{"view": {"classes"}, "layer": {"features.7"}}).(*figure.Matrix)
	bias := m.Net.Values[m.Net.ValueByName("classifier.bias")].Const.F32()
	for class := range lab.Classes {
		want, got := 0.0, 0.0
		for _, img := range images {
			picture, err := img.Picture(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ready, err := m.Prep.Prepare(picture)
			if err != nil {
				t.Fatal(err)
			}
			ranked, err := m.Predict(t.Context(), ready.Tensor)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range ranked {
				if p.Class == class {
					want += (p.Logit - float64(bias[class])) / float64(len(images))
				}
			}
		}
		for k := range fig.Columns {
			got += float64(fig.At(class, k))
		}
		if math.Abs(got-want) > 1e-4*math.Max(1, math.Abs(want)) {
			t.Errorf("%s: the channels add up to %v, want %v", lab.Classes[class], got, want)
		}
	}
}

// TestMatrixOfKnownUnits: pictures, labels and subsets against units.
func TestMatrixOfKnownUnits(t *testing.T) {
	weak := 191/127.5 - 1
	for name, c := range map[string]struct {
		values viz.Values
		rows   []string
		red    []float64
	}{
		"pictures":    {viz.Values{}, []string{"weak red", "red", "weak green", "green"}, []float64{weak, 1, 0, 0}},
		"labels":      {viz.Values{"rows": {"label"}}, []string{"red (2)", "green (2)"}, []float64{(weak + 1) / 2, 0}},
		"predictions": {viz.Values{"rows": {"prediction"}}, []string{"red (2)", "green (2)"}, []float64{(weak + 1) / 2, 0}},
		"subsets":     {viz.Values{"subset": {"weak=weak *", "pure=red,green"}}, []string{"weak (2)", "pure (4)"}, []float64{weak / 2, (weak + 1) / 4}},
	} {
		c.values["view"], c.values["layer"] = viz.Strings{"matrix"}, viz.Strings{"relu"}
		m := runView(t, handMade(t), colours(), c.values).(*figure.Matrix)
		var rows []string
		for r, line := range m.Rows {
			rows = append(rows, line.Name)
			if got := float64(m.At(r, red)); math.Abs(got-c.red[r]) > 1e-6 {
				t.Errorf("%s: %s has %v for red, want %v", name, line.Name, got, c.red[r])
			}
			if line.Picture == nil {
				t.Errorf("%s: %s has no picture", name, line.Name)
			}
		}
		if strings.Join(rows, ";") != strings.Join(c.rows, ";") {
			t.Errorf("%s: the rows are %q, want %q", name, rows, c.rows)
		}
	}
}

// TestRefusals: what is wrong is said in a sentence.
func TestRefusals(t *testing.T) {
	unlabelled := colours()
	for i := range unlabelled {
		unlabelled[i].Label = ""
	}
	half := append(colours()[:2:2], unlabelled[2:]...)
	odd := colours()
	odd[0].Label = "blue"
	for name, c := range map[string]struct {
		images []viz.Image
		values viz.Values
		want   string
	}{
		"no labels":          {unlabelled, viz.Values{"view": {"matrix"}, "rows": {"label"}}, "no labels"},
		"half of the labels": {half, viz.Values{"view": {"pruning"}}, "2 of 4 pictures have no label"},
		"another label":      {odd, viz.Values{"view": {"pruning"}}, `"blue"`},
		"no subset":          {colours(), viz.Values{"view": {"matrix"}, "subset": {"zebra*"}}, "name=pattern"},
		"two layers":         {colours(), viz.Values{"view": {"classes"}, "layer": {"relu", "conv"}}, "one layer"},
		"another layer":      {colours(), viz.Values{"layer": {"rellu"}}, `"relu"`},
	} {
		_, err := Method.Run(context.Background(), &viz.Input{Model: handMade(t), Images: c.images}, c.values)
		if !viz.IsUser(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

package saliency

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// TestShapleyValuesOfRows compares KernelSHAP, which asks about every subset of six
// features, with the Shapley values of Captum.
func TestShapleyValuesOfRows(t *testing.T) {
	m, arrays := peer(t, rowNetwork)
	p := probeOf(t, m, arrays["input"], 1, "kernelshap", nil)
	p.base = arrays["baseline"].F32()
	got, err := kernelShap(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "kernelshap", got.Values, arrays["kernelshap"].F32(), tolerance)
}

// explainTable runs the technique on rows of six features with names.
func explainTable(t *testing.T, rows *tensor.Tensor, v viz.Values) (*figure.Table, error) {
	t.Helper()
	m, _ := peer(t, rowNetwork)
	features := []string{"age", "sex", "bmi", "pressure", "", "glucose"}
	fig, err := Method.Run(t.Context(), &viz.Input{Model: m, Images: []viz.Image{{Name: "rows.csv", Array: rows, Features: features}}}, v)
	if fig == nil {
		return nil, err
	}
	return fig.(*figure.Table), err
}

// threeRows are rows of six features.
func threeRows() *tensor.Tensor {
	x := tensor.New(tensor.Float64, 3, 6)
	for i := range 18 {
		tensor.Data[float64](x)[i] = math.Sin(float64(i * i))
	}
	return x
}

// TestRowsAreTables explains each row in a group, whose sums are the score less the
// baseline's, and whose features are sorted by their shares.
func TestRowsAreTables(t *testing.T) {
	table, err := explainTable(t, threeRows(), viz.Values{"method": {"deeplift", "kernelshap", "occlusion", "lime", "smoothgrad", "lrpepsilon"}, "class": {"2"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Rows) != 3*7 || len(table.Columns) != 2+6 {
		t.Fatalf("%d rows and %d columns", len(table.Rows), len(table.Columns))
	}
	for r := range 3 {
		group, features := table.Rows[7*r], table.Rows[7*r+1:7*r+7]
		if !group.Group || !strings.HasPrefix(group.Cells[0].Text, "rows.csv["+string(rune('0'+r))+"]: ") {
			t.Errorf("row %d is headed %+v", r, group)
		}
		if d := group.Cells[2].Value - group.Cells[3].Value; math.Abs(d) > 1e-4 {
			t.Errorf("DeepLIFT and KernelSHAP both divide up the score, and differ by %v", d)
		}
		names, last := []string{}, math.Inf(1)
		for _, f := range features {
			names = append(names, f.Cells[0].Text)
			if v := math.Abs(f.Cells[2].Value); v > last {
				t.Errorf("%s of row %d is out of order", f.Cells[0].Text, r)
			} else {
				last = v
			}
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != "age bmi feature 4 glucose pressure sex" {
			t.Errorf("the features are %s", got)
		}
	}
}

// TestBaselinesOfRows: of the mean row, nothing is left to explain.
func TestBaselinesOfRows(t *testing.T) {
	x := tensor.New(tensor.Float32, 3, 6)
	for i := range 6 {
		x.F32()[i], x.F32()[6+i], x.F32()[12+i] = float32(i), float32(i+2), float32(i+1) // the last is the mean
	}
	table, err := explainTable(t, x, viz.Values{"baseline": {"mean"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table.Rows[15:] {
		if v := row.Cells[2].Value; math.Abs(v) > 1e-6 {
			t.Errorf("%s of the mean row has the share %v", row.Cells[0].Text, v)
		}
	}
	if sum := table.Rows[0].Cells[2].Value; math.Abs(sum) < 1e-6 {
		t.Errorf("the first row differs from the mean, and its shares sum to %v", sum)
	}
}

// TestRandomRowIsAnother: no row is its own baseline, against which it would have no
// shares, whatever the seed.
func TestRandomRowIsAnother(t *testing.T) {
	m, _ := peer(t, rowNetwork)
	x, err := threeRows().Convert(tensor.Float32)
	if err != nil {
		t.Fatal(err)
	}
	for row := range 3 {
		drawn := map[float32]int{}
		for seed := range int64(40) {
			p := probeOf(t, m, x.Slice(row, row+1), 1, "ig", func(p *Params) { p.Baseline = "random" })
			o := p.options
			for i := range 3 {
				o.rows = append(o.rows, x.Slice(i, i+1).F32())
			}
			o.row, o.Seed = row, seed
			drawn[newProbe(p.Answer, p.target, Variant("ig").entry(), o).baseline()[1]]++
		}
		if own := drawn[x.F32()[6*row+1]]; own > 0 || len(drawn) != 2 {
			t.Errorf("row %d was %d times its own baseline, and %d rows were drawn", row, own, len(drawn))
		}
	}
	for _, method := range []string{"ig", "gradientshap", "deeplift"} {
		for _, seed := range []int64{1, 2, 3, 4, 5, 6} {
			in := &viz.Input{Model: m, Images: []viz.Image{{Name: "rows.csv", Array: x.Slice(0, 2)}}, Seed: seed}
			fig, err := Method.Run(t.Context(), in, viz.Values{"method": {method}, "baseline": {"random"}, "noise": {"0"}})
			if err != nil {
				t.Fatal(err)
			}
			table := fig.(*figure.Table)
			for _, head := range []int{0, 7} {
				if table.Rows[head].Cells[2].Value == 0 {
					t.Errorf("%s, seed %d: %s has no shares", method, seed, table.Rows[head].Cells[0].Text)
				}
			}
		}
	}
}

// TestRowsThatDoNotFitATable are refused before the network is asked about any.
func TestRowsThatDoNotFitATable(t *testing.T) {
	const features = 100
	g := ir.New("wide")
	x, b := g.AddInput("x", tensor.Float32, []ir.Dim{ir.Symbol("n"), ir.Dims(features)[0]}), ir.NewBuilder(g, "")
	g.Outputs = []ir.ValueID{b.Op("Softmax", nil, b.Op("MatMul", nil, x, b.Const(tensor.New(tensor.Float32, features, 3))))}
	m, err := model.New("wide.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := &viz.Input{
		Model:    m,
		Images:   []viz.Image{{Name: "rows.csv", Array: tensor.New(tensor.Float32, 2000, features)}},
		Progress: func(p viz.Progress) { t.Fatalf("it works at %s", p.What) },
	}
	if _, err := Method.Run(t.Context(), in, viz.Values{"show": {"1000"}}); !viz.IsUser(err) || !strings.Contains(err.Error(), "--show") {
		t.Errorf("it says %v", err)
	}
}

// TestWhatRowsDoNotHave is refused with a sentence.
func TestWhatRowsDoNotHave(t *testing.T) {
	for _, c := range []struct {
		rows int
		set  viz.Values
		says string
	}{
		{3, viz.Values{"method": {"rise"}}, "no neighbours"},
		{3, viz.Values{"baseline": {"blurred"}}, "takes rows"},
		{3, viz.Values{"method": {"lrp"}, "first-rule": {"box"}}, "wsquare"},
		{1, viz.Values{"baseline": {"mean"}}, "give several"},
		{1, viz.Values{"baseline": {"random"}, "method": {"gradientshap"}}, "give several"},
		{3, viz.Values{"method": {"guidedgradcam"}}, "no layer"},
		{3, viz.Values{"compare": {"true"}}, "takes pictures"},
	} {
		if _, err := explainTable(t, threeRows().Slice(0, c.rows), c.set); !viz.IsUser(err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v, which does not say %q", c.set, err, c.says)
		}
	}
	if _, err := explainTable(t, tensor.New(tensor.Float32, 3, 5), nil); !viz.IsUser(err) {
		t.Errorf("rows of five features give %v", err)
	}
}

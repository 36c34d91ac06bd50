package arch

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/render"
	"github.com/tomo-viz/tomo/viz"
)

func newModel(t testing.TB, g *ir.Graph) *model.Model {
	t.Helper()
	m, err := model.New(g.Name+".onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func openShared(t testing.TB, path string) *model.Model {
	t.Helper()
	m, err := model.Open(shared.Path(t, path), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func drawn(t testing.TB, m *model.Model, v viz.Values) *figure.Graph {
	t.Helper()
	fig, err := Method.Run(context.Background(), &viz.Input{Model: m}, v)
	if err != nil {
		t.Fatal(err)
	}
	return fig.(*figure.Graph)
}

func tabled(t testing.TB, m *model.Model) *figure.Table {
	t.Helper()
	fig, err := Method.Run(context.Background(), &viz.Input{Model: m}, viz.Values{"view": {"table"}})
	if err != nil {
		t.Fatal(err)
	}
	return fig.(*figure.Table)
}

func fact(facts []figure.Fact, name string) string {
	for _, f := range facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// TestTotals compares with what torchvision documents of its models.
func TestTotals(t *testing.T) {
	for _, tt := range []struct {
		build                 func(uint64) *ir.Graph
		params, buffers, macs string
	}{
		{zoo.ResNet18, "11,689,512", "9,600", "1.81 G"},
		{zoo.MobileNetV2, "3,504,872", "34,112", "301 M"},
		{zoo.SqueezeNet11, "1,235,496", "", "349 M"},
	} {
		m := newModel(t, tt.build(1))
		totals := drawn(t, m, nil).Totals
		for name, want := range map[string]string{"parameters": tt.params, "buffers": tt.buffers, "multiply-accumulates": tt.macs} {
			if got := fact(totals, name); got != want {
				t.Errorf("%s has %s %q, want %q", m.Name, name, got, want)
			}
		}
	}
}

// TestPublishedFiles counts the parameters of files that others exported.
// MobileNetV2 in int8 has its batch normalizations folded into the
// convolutions: 3,504,872 less the scale of each of 17,056 channels. Silero has
// a network for 16 kHz and one for 8 kHz in the ways of an If, of 243,585 and
// 219,009 parameters by the sizes of their layers.
func TestPublishedFiles(t *testing.T) {
	for path, want := range map[string]string{
		"data/models/onnx/squeezenet1.1_fp16.onnx":             "1,235,496",
		"data/models/onnx/mobilenet_v2_imagenet_int8_qdq.onnx": "3,487,816",
		"data/models/onnx/silero_vad.onnx":                     "462,594",
	} {
		t.Run(path, func(t *testing.T) {
			if got := fact(tabled(t, openShared(t, path)).Totals, "parameters"); got != want {
				t.Errorf("got %s parameters, want %s", got, want)
			}
		})
	}
}

func TestTableSumsEqualTotals(t *testing.T) {
	for _, build := range []func(uint64) *ir.Graph{zoo.ResNet18, zoo.MobileNetV2, zoo.Tiny} {
		m := newModel(t, build(1))
		table := tabled(t, m)
		for column, name := range map[int]string{3: "parameters", 4: "multiply-accumulates"} {
			sum := checkGroups(t, table, column)
			want := fact(table.Totals, name)
			if got := map[int]string{3: figure.Thousands(int64(sum)), 4: countText(int64(sum))}[column]; got != want {
				t.Errorf("%s: the rows sum up to %s %s, the total is %s", m.Name, got, name, want)
			}
		}
	}
}

// checkGroups adds up the rows that are not inside others, and checks that each
// group is the sum of the rows directly in it.
func checkGroups(t *testing.T, table *figure.Table, column int) (sum float64) {
	for i, row := range table.Rows {
		v := row.Cells[column].Value
		if row.Depth == 0 {
			sum += v
		}
		if !row.Group {
			continue
		}
		inside := 0.0
		for _, r := range table.Rows[i+1:] {
			if r.Depth <= row.Depth {
				break
			}
			if r.Depth == row.Depth+1 {
				inside += r.Cells[column].Value
			}
		}
		if inside != v {
			t.Errorf("%s: %v, but its rows sum up to %v", row.Cells[0].Text, v, inside)
		}
	}
	return sum
}

// TestEveryNodeHasOneBox checks drawings of real networks, from all folded to
// all open: each operator is drawn once or counted in one folded module, boxes
// have names of their own, and edges end at the boxes that they say.
func TestEveryNodeHasOneBox(t *testing.T) {
	models := []*model.Model{newModel(t, zoo.Tiny(1)), newModel(t, zoo.ResNet18(1)), newModel(t, zoo.MobileNetV2(1))}
	for _, path := range []string{"golden/tinybert/tinybert_op13.onnx", "golden/tinyvit/tinyvit_op13.onnx", "data/models/onnx/ultraface_rfb320.onnx", "data/models/onnx/silero_vad.onnx"} {
		t.Run(path, func(t *testing.T) { models = append(models, openShared(t, path)) })
	}
	for _, m := range models {
		for _, most := range []string{"1", "60", "20000"} {
			for _, plumbing := range []string{"false", "true"} {
				fig := drawn(t, m, viz.Values{"max-nodes": {most}, "plumbing": {plumbing}})
				if err := checkBoxes(fig); err != nil {
					t.Errorf("%s with %s boxes at most: %v", m.Name, most, err)
				}
			}
		}
	}
}

func checkBoxes(fig *figure.Graph) error {
	operators := 0
	seen := map[string]bool{}
	for _, n := range fig.Nodes {
		if seen[n.ID] {
			return fmt.Errorf("two boxes have the ID %q", n.ID)
		}
		seen[n.ID] = true
		count := 1
		if held := fact(n.Facts, "operators"); held != "" {
			fmt.Sscan(strings.ReplaceAll(held, ",", ""), &count)
		}
		if n.Class != "input" && n.Class != "output" {
			operators += count
		}
	}
	if !strings.HasSuffix(fig.Subtitle, fmt.Sprintf(", %s operators", figure.Thousands(int64(operators)))) {
		return fmt.Errorf("the boxes hold %d operators; the figure says %q", operators, fig.Subtitle)
	}
	for _, e := range fig.Edges {
		if e.From == e.To || len(e.Path) < 4 {
			return fmt.Errorf("%q goes from box %d to %d along %v", e.Value, e.From, e.To, e.Path)
		}
		for end, at := range map[int][2]float64{e.From: e.Path[0], e.To: e.Path[len(e.Path)-1]} {
			b := fig.Nodes[end].Box
			const slack = 0.5
			if at[0] < b.X-slack || at[0] > b.X+b.W+slack || at[1] < b.Y-slack || at[1] > b.Y+b.H+slack {
				return fmt.Errorf("%q ends at %v, outside of %q", e.Value, at, fig.Nodes[end].ID)
			}
		}
	}
	return nil
}

func TestExpandAndFold(t *testing.T) {
	m := newModel(t, zoo.ResNet18(1))
	paths := func(v viz.Values) (open, folded string) {
		fig := drawn(t, m, v)
		for _, g := range fig.Groups {
			open += g.Path + " "
		}
		for _, n := range fig.Nodes {
			if n.Fold != "" {
				folded += n.Fold + " "
			}
		}
		return open, folded
	}
	for _, tt := range []struct {
		v            viz.Values
		open, folded string
	}{
		{viz.Values{"max-nodes": {"1"}}, "", "layer1 layer2 layer3 layer4 "},
		{viz.Values{"max-nodes": {"1"}, "expand": {"layer2.0"}}, "layer2 layer2.0 ", "layer1 layer2.0.downsample layer2.1 layer3 layer4 "},
		{viz.Values{"max-nodes": {"20"}}, "layer1 layer2 layer3 layer4 ", "layer1.0 layer1.1 layer2.0 layer2.1 layer3.0 layer3.1 layer4.0 layer4.1 "},
		{viz.Values{"max-nodes": {"20"}, "fold": {"layer3", "layer4"}}, "layer1 layer2 ", "layer1.0 layer1.1 layer2.0 layer2.1 layer3 layer4 "},
		{viz.Values{"max-nodes": {"1"}, "expand": {"layer1.0.conv1"}, "fold": {"layer2.0.bn1"}}, "layer1 layer1.0 ", "layer1.1 layer2 layer3 layer4 "},
	} {
		if open, folded := paths(tt.v); open != tt.open || folded != tt.folded {
			t.Errorf("%v: open %q and folded %q, want %q and %q", tt.v, open, folded, tt.open, tt.folded)
		}
	}
}

func TestUnknownModule(t *testing.T) {
	for _, tt := range []struct{ name, hint string }{{"layer9", "layer1"}, {"", "there is no module"}} {
		_, err := Method.Run(context.Background(), &viz.Input{Model: newModel(t, zoo.ResNet18(1))}, viz.Values{"expand": {tt.name}})
		if !viz.IsUser(err) || !strings.Contains(err.Error(), tt.hint) {
			t.Errorf("opening %q: %v", tt.name, err)
		}
	}
}

// TestDrawsWhatCannotRun draws networks of operators that Tomo does not know,
// and with weights that are not there, and says so.
func TestDrawsWhatCannotRun(t *testing.T) {
	g := zoo.Tiny(1)
	b := ir.NewBuilder(g, "")
	g.Outputs[0] = b.Node("org.example", "Frobnicate", nil, 1, g.Outputs[0])[0]
	v := &g.Values[g.ValueByName("conv1.weight")]
	v.Const, v.Missing = nil, "the file conv1.bin is not there"
	fig := drawn(t, newModel(t, g), nil)
	last := fig.Nodes[len(fig.Nodes)-2]
	if last.Title != "Frobnicate" || last.Class != "unknown" {
		t.Errorf("the operator that nobody knows is drawn as %s of class %s", last.Title, last.Class)
	}
	warnings := strings.Join(fig.Warnings, "\n")
	for _, want := range []string{"Frobnicate", "conv1.bin"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("no warning of %s: %q", want, warnings)
		}
	}
}

func TestSameDrawingEachTime(t *testing.T) {
	m := newModel(t, zoo.MobileNetV2(1))
	var first []byte
	for range 3 {
		var b bytes.Buffer
		if err := render.Write(&b, drawn(t, m, viz.Values{"max-nodes": {"500"}}), "json", render.Options{}); err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(first, b.Bytes()) {
			t.Fatal("the same network is drawn in two ways")
		}
		first = b.Bytes()
	}
}

// TestLargeGraph draws 5,000 operators without modules, every tenth with a
// shortcut around the last nine.
func TestLargeGraph(t *testing.T) {
	g := ir.New("large")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 8))
	b := ir.NewBuilder(g, "")
	for i := range 5000 {
		switch {
		case i%10 == 9:
			x = b.Op("Add", nil, x, g.Nodes[i-9].Outputs[0])
		default:
			x = b.Op("Relu", nil, x)
		}
	}
	g.Outputs = []ir.ValueID{x}
	fig := drawn(t, newModel(t, g), viz.Values{"max-nodes": {"20000"}})
	if len(fig.Nodes) != 5002 || len(fig.Edges) != 5501 {
		t.Errorf("there are %d boxes and %d edges", len(fig.Nodes), len(fig.Edges))
	}
}

// TestSubgraphs draws a branch as one box with the weights of both ways.
func TestSubgraphs(t *testing.T) {
	g := ir.New("branch")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 4))
	b := ir.NewBuilder(g, "")
	cond := b.Op("Greater", nil, b.Op("ReduceSum", ir.Pairs("keepdims", 0), x), b.Float(0, tensor.Float32))
	g.Outputs = []ir.ValueID{b.Op("If", ir.Pairs("then_branch", scaled4(x, "a"), "else_branch", scaled4(x, "b")), cond)}
	fig := drawn(t, newModel(t, g), nil)
	for _, n := range fig.Nodes {
		if n.Title != "If" {
			continue
		}
		if n.Class != "control" || fact(n.Facts, "parameters") != "8" || fact(n.Facts, "then_branch") != "a graph of 1 nodes" {
			t.Errorf("the branch is %s with %v", n.Class, n.Facts)
		}
		for _, e := range fig.Edges {
			if fig.Nodes[e.From].Title == "x" && fig.Nodes[e.To].Title == "If" {
				return
			}
		}
		t.Error("no edge from what the branches capture")
		return
	}
	t.Error("there is no box for the branch")
}

func scaled4(outer ir.ValueID, name string) *ir.Graph {
	g := ir.New(name)
	x := g.AddValue(ir.Value{Name: "x", DType: tensor.Float32})
	g.Captures = map[ir.ValueID]ir.ValueID{x: outer}
	w := g.AddConst(name+".weight", tensor.New(tensor.Float32, 4))
	g.Values[w].Param = true
	g.Outputs = []ir.ValueID{ir.NewBuilder(g, "").Op("Mul", nil, x, w)}
	return g
}

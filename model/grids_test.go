package model

import (
	"fmt"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestGridsOfTransformers follows places through class tokens, windows that are
// cut and put back, channels that come last, and patches that are merged.
func TestGridsOfTransformers(t *testing.T) {
	open := func(g *ir.Graph) *Model {
		m, err := New(g.Name+".onnx", g, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	small := map[string]*Model{}
	for _, a := range zoo.Architectures() {
		switch a.Name {
		case "vit_b_16", "deit_tiny", "swin_t", "convnext_tiny":
			small[a.Name] = open(a.Small.Build(1))
		}
	}
	for _, file := range []string{"tinyvit_op13", "tinyvit_op17"} {
		m, err := Open(shared.Path(t, "golden/tinyvit/"+file+".onnx"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		small[file] = m
	}
	for _, c := range []struct{ model, layer, want string }{
		{"vit_b_16", "encoder.layers.encoder_layer_1", "48 × 4×4 behind 1"},
		{"vit_b_16", "encoder.layers.encoder_layer_1.self_attention", "48 × 4×4 behind 1"},
		{"vit_b_16", "conv_proj", "48 × 4×4 behind 0"},
		{"deit_tiny", "blocks.1.attn.qkv", "144 × 4×4 behind 1"},
		{"swin_t", "features.1.1", "24 × 8×8 behind 0"},
		{"swin_t", "features.3.1", "48 × 4×4 behind 0"},
		{"swin_t", "norm", "48 × 4×4 behind 0"},
		{"tinyvit_op13", "blocks.3.norm1", "96 × 8×8 behind 1"},
		{"tinyvit_op17", "blocks.3.norm1", "96 × 8×8 behind 1"},
	} {
		m := small[c.model]
		l, err := m.Layer(c.layer)
		if err != nil {
			t.Error(err)
			continue
		}
		g, ok := m.Grids().Of(l.Value)
		if got := fmt.Sprintf("%s behind %d", g, g.Lead); !ok || got != c.want {
			t.Errorf("%s of %s: got %s, want %s", c.layer, c.model, got, c.want)
		}
	}
}

// TestGridsOfSignalsAndVolumes knows the axes of inputs that are no pictures,
// and those of inputs of another size than the declared one.
func TestGridsOfSignalsAndVolumes(t *testing.T) {
	for _, c := range []struct {
		in, other ir.Shape
		kernel    []int
		want      string
	}{
		{ir.Dims(1, 2, 64), ir.Dims(1, 2, 32), []int{2}, "5 × 63; 5 × 31"},
		{ir.Shape{ir.Symbol("n"), ir.Known(2), ir.Symbol("length")}, ir.Dims(1, 2, 32), []int{2}, "1; 5 × 31"},
		{ir.Dims(1, 1, 6, 8, 9), ir.Dims(1, 1, 6, 5, 5), []int{3, 1, 2}, "5 × 4×8×8; 5 × 4×5×4"},
	} {
		g := ir.New("inputs")
		x := g.AddInput("x", tensor.Float32, c.in)
		w := g.AddConst("w", tensor.New(tensor.Float32, append([]int{5, c.in[1].N}, c.kernel...)...))
		y := ir.NewBuilder(g, "").Op("Conv", nil, x, w)
		g.Outputs = []ir.ValueID{y}
		m, err := New("inputs.onnx", g, Options{})
		if err != nil {
			t.Fatal(err)
		}
		declared, _ := m.Grids().Of(y)
		other, _ := c.other.Ints()
		fed, _ := m.Grids(other...).Of(y)
		if declared.Channels == 0 {
			declared.Channels, declared.H, declared.W = 1, 1, 1
		}
		if got := fmt.Sprintf("%s; %s", declared, fed); got != c.want {
			t.Errorf("input %s: got %s, want %s", c.in, got, c.want)
		}
	}
}

// TestGridsOfGroupNorm follows places through group normalization as it is
// exported before opset 21: channels and places of a group in a row, and back in
// the shape from before, which need not be written as a constant.
func TestGridsOfGroupNorm(t *testing.T) {
	b, x := network(1, 6, 4, 5)
	shape := b.Op("Shape", nil, x)
	rows := b.Op("Reshape", nil, x, b.Ints(0, 2, -1))
	ones, zeros := b.Const(tensor.Vector[float32](1, 1)), b.Const(tensor.Vector[float32](0, 0))
	rows = b.Op("InstanceNormalization", nil, rows, ones, zeros)
	back := b.Op("Reshape", nil, rows, shape)
	other := b.Op("Reshape", nil, rows, b.Ints(1, 6, 5, 4))
	b.G.Outputs = []ir.ValueID{back, other}
	m := mustModel(t, b.G, nil)
	for v, want := range map[ir.ValueID]string{rows: "", back: "6 × 4×5", other: ""} {
		got := ""
		if g, ok := m.Grids().Of(v); ok {
			got = g.String()
		}
		if got != want {
			t.Errorf("value %d: got %q, want %q", v, got, want)
		}
	}
}

// TestGridsOfResized finds the scores of a segmentation network whose maps are
// enlarged last, but not those of a part of the picture.
func TestGridsOfResized(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		mode  string
		want  bool
	}{
		{[]int{1, 5, 8, 12}, "half_pixel", true},
		{[]int{1, 5, 8, 12}, "tf_crop_and_resize", false},
		{[]int{1, 9, 8, 12}, "asymmetric", false},
	} {
		b, x := network(1, 3, 8, 12)
		maps := b.Op("Conv", ir.Pairs("strides", []int{2, 2}), x, b.Const(tensor.New(tensor.Float32, 5, 3, 2, 2)))
		roi := b.Const(tensor.Vector[float32](0, 0, 0, 0, 1, 1, 1, 1))
		large := b.Op("Resize", ir.Pairs("mode", "linear", "coordinate_transformation_mode", c.mode), maps, roi, ir.None, b.Ints(c.sizes...))
		b.G.Outputs = []ir.ValueID{b.Op("Softmax", ir.Pairs("axis", 1), large)}
		m := mustModel(t, b.G, nil)
		if got := m.ScoreMaps(); (got == large) != c.want {
			t.Errorf("to %v as %s: value %d, want %d: %v", c.sizes, c.mode, got, large, c.want)
		}
		if g, ok := m.Grids().Of(large); ok != c.want || ok && g.String() != "5 × 8×12" {
			t.Errorf("to %v as %s: %s, %v", c.sizes, c.mode, g, ok)
		}
	}
}

// TestMaps lays tokens out as maps.
func TestMaps(t *testing.T) {
	tokens := lay{axes: []axis{batch, tokens, channel}, over: []int{1, 2}, lead: 1}
	g, ok := tokens.grid([]int{1, 3, 2})
	if got := g.Maps([]float32{9, 9, 1, 2, 3, 4}); !ok || fmt.Sprint(got) != "[1 3 2 4]" {
		t.Errorf("got %v", got)
	}
}

// TestAttentions finds the attentions of transformers and the normalization
// before each.
func TestAttentions(t *testing.T) {
	for _, file := range []string{"tinyvit_op13", "tinyvit_op17"} {
		m, err := Open(shared.Path(t, "golden/tinyvit/"+file+".onnx"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		found := Attentions(m.Net)
		if len(found) != 4 {
			t.Fatalf("%s: %d attentions, want 4", file, len(found))
		}
		for i, a := range found {
			if got, want := m.Types[a.Probabilities].Shape[1:].String(), "4×65×65"; got != want {
				t.Errorf("%s: probabilities %s, want %s", file, got, want)
			}
			if got, want := m.LayerName(m.NormBefore(a)), fmt.Sprintf("blocks.%d.norm1", i); got != want {
				t.Errorf("%s: attention %d reads %s, want %s", file, i, got, want)
			}
		}
	}
	for _, a := range zoo.Architectures() {
		want := map[string]int{"vit_b_16": 2, "deit_tiny": 2, "swin_t": 4, "bert_base": 2, "resnet18": 0}
		if n, ok := want[a.Name]; ok {
			if found := Attentions(a.Small.Build(1)); len(found) != n {
				t.Errorf("%s: %d attentions, want %d", a.Name, len(found), n)
			}
		}
	}
}

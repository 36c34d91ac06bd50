package arch

import (
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// TestNoLineRunsBack: in networks without loops no data leaves a module's box
// and comes back, although exporters put some nodes outside of the modules
// that call them.
func TestNoLineRunsBack(t *testing.T) {
	for _, path := range []string{
		"golden/tinybert/tinybert_op13.onnx", "golden/tinyvit/tinyvit_op13.onnx", "golden/tinyresnet/tinyresnet_op9.onnx",
		"data/models/onnx/ultraface_rfb320.onnx", "data/models/onnx/basic_pitch_nmp.onnx", "data/models/onnx/ocr/ch_PP-OCRv4_rec_infer.onnx",
	} {
		t.Run(path, func(t *testing.T) {
			m := openShared(t, path)
			for _, most := range []string{"1", "60", "20000"} {
				for _, e := range drawn(t, m, viz.Values{"max-nodes": {most}}).Edges {
					if e.Back {
						t.Errorf("with %s boxes at most, %q runs back", most, e.Value)
					}
				}
			}
		})
	}
}

func TestGather(t *testing.T) {
	g := ir.New("outside")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 4))
	b := ir.NewBuilder(g, "")
	for _, module := range []string{"block", "", "block", "", "head", "head"} {
		b.Module = module
		x = b.Op("Relu", nil, x)
	}
	g.Outputs = []ir.ValueID{x}
	fig := drawn(t, newModel(t, g), viz.Values{"max-nodes": {"4"}})
	var got []string
	for _, n := range fig.Nodes {
		got = append(got, n.Title+" "+fact(n.Facts, "operators"))
	}
	if want := []string{"x ", "block 3", "Relu ", "head 2", "Relu_5_0 "}; !slices.Equal(got, want) {
		t.Errorf("got boxes %q, want %q", got, want)
	}
}

func TestQuantizersAreHidden(t *testing.T) {
	m := openShared(t, "data/models/onnx/mobilenet_v2_imagenet_int8_qdq.onnx")
	count := func(plumbing string) (n int) {
		for _, box := range drawn(t, m, viz.Values{"max-nodes": {"20000"}, "plumbing": {plumbing}}).Nodes {
			if box.Title == "QuantizeLinear" || box.Title == "DequantizeLinear" {
				n++
			}
		}
		return n
	}
	if hidden, shown := count("false"), count("true"); hidden != 0 || shown != 65+171 {
		t.Errorf("there are %d boxes that quantize, and %d with the plumbing; want none and all 236 of the file", hidden, shown)
	}
}

// TestSteps draws a flat network of convolutions with a spelled out hard swish
// and a shortcut.
func TestSteps(t *testing.T) {
	g := ir.New("flat")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 2, 4, 4))
	b := ir.NewBuilder(g, "")
	w := g.AddConst("w", tensor.New(tensor.Float32, 2, 2, 1, 1))
	conv := func(x ir.ValueID) ir.ValueID {
		y := b.Op("Conv", nil, x, w)
		gate := b.Op("Clip", nil, b.Op("Add", nil, y, b.Float(3, tensor.Float32)))
		return b.Op("Mul", nil, y, gate)
	}
	y := conv(x)
	z := b.Op("Add", nil, conv(y), y)
	g.Outputs = []ir.ValueID{b.Op("Relu", nil, z)}
	fig := drawn(t, newModel(t, g), viz.Values{"max-nodes": {"5"}})
	var got []string
	for _, n := range fig.Nodes[1:4] {
		got = append(got, n.Title+" "+n.Lines[0])
	}
	if want := []string{"Conv with Add, Clip, Mul", "Conv with Add, Clip, Mul", "Add with Relu"}; !slices.Equal(got, want) || len(fig.Nodes) != 5 {
		t.Errorf("got boxes %q, want %q between input and output", got, want)
	}
	if len(fig.Edges) != 5 || fact(fig.Facts, "drawn together") == "" {
		t.Errorf("there are %d edges, and the caption says %v", len(fig.Edges), fig.Facts)
	}
}

func TestTitles(t *testing.T) {
	for _, tt := range []struct{ path, outer, want string }{
		{"layer1.0.conv1", "layer1.0", "conv1"},
		{"layer1.0", "layer1", "layer1.0"},
		{"features.3.0", "features.3", "features.3.0"},
		{"features.1.conv", "features", "features.1.conv"},
		{"0", "", "0"},
		{"encoder.attn", "", "encoder.attn"},
	} {
		if got := moduleWithin(tt.path, tt.outer); got != tt.want {
			t.Errorf("%s in %q is called %q, want %q", tt.path, tt.outer, got, tt.want)
		}
	}
	for _, tt := range []struct{ name, op, want string }{
		{"Conv_25", "Conv", ""}, {"/layer1/Conv", "Conv", ""}, {"p2o.Conv.7", "Conv", ""}, {"n12", "Relu", ""},
		{"squeeze1x1", "Conv", "squeeze1x1"}, {"/blocks/final_add", "Add", "final_add"},
	} {
		if got := nodeWithin(&ir.Node{Name: tt.name, Op: tt.op}, ""); got != tt.want {
			t.Errorf("node %s is called %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestLegendIsInOrder(t *testing.T) {
	got := legend([]figure.GraphNode{{Class: "control"}, {Class: "conv"}, {Class: "input"}, {Class: "conv"}})
	if want := []string{"input", "conv", "control"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

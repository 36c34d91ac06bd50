package activations

import (
	"context"
	"fmt"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// side is that of the pictures of hand-made networks.
const side = 8

// The units of the hand-made network.
const (
	red    = iota // what is red above the middle
	green         // what is green above the middle
	silent        // never above zero
	idle          // answers, and no class listens
	units
)

// handMade is a network whose every number is known: a convolution with the
// units above, a ReLU, a sigmoid of which two channels are stuck, and two
// classes, red and green.
func handMade(t *testing.T) *model.Model {
	t.Helper()
	g := ir.New("hand")
	g.Opsets[""] = 17
	g.AddConst("first", tensor.Scalar(int64(3))) // as in many a file, the input is not the first value
	x := g.AddInput("image", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(3), ir.Known(side), ir.Known(side)})
	b := ir.NewBuilder(g, "")
	layer := func(name, op string, attrs ir.Attrs, in ...ir.ValueID) ir.ValueID {
		v := b.Op(op, attrs, in...)
		g.Values[v].Name, g.Nodes[len(g.Nodes)-1].Name = name, name
		return v
	}
	param := func(shape []int, values ...float32) ir.ValueID {
		return g.AddConst(fmt.Sprintf("w%d", len(g.Values)), tensor.Of(values, shape...))
	}
	conv := layer("conv", "Conv", nil, x, param([]int{units, 3, 1, 1},
		1, 0, 0,
		0, 1, 0,
		0, 0, 0,
		0, 0, 1), param([]int{units}, 0, 0, -1, 2))
	relu := layer("relu", "Relu", nil, conv)
	stuck := layer("gate", "Conv", nil, relu, param([]int{3, units, 1, 1},
		0, 0, 0, 100,
		0, 0, 0, -100,
		0.1, 0.1, 0, 0))
	sigmoid := layer("sigmoid", "Sigmoid", nil, stuck)
	pool := layer("pool", "GlobalAveragePool", nil, relu)
	flat := layer("flatten", "Flatten", nil, pool)
	gates := layer("gates", "Flatten", nil, layer("gatepool", "GlobalAveragePool", nil, sigmoid))
	nothing := layer("nothing", "MatMul", nil, gates, param([]int{3, 2}, make([]float32, 6)...))
	logits := layer("fc", "MatMul", nil, flat, param([]int{units, 2}, 1, 0, 0, 1, 0, 0, 0, 0))
	out := layer("logits", "Add", nil, logits, nothing)
	g.Outputs = []ir.ValueID{out}
	m, err := model.New("hand.onnx", g, model.Options{Input: map[string]string{
		"recipe": "tf", "size": fmt.Sprint(side), "layout": "nchw", "fit": "stretch", "shorter": "0"}})
	if err != nil {
		t.Fatal(err)
	}
	m.Labels = model.Labels{Names: []string{"red", "green"}, Source: "the test"}
	return m
}

// plain is a picture of one colour.
func plain(name, label string, rgb [3]uint8) viz.Image {
	img := data.NewImage(side, side)
	for i := range img.Pix {
		img.Pix[i] = rgb[i%3]
	}
	return viz.Image{Name: name, Label: label, Picture: viz.Held(img)}
}

// colours are pictures of which two are red and two green, of known strength.
func colours() []viz.Image {
	return []viz.Image{
		plain("weak red", "red", [3]uint8{191, 0, 128}), plain("red", "red", [3]uint8{255, 0, 128}),
		plain("weak green", "green", [3]uint8{0, 191, 128}), plain("green", "green", [3]uint8{0, 255, 128}),
	}
}

// run makes a figure of the technique.
func runView(t *testing.T, m *model.Model, images []viz.Image, v viz.Values) figure.Figure {
	t.Helper()
	fig, err := Method.Run(context.Background(), &viz.Input{Model: m, Images: images}, v)
	if err != nil {
		t.Fatal(err)
	}
	return fig
}

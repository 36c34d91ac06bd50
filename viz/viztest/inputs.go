package viztest

import (
	"math/rand/v2"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz"
)

// suitable is input that a technique can serve: a small classifier, two
// pictures, two runs.
func suitable(m *viz.Method) *viz.Input {
	in := &viz.Input{}
	if m.Needs.Has(viz.NeedsModel) {
		in.Model = servable(nil)
	}
	if m.Needs.Has(viz.NeedsImage) {
		in.Images = pictures(24, 20)
	}
	if m.Needs.Has(viz.NeedsRuns) {
		in.Runs = runs("healthy", "overfitting")
	}
	return in
}

// otherwise is suitable input whose model is a vision transformer, and of one run.
func otherwise(m *viz.Method) *viz.Input {
	in := suitable(m)
	if len(in.Runs) > 0 {
		in.Runs = in.Runs[:1]
	}
	if in.Model == nil {
		return in
	}
	for _, a := range zoo.Architectures() {
		if a.Name == "deit_tiny" {
			in.Model = open(a.Small.Build(1), nil)
		}
	}
	return in
}

func servable(e exec.Executor) *model.Model { return open(zoo.Tiny(1), e) }

func open(g *ir.Graph, e exec.Executor) *model.Model {
	m, err := model.New(g.Name+".onnx", g, model.Options{Executor: e})
	if err != nil {
		panic(err)
	}
	return m
}

// pictures makes two pictures of noise.
func pictures(w, h int) []viz.Image {
	random := rand.New(rand.NewPCG(3, 3))
	var out []viz.Image
	for _, name := range []string{"one.png", "two.png"} {
		img := data.NewImage(w, h)
		for i := range img.Pix {
			img.Pix[i] = uint8(random.Uint32())
		}
		out = append(out, viz.Image{Name: name, Picture: viz.Held(img)})
	}
	return out
}

// An oddity is a model that some techniques cannot serve.
type oddity struct {
	name  string
	lacks viz.Needs
	build func() *ir.Graph
}

var oddities = []oddity{
	{"an operator that nobody knows", viz.NeedsWeights, unknownOperator},
	{"weights that are not there", viz.NeedsWeights, missingWeights},
	{"no picture among its inputs", viz.NeedsImage, numbersToScores},
	{"integers for its input", viz.NeedsImage, wordsToScores},
	{"maps for its output", 0, picturesToMaps},
	{"nothing between input and output", 0, nothing},
	{"no output", viz.NeedsWeights, noOutput},
	{"a branch", 0, branching},
}

func unknownOperator() *ir.Graph {
	g := zoo.Tiny(1)
	b := ir.NewBuilder(g, "odd/")
	g.Outputs[0] = b.Node("org.example", "Frobnicate", nil, 1, g.Outputs[0])[0]
	return g
}

func missingWeights() *ir.Graph {
	g := zoo.Tiny(1)
	v := &g.Values[g.ValueByName("conv1.weight")]
	v.Const, v.Missing = nil, "the file conv1.bin is not there"
	return g
}

func numbersToScores() *ir.Graph {
	g := ir.New("numbers")
	x := g.AddInput("features", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(4)})
	b := ir.NewBuilder(g, "")
	g.Outputs = []ir.ValueID{b.Op("MatMul", nil, x, weight(g, "fc.weight", 4, 3))}
	return g
}

func wordsToScores() *ir.Graph {
	g := ir.New("words")
	x := g.AddInput("ids", tensor.Int64, ir.Shape{ir.Symbol("batch"), ir.Symbol("length")})
	b := ir.NewBuilder(g, "")
	y := b.Op("Gather", nil, weight(g, "embedding.weight", 10, 4), x)
	y = b.Op("ReduceMean", ir.Pairs("keepdims", 0), y, b.Ints(1))
	g.Outputs = []ir.ValueID{b.Op("MatMul", nil, y, weight(g, "fc.weight", 4, 3))}
	return g
}

func picturesToMaps() *ir.Graph {
	g, x := picturesIn("maps")
	b := ir.NewBuilder(g, "")
	y := b.Op("Conv", nil, x, weight(g, "conv.weight", 2, 3, 1, 1))
	g.Outputs = []ir.ValueID{b.Op("Sigmoid", nil, y)}
	return g
}

func nothing() *ir.Graph {
	g, x := picturesIn("nothing")
	g.Outputs = []ir.ValueID{x}
	return g
}

func noOutput() *ir.Graph {
	g := zoo.Tiny(1)
	g.Outputs = nil
	return g
}

// branching takes one of two ways by the sign of the answer.
func branching() *ir.Graph {
	g := zoo.Tiny(1)
	b := ir.NewBuilder(g, "")
	y := g.Outputs[0]
	cond := b.Op("Greater", nil, b.Op("ReduceSum", ir.Pairs("keepdims", 0), y), b.Float(0, tensor.Float32))
	g.Outputs[0] = b.Op("If", ir.Pairs("then_branch", captured(y, "Relu"), "else_branch", captured(y, "Neg")), cond)
	return g
}

// captured is a graph of one operator on a value of the graph around it.
func captured(outer ir.ValueID, op string) *ir.Graph {
	g := ir.New(op)
	x := g.AddValue(ir.Value{Name: "x", DType: tensor.Float32})
	g.Captures = map[ir.ValueID]ir.ValueID{x: outer}
	g.Outputs = []ir.ValueID{ir.NewBuilder(g, "").Op(op, nil, x)}
	return g
}

func picturesIn(name string) (*ir.Graph, ir.ValueID) {
	g := ir.New(name)
	return g, g.AddInput("image", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(3), ir.Known(8), ir.Known(8)})
}

func weight(g *ir.Graph, name string, shape ...int) ir.ValueID {
	t := tensor.New(tensor.Float32, shape...)
	for i := range t.F32() {
		t.F32()[i] = float32(i%7) - 3
	}
	v := g.AddConst(name, t)
	g.Values[v].Param = true
	return v
}

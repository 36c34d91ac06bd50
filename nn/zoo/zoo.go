// Package zoo builds the standard architectures of the field, with weights
// drawn from a seed: the layers, names and parameter counts are those of the
// published networks, and only the training is missing. Modules and parameters
// are called what torchvision calls them ("layer1.0.conv1.weight"), and batch
// normalizations are kept with their running statistics.
//
// An architecture is written with the combinators of kit.go and the layers of
// layers.go, and reads like its definition in the paper.
package zoo

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// An Architecture is a network that the package can build.
type Architecture struct {
	Name string
	// Source is the paper that defines it.
	Source string
	// Build returns the graph, whose nodes are sorted; its float32 input is
	// [batch, 3, 224, 224], its output [batch, 1000] logits. The same seed gives
	// the same weights.
	Build func(seed uint64) *ir.Graph
}

// Architectures lists what can be built.
func Architectures() []Architecture {
	return []Architecture{
		{"resnet18", "He et al., arXiv 1512.03385, table 1", ResNet18},
		{"mobilenet_v2", "Sandler et al., arXiv 1801.04381, table 2", MobileNetV2},
		{"squeezenet1_1", "Iandola et al., arXiv 1602.07360, release 1.1", SqueezeNet11},
	}
}

// classes is how many ImageNet has, and side the height and width of its
// pictures for all these networks.
const (
	classes = 1000
	side    = 224
)

// classifier builds a network of pictures with the given height and width.
func classifier(name string, seed uint64, side int, body block) *ir.Graph {
	g := ir.New(name)
	g.Opsets[""] = opset
	b := newBuilder(g, seed)
	x := g.AddInput("input", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(3), ir.Known(side), ir.Known(side)})
	y := body(b, signal{x, 3})
	g.Values[y.value].Name = "output"
	g.Outputs = []ir.ValueID{y.value}
	return g
}

// opset is the version of the ONNX operators that the graphs are written for.
const opset = 17

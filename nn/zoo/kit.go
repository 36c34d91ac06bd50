package zoo

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A signal is what flows between layers: a value and how many channels it has,
// so that no layer need be told, and the mean and variance that its elements are
// expected to have, so that weights can be drawn to keep its strength.
type signal struct {
	value          ir.ValueID
	channels       int
	mean, variance float64
}

// standard is a signal whose elements have the mean zero and the variance one.
func standard(v ir.ValueID, channels int) signal { return signal{v, channels, 0, 1} }

// power is the expected mean square of the elements.
func (x signal) power() float64 { return x.mean*x.mean + x.variance }

// as is another value that is otherwise like the signal.
func (x signal) as(v ir.ValueID) signal {
	x.value = v
	return x
}

// A block is a part of a network: it appends its nodes behind a signal and
// returns what comes out. Layers are blocks, and blocks are made of blocks.
type block func(b *builder, x signal) signal

// A builder appends nodes as torch.onnx names them: a node of the module
// layer1.0.conv1 is /layer1/layer1.0/conv1/Conv.
type builder struct {
	*ir.Builder
	random *rand.Rand
	scope  []string       // how the open modules are called in names of nodes
	calls  map[string]int // how often a module was called
}

// network builds a graph from what the body appends.
func network(name string, seed uint64, body func(b *builder)) *ir.Graph {
	g := ir.New(name)
	g.Opsets[""] = opset
	body(&builder{Builder: ir.NewBuilder(g, ""), random: rand.New(rand.NewPCG(seed, 1)), calls: map[string]int{}})
	return g
}

// opset is the version of the ONNX operators that the graphs are written for.
const opset = 17

// input makes an input of any batch.
func (b *builder) input(name string, dtype tensor.DType, dims ...ir.Dim) ir.ValueID {
	return b.G.AddInput(name, dtype, append(ir.Shape{ir.Symbol("batch")}, dims...))
}

// picture makes an input of square RGB pictures.
func (b *builder) picture(side int) signal {
	return standard(b.input("input", tensor.Float32, ir.Known(3), ir.Known(side), ir.Known(side)), 3)
}

// output makes a value an output of the graph.
func (b *builder) output(name string, v ir.ValueID) {
	b.G.Values[v].Name = name
	b.G.Outputs = append(b.G.Outputs, v)
}

// op appends an operator of the open module.
func (b *builder) op(name string, attrs ir.Attrs, inputs ...ir.ValueID) ir.ValueID {
	return b.ops(name, attrs, 1, inputs...)[0]
}

// ops appends one of n outputs.
func (b *builder) ops(name string, attrs ir.Attrs, n int, inputs ...ir.ValueID) []ir.ValueID {
	b.Prefix = "/" + strings.Join(append(b.scope, ""), "/")
	return b.Node("", name, attrs, n, inputs...)
}

// constant is a number or a list that stands in the graph and is not learned.
func (b *builder) constant(t *tensor.Tensor) ir.ValueID {
	v := b.Const(t)
	b.G.Values[v].Literal = true
	return v
}

func (b *builder) number(x float64) ir.ValueID { return b.constant(tensor.Scalar(float32(x))) }

func (b *builder) list(v ...int64) ir.ValueID { return b.constant(tensor.Vector(v...)) }

func (b *builder) extents(shape ...int) ir.ValueID {
	list := make([]int64, len(shape))
	for i, d := range shape {
		list[i] = int64(d)
	}
	return b.list(list...)
}

// reshape takes the extents of ONNX: 0 keeps one, -1 is the rest.
func (b *builder) reshape(x ir.ValueID, shape ...int) ir.ValueID {
	return b.op("Reshape", nil, x, b.extents(shape...))
}

func (b *builder) transpose(x ir.ValueID, perm ...int) ir.ValueID {
	return b.op("Transpose", ir.Pairs("perm", perm), x)
}

// operator is an operator of one input that keeps the channels.
func operator(name string, attrs ir.Attrs) block {
	return func(b *builder, x signal) signal { return x.as(b.op(name, attrs, x.value)) }
}

// child is a module inside the open one. Called again, it is the same module
// but its nodes have other names.
func child(name string, inner block) block {
	return func(b *builder, x signal) signal {
		outer, depth := b.Module, len(b.scope)
		b.Module = strings.TrimPrefix(outer+"."+name, ".")
		b.scope = append(b.scope, b.scopeOf(name))
		y := inner(b, x)
		b.Module, b.scope = outer, b.scope[:depth]
		return y
	}
}

// scopeOf returns what a module adds to the names of nodes: its own name, for a
// member of a list that of the list too, and a count if it is called again.
func (b *builder) scopeOf(name string) string {
	scope := name
	if _, err := strconv.Atoi(name); err == nil && len(b.scope) > 0 {
		scope = b.scope[len(b.scope)-1] + "." + name
	}
	n := b.calls[b.Module]
	b.calls[b.Module]++
	if n > 0 {
		scope += "_" + strconv.Itoa(n)
	}
	return scope
}

// sequence runs blocks one after another in the open module.
func sequence(blocks ...block) block {
	return func(b *builder, x signal) signal {
		for _, inner := range blocks {
			x = inner(b, x)
		}
		return x
	}
}

// numbered is a sequence whose blocks are the modules 0, 1, 2, ...; a nil
// stands for a module that does nothing once the network is trained.
func numbered(blocks ...block) block {
	var children []block
	for i, inner := range blocks {
		if inner != nil {
			children = append(children, child(strconv.Itoa(i), inner))
		}
	}
	return sequence(children...)
}

// residual adds what goes around the body to what comes out of it; a nil
// shortcut is the signal itself.
func residual(body, shortcut block) block {
	return func(b *builder, x signal) signal {
		y := body(b, x)
		if shortcut != nil {
			x = shortcut(b, x)
		}
		return b.sum(y, x)
	}
}

// concat gives a signal to several blocks and joins their channels.
func concat(branches ...block) block {
	return func(b *builder, x signal) signal {
		var parts []signal
		for _, branch := range branches {
			parts = append(parts, branch(b, x))
		}
		return b.join(parts...)
	}
}

// join joins the channels of signals.
func (b *builder) join(parts ...signal) signal {
	var values []ir.ValueID
	channels, mean, power := 0, 0.0, 0.0
	for _, x := range parts {
		values = append(values, x.value)
		channels += x.channels
		mean += x.mean * float64(x.channels)
		power += x.power() * float64(x.channels)
	}
	mean, power = mean/float64(channels), power/float64(channels)
	return signal{b.op("Concat", ir.Pairs("axis", 1), values...), channels, mean, power - mean*mean}
}

// split takes the channels of a signal apart.
func (b *builder) split(x signal, channels ...int) []signal {
	var parts []signal
	for i, v := range b.ops("Split", ir.Pairs("axis", 1), len(channels), x.value, b.extents(channels...)) {
		part := x.as(v)
		part.channels = channels[i]
		parts = append(parts, part)
	}
	return parts
}

// product multiplies signals that do not depend on each other, or hardly, and
// has the channels of the second.
func (b *builder) product(x, y signal) signal {
	mean, power := x.mean*y.mean, x.power()*y.power()
	return signal{b.op("Mul", nil, x.value, y.value), y.channels, mean, power - mean*mean}
}

// sum adds signals of the same width.
func (b *builder) sum(x, y signal) signal {
	return signal{b.op("Add", nil, x.value, y.value), x.channels, x.mean + y.mean, x.variance + y.variance}
}

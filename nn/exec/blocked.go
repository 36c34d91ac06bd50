package exec

import (
	"maps"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Convolutions are fastest in the blocked layout (kernel.Block), and a value that
// is made and read in it is never converted. Which values lie in it is decided
// before anything is lowered: values that operators join, such as the operands and
// the result of a sum, have one layout; each such class is blocked if convolutions
// gain more by it than the conversions cost where other operators make or read its
// values. The conversions become nodes of their own.

// A blocking is the decision for a graph.
type blocking struct {
	*planner
	class   []ir.ValueID // union-find over values: each one's parent
	convs   map[ir.NodeID]blockable
	readers map[ir.NodeID]reading // nodes that only read images
	joined  []bool                // nodes all of whose images have one layout
	blocked map[ir.ValueID]bool   // classes, by root
}

// block decides the layouts of a graph. It returns the planner of a graph with
// the conversions, or nil if nothing is blocked.
func block(p *planner) *planner {
	if p.unfused {
		return nil
	}
	b := &blocking{
		planner: p, class: make([]ir.ValueID, len(p.g.Values)), convs: map[ir.NodeID]blockable{}, readers: map[ir.NodeID]reading{},
		joined: make([]bool, len(p.g.Nodes)), blocked: map[ir.ValueID]bool{},
	}
	for v := range b.class {
		b.class[v] = ir.ValueID(v)
	}
	for id := range p.g.Nodes {
		b.join(ir.NodeID(id))
	}
	if b.decide(); len(b.blocked) == 0 {
		return nil
	}
	return b.rewrite()
}

// root returns the value that stands for a class.
func (b *blocking) root(v ir.ValueID) ir.ValueID {
	for b.class[v] != v {
		b.class[v] = b.class[b.class[v]]
		v = b.class[v]
	}
	return v
}

// join finds what a node means for the layouts of what it reads and makes.
func (b *blocking) join(id ir.NodeID) {
	n := &b.g.Nodes[id]
	if c, ok := b.blockableConv(n); ok {
		b.convs[id] = c
		return
	}
	if r, ok := b.readsBlocked(n); ok {
		b.readers[id] = r
		return
	}
	images := b.joins(n)
	b.joined[id] = len(images) > 0
	for _, v := range images {
		b.class[b.root(v)] = b.root(images[0])
	}
}

// isImage reports whether a value is a batch of images that are not empty.
func (b *blocking) isImage(v ir.ValueID) bool {
	return v != ir.None && b.isFloat(v) && b.g.Values[v].Const == nil && len(b.shape(v)) >= 3 && elementsOf(b.shape(v)) > 0
}

// decide starts from all classes that convolutions make, and gives up those that
// do not gain until none is left.
func (b *blocking) decide() {
	for id := range b.convs {
		b.blocked[b.root(b.g.Nodes[id].Outputs[0])] = true
	}
	for before := len(b.blocked) + 1; len(b.blocked) < before; {
		before = len(b.blocked)
		gain := b.gains()
		maps.DeleteFunc(b.blocked, func(class ir.ValueID, _ bool) bool { return gain[class] <= 0 })
	}
}

// gains returns what each class that is blocked gains, in elements that could be
// converted in the time.
func (b *blocking) gains() map[ir.ValueID]float64 {
	gain := map[ir.ValueID]float64{}
	for v := range b.g.Values {
		if class := b.root(ir.ValueID(v)); b.blocked[class] {
			gain[class] -= b.conversions(ir.ValueID(v)) * float64(elementsOf(b.shape(ir.ValueID(v))))
		}
	}
	for id, c := range b.convs {
		n := &b.g.Nodes[id]
		class, x := b.root(n.Outputs[0]), n.Inputs[0]
		gain[class] += c.gain
		if c.groups > 1 && !b.isBlocked(x) {
			gain[class] -= float64(elementsOf(b.shape(x)))
		}
	}
	for id, r := range b.readers {
		for _, v := range r.images {
			if b.wantsBlocked(id, v) {
				gain[b.root(v)] += r.gain / float64(len(r.images))
			}
		}
	}
	return gain
}

func (b *blocking) isBlocked(v ir.ValueID) bool { return b.blocked[b.root(v)] }

// conversions counts those that a value of a blocked class needs: one if it is
// made plain, and one for all that read it plain. Subgraphs cannot be given another
// value.
func (b *blocking) conversions(v ir.ValueID) float64 {
	count, readPlain := 0.0, b.fetched[v]
	for _, id := range b.uses[v] {
		if !slices.Contains(b.g.Nodes[id].Inputs, v) {
			return math.Inf(1)
		}
		readPlain = readPlain || !b.wantsBlocked(id, v)
	}
	if !b.isMadeBlocked(v) {
		count++
	}
	if readPlain {
		count++
	}
	return count
}

// isMadeBlocked reports whether the node that makes a value makes it blocked.
func (b *blocking) isMadeBlocked(v ir.ValueID) bool {
	from := b.g.Values[v].Producer
	if from == ir.None || !b.isBlocked(v) {
		return false
	}
	_, conv := b.convs[from]
	return conv || b.joined[from]
}

// wantsBlocked reports whether a node needs an input in the blocked layout. A
// convolution of one group takes its images in either, and so does the gradient of
// its weights if that of its results is blocked.
func (b *blocking) wantsBlocked(id ir.NodeID, v ir.ValueID) bool {
	if b.joined[id] {
		return b.isBlocked(v)
	}
	n := &b.g.Nodes[id]
	if r, ok := b.readers[id]; ok {
		return b.isBlocked(v) && slices.Contains(r.images, v) && !slices.ContainsFunc(r.images[r.free:], func(v ir.ValueID) bool { return !b.isBlocked(v) })
	}
	c, conv := b.convs[id]
	return conv && n.Inputs[0] == v && b.isBlocked(n.Outputs[0]) && (b.isBlocked(v) || c.groups > 1)
}

// blockedType is the type of a value in the blocked layout: images of blocks of
// channels, with a last axis for the channels of a block.
func blockedType(t op.Type) op.Type {
	shape, _ := t.Shape.Ints()
	block := kernel.Block()
	dims := append(slices.Clone(shape), block)
	dims[1] = (shape[1] + block - 1) / block
	return op.Type{DType: tensor.Float32, Shape: ir.Dims(dims...)}
}

package exec

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// fallback makes the stage that runs a node on the reference implementation.
func (p *planner) fallback(n *ir.Node) *stage {
	f := &reference{n: n, g: p.g, control: p.control, limit: p.limit}
	s := &stage{node: n, nodes: []*ir.Node{n}, reads: n.Reads(), heap: true, reference: true, run: f.run}
	for i, v := range n.Outputs {
		if v == ir.None {
			continue
		}
		s.writes = append(s.writes, v)
		f.outputs = append(f.outputs, output{v, i, p.shapeIfSettled(v), p.types[v].DType})
	}
	return s
}

// A reference runs one node by op.Eval.
type reference struct {
	n       *ir.Node
	g       *ir.Graph
	control *control
	limit   int64
	outputs []output
}

// An output is a value that a node makes: its place among the outputs, and the
// type that it was planned with; the shape is nil if it is not settled.
type output struct {
	value ir.ValueID
	index int
	shape []int
	dtype tensor.DType
}

func (p *planner) shapeIfSettled(v ir.ValueID) []int {
	if !settled(p.types[v]) {
		return nil
	}
	return p.shape(v)
}

func (f *reference) run(r *run) error {
	in := make([]*tensor.Tensor, len(f.n.Inputs))
	for i, v := range f.n.Inputs {
		if v == ir.None {
			continue
		}
		if in[i] = r.values[v]; in[i] == nil {
			return errNotMade(f.g, v)
		}
	}
	out, err := f.eval(r, in)
	if err != nil {
		return err
	}
	for _, o := range f.outputs {
		if o.index >= len(out) || out[o.index] == nil {
			continue // who needs it will say so
		}
		t := out[o.index]
		if err := o.check(f.n, t); err != nil {
			return err
		}
		if r.put(o.value, apart(t, in)); r.held+r.loose > f.limit {
			return &MemoryError{f.n.Name, r.held + r.loose, f.limit}
		}
	}
	return nil
}

func (f *reference) eval(r *run, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if isControl(f.n) {
		return f.control.eval(r.ctx, f.n, in, func(v ir.ValueID) *tensor.Tensor { return r.values[v] })
	}
	for _, o := range f.outputs {
		if o.shape == nil {
			if err := checkEval(f.n, in, r.held, f.limit); err != nil {
				return nil, err
			}
			break
		}
	}
	return op.Eval(f.n, in)
}

// check errs if a result is not of the type that it was planned with.
func (o *output) check(n *ir.Node, t *tensor.Tensor) error {
	if o.shape != nil && (t.DType() != o.dtype || !slices.Equal(t.Shape(), o.shape)) {
		return fmt.Errorf("node %q (%s): output %d is %s where %s%v was inferred", n.Name, n.Op, o.index, t, o.dtype, o.shape)
	}
	return nil
}

// apart returns a result with memory of its own where it shares elements with an
// input, whose memory is not the result's to keep. What a container holds has
// been made so when it was put there.
func apart(t *tensor.Tensor, in []*tensor.Tensor) *tensor.Tensor {
	if t.DType().IsContainer() {
		return t.MapElements(func(e *tensor.Tensor) *tensor.Tensor { return apart(e, in) })
	}
	if slices.ContainsFunc(in, func(i *tensor.Tensor) bool { return sharesFloats(i, t) }) {
		return t.Clone()
	}
	return t
}

// sharesFloats reports whether two float32 tensors have elements in common.
// Other types do not lie in memory that is used again.
func sharesFloats(a, b *tensor.Tensor) bool {
	if a == nil || a.DType() != tensor.Float32 || b.DType() != tensor.Float32 || a.Len() == 0 || b.Len() == 0 {
		return false
	}
	x, y := a.F32(), b.F32()
	x0, y0 := uintptr(unsafe.Pointer(&x[0])), uintptr(unsafe.Pointer(&y[0]))
	return x0 < y0+uintptr(4*len(y)) && y0 < x0+uintptr(4*len(x))
}

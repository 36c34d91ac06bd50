package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Domain is the domain of the operators that are not ONNX's.
const Domain = "tomo"

// An Op is one operator.
type Op struct {
	// Name and Domain are as in ir.Node.
	Name, Domain string

	// MinIn is how many inputs must be given, counted from the first; the
	// package's Infer and Eval err where one of them is left out, so that the
	// functions below may rely on them.
	MinIn int

	// Infer returns what is known of each output from what is known of the
	// inputs; an input left out has the zero Type. It errs where the node is
	// surely wrong, and returns what it knows where something is unknown.
	Infer func(n *ir.Node, in []Type) ([]Type, error)

	// Eval computes the outputs. An input left out is nil. Inputs are not
	// modified; an output may share an input's elements.
	Eval func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error)

	// Grad appends nodes that compute the gradient with respect to each input
	// from dy, the gradients with respect to the outputs (None where none
	// flows), and returns one value per input, None where there is none or
	// where g.Needs(i) is false. A nil Grad means not differentiable; an
	// operator whose gradient is zero everywhere (Shape, Floor) uses zeroGrad.
	Grad GradFunc

	// Cost counts the work of one run; nil means negligible.
	Cost func(n *ir.Node, in, out []Type) Cost

	// AnyType marks an operator that moves elements without reading them, so
	// that Eval takes every element type. The others are given float16 and
	// bfloat16 inputs as float32, and their results are rounded back.
	AnyType bool

	// Containers marks an operator that takes sequences or optionals; the others
	// are never given one.
	Containers bool

	// Random marks an operator whose result is drawn, so that it is never
	// folded into a constant.
	Random bool

	// Body writes a composite operator as simpler ones, from which all of the
	// above follows; it may be given in its place.
	Body BodyFunc

	// moves tells, of an AnyType operator, the inputs whose elements it copies
	// to its output, so that Infer can move symbolic extents as it does numbers.
	moves func(input int) bool

	// dims computes an output's element from two extents, for the arithmetic
	// that shapes are computed with.
	dims func(a, b ir.Dim) ir.Dim
}

// A Cost is the work of one operator for one run.
type Cost struct {
	MACs  int64 // multiply-accumulate operations of matrix products and convolutions
	FLOPs int64 // floating-point operations; a multiply-accumulate counts two
}

// A GradFunc is a gradient rule; see Op.Grad.
type GradFunc func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error)

// A Grad is what a gradient rule may use: a Builder to append nodes with, and
// what is known of the values so far.
type Grad struct {
	*ir.Builder
	// Types is indexed by ValueID; values that rules append are beyond its end.
	Types []Type
	// Wanted tells for each input of the node whether its gradient is asked for.
	Wanted []bool
}

// Needs reports whether the gradient of input i is asked for.
func (g *Grad) Needs(i int) bool { return i < len(g.Wanted) && g.Wanted[i] }

// Type returns what is known of a value.
func (g *Grad) Type(v ir.ValueID) Type {
	if v != ir.None && int(v) < len(g.Types) {
		return g.Types[v]
	}
	return Type{}
}

// Lookup finds the operator of a node, or nil if it is not known.
func Lookup(domain, name string) *Op {
	if domain == "ai.onnx" {
		domain = ""
	}
	return registry()[key{domain, name}]
}

// An UnknownError says that a graph uses an operator that Tomo cannot run.
type UnknownError struct{ Node, Op, Domain string }

func (e *UnknownError) Error() string {
	name := e.Op
	if e.Domain != "" {
		name = e.Domain + "." + e.Op
	}
	return fmt.Sprintf("node %q uses the operator %s, which Tomo cannot run yet; its architecture can still be drawn", e.Node, name)
}

// UserFault marks it as no bug.
func (e *UnknownError) UserFault() {}

// A NodeError says what is wrong with a node or with what flows into it.
type NodeError struct {
	Node, Op string
	Err      error
}

func (e *NodeError) Error() string { return fmt.Sprintf("node %q (%s): %v", e.Node, e.Op, e.Err) }
func (e *NodeError) Unwrap() error { return e.Err }

// UserFault marks it as no bug: the model, or the shape of its input, is wrong.
func (e *NodeError) UserFault() {}

// Eval runs one node on the reference implementation.
func Eval(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	o := Lookup(n.Domain, n.Op)
	if o == nil || o.Eval == nil {
		return nil, &UnknownError{n.Name, n.Op, n.Domain}
	}
	err := o.checkArity(func(i int) bool { return i < len(in) && in[i] != nil })
	if err == nil {
		err = o.checkKinds(len(in), func(i int) tensor.DType { return dtypeOf(in[i]) })
	}
	if err == nil {
		err = checkEmpty(in)
	}
	var out []*tensor.Tensor
	if err == nil {
		out, err = evalWide(o, n, in)
	}
	if err != nil {
		return nil, &NodeError{n.Name, n.Op, err}
	}
	return out, nil
}

func (o *Op) checkArity(given func(i int) bool) error {
	for i := range o.MinIn {
		if !given(i) {
			return fmt.Errorf("input %d is missing; the operator needs %d", i, o.MinIn)
		}
	}
	return nil
}

// checkKinds errs where a sequence or an optional is given to an operator of
// tensors.
func (o *Op) checkKinds(inputs int, dtype func(i int) tensor.DType) error {
	for i := range inputs {
		if d := dtype(i); d.IsContainer() && !o.Containers {
			return fmt.Errorf("input %d is of the kind %s where a tensor is needed", i, d)
		}
	}
	return nil
}

// evalWide computes 16-bit floats in float32 unless the operator only moves
// elements.
func evalWide(o *Op, n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if o.AnyType {
		return o.Eval(n, in)
	}
	narrow := false
	wide := make([]*tensor.Tensor, len(in))
	for i, t := range in {
		wide[i] = t
		if t == nil || !isHalf(t.DType()) {
			continue
		}
		narrow = true
		var err error
		if wide[i], err = t.Convert(tensor.Float32); err != nil {
			return nil, err
		}
	}
	if !narrow {
		return o.Eval(n, in)
	}
	out, err := o.Eval(n, wide)
	if err != nil {
		return nil, err
	}
	return roundBack(o, n, in, out)
}

func isHalf(d tensor.DType) bool { return d == tensor.Float16 || d == tensor.BFloat16 }

// roundBack gives the outputs the element types that Infer declares for the
// narrow inputs.
func roundBack(o *Op, n *ir.Node, in, out []*tensor.Tensor) ([]*tensor.Tensor, error) {
	types := make([]Type, len(in))
	for i, t := range in {
		types[i] = TypeOf(t)
	}
	want, err := o.Infer(n, types)
	if err != nil {
		return nil, err
	}
	for i, t := range out {
		if t == nil || t.DType() != tensor.Float32 || i >= len(want) || !isHalf(want[i].DType) {
			continue
		}
		if out[i], err = t.Convert(want[i].DType); err != nil {
			return nil, err
		}
	}
	return out, nil
}

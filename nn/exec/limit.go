package exec

import (
	"fmt"
	"sync"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A MemoryError says that a run would take more memory than is allowed. It is
// returned before the memory is taken.
type MemoryError struct {
	Node  string // where the need goes over the limit
	Need  int64  // bytes, of all values alive there
	Limit int64  // bytes
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("at node %q the run would hold %s of values, more than the limit of %s; use a smaller batch or smaller inputs", e.Node, inBytes(e.Need), inBytes(e.Limit))
}

// UserFault marks it as no bug.
func (e *MemoryError) UserFault() {}

func inBytes(n int64) string {
	const units = "kMGTPE"
	v, unit := float64(n), ""
	for i := 0; v >= 1000 && i < len(units); i++ {
		v, unit = v/1000, units[i:i+1]
	}
	return fmt.Sprintf("%.3g %sB", v, unit)
}

// defaultLimit is three quarters of the machine's memory, or of what the
// process may use of it; where that cannot be found out, 8 GB.
var defaultLimit = sync.OnceValue(func() int64 {
	total := machineMemory()
	if total <= 0 {
		return 8e9
	}
	return total / 4 * 3
})

// MemoryLimit is what the values of a run may take, in bytes, where Options do
// not say.
func MemoryLimit() int64 { return defaultLimit() }

// bytesOf returns the bytes of a value of known type, 0 if its shape is not
// known; at most 1<<62.
func bytesOf(t op.Type) int64 {
	shape, ok := t.Shape.Ints()
	if !ok {
		return 0
	}
	n := float64(t.DType.Size())
	for _, d := range shape {
		n *= float64(d)
	}
	return int64(min(n, 1<<62))
}

// checkEval errs if computing n on these inputs would make outputs that, with
// the bytes held already, go over the limit, or if the inputs do not suit n.
func checkEval(n *ir.Node, in []*tensor.Tensor, held, limit int64) error {
	o := op.Lookup(n.Domain, n.Op)
	if o == nil || o.Infer == nil {
		return nil
	}
	types := make([]op.Type, len(in))
	for i, t := range in {
		types[i] = op.TypeOf(t)
	}
	out, err := o.Infer(n, types)
	if err != nil {
		return fmt.Errorf("node %q (%s): %w", n.Name, n.Op, err)
	}
	need := held
	for _, t := range out {
		need = saturated(need, bytesOf(t))
	}
	if need > limit {
		return &MemoryError{n.Name, need, limit}
	}
	return nil
}

// saturated adds numbers that are not negative without overflow.
func saturated(a, b int64) int64 { return min(a, 1<<62) + min(b, 1<<62) }

package pass

import (
	"reflect"
	"sync"
	"weak"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Memo remembers folded constants, so that graphs made from the same one
// share them and what is computed from them. It does not keep them alive: a
// constant that no graph holds any more is forgotten. A nil Memo remembers
// nothing. It is safe for concurrent use.
type Memo struct {
	mu      sync.Mutex
	entries map[memoKey][]memoEntry
	count   int // entries, dead ones included
	sweepAt int // count at which dead ones are dropped
}

type memoKey struct{ domain, op, node string }

type memoEntry struct {
	attrs   ir.Attrs
	inputs  []memoInput
	outputs []weak.Pointer[tensor.Tensor]
}

// A memoInput is one constant. Small ones, such as axes, are held and compared
// by their elements, because every inference makes them anew.
type memoInput struct {
	small *tensor.Tensor
	large weak.Pointer[tensor.Tensor]
}

const smallInput = 1 << 10 // bytes

// eval returns the outputs of a node for constant inputs, or nil if it fails.
func (m *Memo) eval(n *ir.Node, inputs []*tensor.Tensor) []*tensor.Tensor {
	if m != nil {
		if outputs := m.find(n, inputs); outputs != nil {
			return outputs
		}
	}
	outputs, err := op.Eval(n, inputs)
	if err != nil || !makesAll(n, outputs) {
		return nil
	}
	if m != nil {
		m.add(n, inputs, outputs)
	}
	return outputs
}

func makesAll(n *ir.Node, outputs []*tensor.Tensor) bool {
	for i, v := range n.Outputs {
		if v != ir.None && (i >= len(outputs) || outputs[i] == nil) {
			return false
		}
	}
	return true
}

func (m *Memo) find(n *ir.Node, inputs []*tensor.Tensor) []*tensor.Tensor {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.entries[keyOf(n)] {
		if !sameAttrs(e.attrs, n.Attrs) || !e.reads(inputs) {
			continue
		}
		if outputs, alive := e.results(); alive {
			return outputs
		}
	}
	return nil
}

func (m *Memo) add(n *ir.Node, inputs, outputs []*tensor.Tensor) {
	e := memoEntry{attrs: n.Attrs}
	for _, t := range inputs {
		if t == nil || t.Bytes() <= smallInput {
			e.inputs = append(e.inputs, memoInput{small: t})
		} else {
			e.inputs = append(e.inputs, memoInput{large: weak.Make(t)})
		}
	}
	for _, t := range outputs {
		e.outputs = append(e.outputs, weak.Make(t))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count >= m.sweepAt {
		m.sweep()
	}
	m.entries[keyOf(n)] = append(m.entries[keyOf(n)], e)
	m.count++
}

// NewMemo returns an empty Memo.
func NewMemo() *Memo { return &Memo{entries: map[memoKey][]memoEntry{}} }

// sweep drops the entries whose results are gone.
func (m *Memo) sweep() {
	old := m.entries
	m.entries, m.count = map[memoKey][]memoEntry{}, 0
	for k, entries := range old {
		for _, e := range entries {
			if _, alive := e.results(); alive {
				m.entries[k] = append(m.entries[k], e)
				m.count++
			}
		}
	}
	m.sweepAt = 2*m.count + 64
}

func keyOf(n *ir.Node) memoKey { return memoKey{n.Domain, n.Op, n.Name} }

// sameAttrs compares by identity: graphs made from the same one share their
// nodes' attributes, which are never changed in place.
func sameAttrs(a, b ir.Attrs) bool {
	return len(a) == 0 && len(b) == 0 || reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

func (e *memoEntry) reads(inputs []*tensor.Tensor) bool {
	if len(inputs) != len(e.inputs) {
		return false
	}
	for i, in := range e.inputs {
		t := inputs[i]
		switch {
		case in.large != weak.Pointer[tensor.Tensor]{}:
			if t == nil || weak.Make(t) != in.large {
				return false
			}
		case in.small == nil || t == nil:
			if in.small != t {
				return false
			}
		case !tensor.Equal(in.small, t):
			return false
		}
	}
	return true
}

// results returns the outputs, and false if one has been collected.
func (e *memoEntry) results() ([]*tensor.Tensor, bool) {
	out := make([]*tensor.Tensor, len(e.outputs))
	for i, w := range e.outputs {
		t := w.Value()
		if t == nil && w != (weak.Pointer[tensor.Tensor]{}) {
			return nil, false
		}
		out[i] = t
	}
	return out, true
}

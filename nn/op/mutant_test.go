package op_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec/onnxtest"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestMutantsDoNotPanic damages the nodes of the ONNX suite, which are valid,
// in one or two places each: what a broken exporter or a hostile file comes
// closer to than random nodes do.
func TestMutantsDoNotPanic(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	failed := map[string]bool{}
	for _, c := range onnxtest.Cases(t, "node") {
		_ = c.Run(func(g *ir.Graph, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			eachNode(g, in, func(n *ir.Node, in []*tensor.Tensor) {
				for range 2 {
					if failed[n.Op] {
						return
					}
					if msg := survives(mutant(r, n, in)); msg != "" {
						failed[n.Op] = true
						t.Errorf("%s: %s", c.Name, msg)
					}
				}
			})
			return nil, nil
		})
	}
}

// eachNode evaluates a graph as far as it goes, and shows each node that is
// known and its inputs.
func eachNode(g *ir.Graph, in []*tensor.Tensor, show func(n *ir.Node, in []*tensor.Tensor)) {
	if g.Sort() != nil {
		return
	}
	values := map[ir.ValueID]*tensor.Tensor{}
	for v := range g.Values {
		values[ir.ValueID(v)] = g.Values[v].Const
	}
	for _, v := range g.Inputs {
		if g.Values[v].Const == nil && len(in) > 0 {
			values[v], in = in[0], in[1:]
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if op.Lookup(n.Domain, n.Op) == nil {
			return
		}
		inputs := make([]*tensor.Tensor, len(n.Inputs))
		for k, v := range n.Inputs {
			inputs[k] = values[v]
		}
		show(n, inputs)
		out, err := op.Eval(n, inputs)
		if err != nil {
			return
		}
		for k, v := range n.Outputs {
			if k < len(out) {
				values[v] = out[k]
			}
		}
	}
}

func mutant(r *rand.Rand, n *ir.Node, in []*tensor.Tensor) (*ir.Node, []*tensor.Tensor) {
	m := *n
	m.Attrs, m.Inputs, in = maps.Clone(n.Attrs), slices.Clone(n.Inputs), slices.Clone(in)
	if m.Attrs == nil {
		m.Attrs = ir.Attrs{}
	}
	for range 1 + r.IntN(2) {
		switch {
		case r.IntN(3) == 0 && len(m.Attrs) > 0:
			damageAttr(r, m.Attrs)
		case len(in) > 0:
			i := r.IntN(len(in))
			in[i], m.Inputs[i] = damaged(r, in[i]), n.Inputs[i]
			if in[i] == nil {
				m.Inputs[i] = ir.None
			} else if m.Inputs[i] == ir.None {
				m.Inputs[i] = 0
			}
		}
	}
	return &m, in
}

func damageAttr(r *rand.Rand, attrs ir.Attrs) {
	names := slices.Sorted(maps.Keys(attrs))
	name := names[r.IntN(len(names))]
	switch v := attrs[name].Value.(type) {
	case int64:
		attrs[name] = ir.Attr{Value: hostileInt(r)}
	case []int64:
		v = slices.Clone(v)
		if len(v) > 0 && r.IntN(2) == 0 {
			v[r.IntN(len(v))] = hostileInt(r)
		} else {
			v = append(v, hostileInt(r))[r.IntN(2):]
		}
		attrs[name] = ir.Attr{Value: v}
	case string:
		attrs[name] = ir.Attr{Value: words[r.IntN(len(words))]}
	default:
		delete(attrs, name)
	}
}

// damaged changes the rank, an extent, the element type or the elements.
func damaged(r *rand.Rand, t *tensor.Tensor) *tensor.Tensor {
	if t == nil {
		return hostileInts(r)
	}
	switch r.IntN(6) {
	case 0:
		return nil
	case 1:
		if c, err := t.Convert(hostileType(r)); err == nil {
			return c
		}
	case 2:
		return hostileTensor(r, t.DType(), hostileShape(r))
	case 3:
		shape := slices.Clone(t.Shape())
		if len(shape) > 0 {
			shape[r.IntN(len(shape))] = r.IntN(6)
		} else {
			shape = []int{r.IntN(3)}
		}
		return hostileTensor(r, t.DType(), shape)
	case 4:
		if t.DType() == tensor.Int64 && t.Len() > 0 {
			c := t.Clone()
			c.I64()[r.IntN(t.Len())] = hostileInt(r)
			return c
		}
	}
	return hostileTensor(r, t.DType(), t.Shape())
}

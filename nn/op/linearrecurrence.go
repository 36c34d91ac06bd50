package op

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// linearRecurrence is the core of LinearAttention, on heads that are apart: q, k
// and v [batch, heads, sequence, size], the state before, decay [batch, heads,
// sequence, size of a key or 1] and beta [batch, heads or 1, sequence, 1]. For
// each step
//
//	P = exp(decay)·S;  w = beta·(v - Pᵀk), or v;  S = P + k·wᵀ;  y = scale·Sᵀq
//
// Query heads may share those of k and v. A scale of 0 is one over the root of the
// size of a key.
var linearRecurrence = Op{
	Name: "LinearRecurrence", Domain: Domain, MinIn: 3,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		y, state := Type{DType: in[0].DType, Shape: unknownExtents(4)}, Type{DType: in[0].DType, Shape: unknownExtents(4)}
		if past := opt(in, 3).DType; past != tensor.Invalid {
			state.DType = past
		}
		for i, t := range in[:3] {
			if t.Shape != nil && len(t.Shape) != 4 {
				return nil, fmt.Errorf("input %d has shape %v, not four axes", i, t.Shape)
			}
		}
		if q := in[0].Shape; q != nil {
			copy(y.Shape, q[:3])
			state.Shape[0], state.Shape[2] = q[0], q[3]
		}
		if k := in[1].Shape; k != nil {
			state.Shape[1] = k[1]
		}
		if v := in[2].Shape; v != nil {
			y.Shape[3], state.Shape[3] = v[3], v[3]
		}
		return []Type{y, state}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		r, err := newAssociative(n, in)
		if err != nil {
			return nil, err
		}
		y, state := make([]float64, r.size), slices.Clone(r.past)
		for head := range r.batch * r.heads {
			r.forward(head, state, y)
		}
		dtype := in[0].DType()
		if p := opt(in, 3); p != nil {
			dtype = p.DType()
		}
		return tensorsOf([]tensor.DType{in[0].DType(), dtype}, [][]int{{r.batch, r.heads * r.group, r.steps, r.valueSize}, {r.batch, r.heads, r.keySize, r.valueSize}}, y, state)
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		inputs := append(slices.Clone(n.Inputs), ir.None, ir.None, ir.None)[:6]
		grads := g.Node(Domain, "LinearRecurrenceGrad", n.Attrs, 6, append(inputs, dy...)...)
		out := noGrads(n)
		for i := range out {
			if g.Needs(i) && n.Inputs[i] != ir.None {
				out[i] = grads[i]
			}
		}
		return out, nil
	},
	Cost: func(n *ir.Node, in, out []Type) Cost {
		size := int64(1)
		if k := in[1].Shape; len(k) == 4 && k[3].IsKnown() {
			size = int64(k[3].N)
		}
		macs := 3 * size * elements(out[0]) // read, correct and write
		return Cost{MACs: macs, FLOPs: 2 * macs}
	},
}

// An associative memory is the inputs of a recurrence as numbers, and their extents.
type associative struct {
	batch, heads, group, steps, keySize, valueSize int
	size                                           int // of y
	q, k, v, past                                  []float64
	decay, beta                                    []float64 // nil where none is given
	decaySize, betaHeads                           int
	scale                                          float64
}

func newAssociative(n *ir.Node, in []*tensor.Tensor) (*associative, error) {
	for i, t := range in[:3] {
		if t.Rank() != 4 {
			return nil, fmt.Errorf("input %d is %v, not of four axes", i, t)
		}
	}
	q, k, v := in[0].Shape(), in[1].Shape(), in[2].Shape()
	r := &associative{batch: k[0], heads: k[1], steps: k[2], keySize: k[3], valueSize: v[3]}
	if r.heads == 0 || q[1]%r.heads != 0 || !slices.Equal(v[:3], k[:3]) || q[0] != k[0] || q[2] != k[2] || q[3] != k[3] {
		return nil, fmt.Errorf("queries %v, keys %v and values %v do not go together", q, k, v)
	}
	r.group = q[1] / r.heads
	if r.scale = n.Attrs.Float("scale", 0); r.scale == 0 {
		r.scale = 1 / math.Sqrt(float64(r.keySize))
	}
	state := []int{r.batch, r.heads, r.keySize, r.valueSize}
	size, err := checkSize(state)
	if err != nil {
		return nil, err
	}
	r.past = make([]float64, size)
	if r.size, err = checkSize([]int{r.batch, r.heads * r.group, r.steps, r.valueSize}); err != nil {
		return nil, err
	}
	if p := opt(in, 3); p != nil && !slices.Equal(p.Shape(), state) {
		return nil, fmt.Errorf("the state is %v, not %v", p, state)
	}
	if d := opt(in, 4); d != nil {
		if d.Rank() != 4 {
			return nil, fmt.Errorf("a decay %v does not go with keys %v", d, k)
		}
		if r.decaySize = d.Dim(-1); !slices.Equal(d.Shape()[:3], k[:3]) || r.decaySize != 1 && r.decaySize != r.keySize {
			return nil, fmt.Errorf("a decay %v does not go with keys %v", d, k)
		}
	}
	if t := opt(in, 5); t != nil {
		if t.Rank() != 4 || t.Dim(0) != r.batch || t.Dim(1) != 1 && t.Dim(1) != r.heads || t.Dim(2) != r.steps || t.Dim(3) != 1 {
			return nil, fmt.Errorf("rates %v do not go with keys %v", t, k)
		}
		r.betaHeads = t.Dim(1)
	}
	for i, to := range []*[]float64{&r.q, &r.k, &r.v, &r.past, &r.decay, &r.beta} {
		if t := opt(in, i); t != nil {
			if *to, err = t.Floats(); err != nil {
				return nil, fmt.Errorf("input %d: %w", i, err)
			}
		}
	}
	return r, nil
}

// row is the vector of a head at a step, of heads that lie one behind the other.
func (r *associative) row(x []float64, head, t, size int) []float64 {
	return x[(head*r.steps+t)*size:][:size]
}

// rate is where the rate of a head at a step lies.
func (r *associative) rate(head, t int) int {
	if r.betaHeads == 1 {
		head = head / r.heads
	}
	return head*r.steps + t
}

// forward runs one head through all steps.
func (r *associative) forward(head int, states, y []float64) {
	size := r.keySize * r.valueSize
	s, w := states[head*size:][:size], make([]float64, r.valueSize)
	for t := range r.steps {
		r.fade(s, head, t)
		r.write(s, w, head, t)
		for j := range r.group {
			line := r.row(y, head*r.group+j, t, r.valueSize)
			transposedProduct(line, s, r.row(r.q, head*r.group+j, t, r.keySize))
			for m := range line {
				line[m] *= r.scale
			}
		}
	}
}

// fade makes P of S.
func (r *associative) fade(s []float64, head, t int) {
	if r.decay == nil {
		return
	}
	g := r.row(r.decay, head, t, r.decaySize)
	for d := range r.keySize {
		by := math.Exp(g[d%r.decaySize])
		for m := range r.valueSize {
			s[d*r.valueSize+m] *= by
		}
	}
}

// write makes S of P, and w.
func (r *associative) write(s, w []float64, head, t int) {
	k := r.row(r.k, head, t, r.keySize)
	copy(w, r.row(r.v, head, t, r.valueSize))
	if r.beta != nil {
		held, by := make([]float64, r.valueSize), r.beta[r.rate(head, t)]
		transposedProduct(held, s, k)
		for m := range w {
			w[m] = by * (w[m] - held[m])
		}
	}
	addOuter(s, k, w)
}

// transposedProduct sets y to sᵀ·x.
func transposedProduct(y, s, x []float64) {
	clear(y)
	for d, v := range x {
		for m := range y {
			y[m] += s[d*len(y)+m] * v
		}
	}
}

// addProduct adds s·x to y.
func addProduct(y, s, x []float64) {
	for d := range y {
		for m, v := range x {
			y[d] += s[d*len(x)+m] * v
		}
	}
}

// addOuter adds x·yᵀ to s.
func addOuter(s, x, y []float64) {
	for d, v := range x {
		for m, w := range y {
			s[d*len(y)+m] += v * w
		}
	}
}

// tensorsOf makes tensors of numbers.
func tensorsOf(dtypes []tensor.DType, shapes [][]int, values ...[]float64) ([]*tensor.Tensor, error) {
	out := make([]*tensor.Tensor, len(values))
	for i, v := range values {
		if v == nil {
			continue
		}
		var err error
		if out[i], err = tensor.Of(v, shapes[i]...).Convert(dtypes[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

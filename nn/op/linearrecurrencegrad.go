package op

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// linearRecurrenceGrad is the gradients of the inputs of LinearRecurrence, which
// are its first six; then come those of its outputs, either of which may be left
// out. It walks back through the steps, and makes the states again in stretches
// from some that it kept.
var linearRecurrenceGrad = Op{
	Name: "LinearRecurrenceGrad", Domain: Domain, MinIn: 3,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := make([]Type, 6)
		for i := range out {
			out[i] = Type{DType: opt(in, i).DType, Shape: opt(in, i).Shape}
		}
		return out, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		in = append(slices.Clone(in), make([]*tensor.Tensor, 8)...)[:8]
		r, err := newAssociative(n, in[:6])
		if err != nil {
			return nil, err
		}
		back := &associativeBack{associative: r, dy: make([]float64, r.size), dState: make([]float64, len(r.past))}
		for i, to := range []*[]float64{6: &back.dy, 7: &back.dState} {
			if i < 6 || in[i] == nil {
				continue
			}
			if in[i].Len() != len(*to) {
				return nil, fmt.Errorf("the gradient of output %d is %v", i-6, in[i])
			}
			if *to, err = in[i].Floats(); err != nil {
				return nil, err
			}
		}
		back.dState = slices.Clone(back.dState)
		back.dy = mapTo(back.dy, func(d float64) float64 { return r.scale * d })
		back.dq, back.dk, back.dv = make([]float64, len(r.q)), make([]float64, len(r.k)), make([]float64, len(r.v))
		back.dDecay, back.dBeta = make([]float64, len(r.decay)), make([]float64, len(r.beta))
		for head := range r.batch * r.heads {
			back.head(head)
		}
		values := [][]float64{back.dq, back.dk, back.dv, back.dState, back.dDecay, back.dBeta}
		dtypes, shapes := make([]tensor.DType, 6), make([][]int, 6)
		for i := range values {
			if t := in[i]; t != nil {
				dtypes[i], shapes[i] = t.DType(), t.Shape()
			} else {
				values[i] = nil
			}
		}
		return tensorsOf(dtypes, shapes, values...)
	},
}

// An associativeBack is a memory with the gradients of its outputs and inputs.
// dState becomes the gradient of the state before.
type associativeBack struct {
	*associative
	dy, dState, dq, dk, dv, dDecay, dBeta []float64
}

// head goes back through one head. The states at the beginnings of stretches of
// about the root of all steps are kept, and within one those of all its steps.
func (r *associativeBack) head(head int) {
	size := r.keySize * r.valueSize
	stretch := max(int(math.Sqrt(float64(r.steps))), 1)
	s, w := slices.Clone(r.past[head*size:][:size]), make([]float64, r.valueSize)
	var kept [][]float64
	for t := range r.steps {
		if t%stretch == 0 {
			kept = append(kept, slices.Clone(s))
		}
		r.fade(s, head, t)
		r.write(s, w, head, t)
	}
	d := r.dState[head*size:][:size]
	for i := len(kept) - 1; i >= 0; i-- {
		s := kept[i]
		from := i * stretch
		var faded [][]float64
		for t := from; t < min(from+stretch, r.steps); t++ {
			r.fade(s, head, t)
			faded = append(faded, slices.Clone(s))
			r.write(s, w, head, t)
		}
		for k := len(faded) - 1; k >= 0; k-- {
			r.step(head, from+k, faded[k], d)
		}
	}
}

// step turns d, the gradient of the state behind a step, into that before it. p
// is the state that has faded.
func (r *associativeBack) step(head, t int, p, d []float64) {
	k, dk := r.row(r.k, head, t, r.keySize), r.row(r.dk, head, t, r.keySize)
	w := make([]float64, r.valueSize)
	s := slices.Clone(p)
	r.write(s, w, head, t)
	for j := range r.group {
		dy := r.row(r.dy, head*r.group+j, t, r.valueSize)
		addProduct(r.row(r.dq, head*r.group+j, t, r.keySize), s, dy)
		addOuter(d, r.row(r.q, head*r.group+j, t, r.keySize), dy)
	}
	addProduct(dk, d, w)
	dw := make([]float64, r.valueSize)
	transposedProduct(dw, d, k)
	dv, v := r.row(r.dv, head, t, r.valueSize), r.row(r.v, head, t, r.valueSize)
	if r.beta == nil {
		for m := range dv {
			dv[m] += dw[m]
		}
	} else {
		at, held, dHeld := r.rate(head, t), make([]float64, r.valueSize), make([]float64, r.valueSize)
		transposedProduct(held, p, k)
		for m, x := range dw {
			r.dBeta[at] += x * (v[m] - held[m])
			dv[m] += r.beta[at] * x
			dHeld[m] = -r.beta[at] * x
		}
		addOuter(d, k, dHeld)
		addProduct(dk, p, dHeld)
	}
	if r.decay != nil {
		dg := r.row(r.dDecay, head, t, r.decaySize)
		for i := range d {
			dg[i/r.valueSize%r.decaySize] += d[i] * p[i]
		}
		r.fade(d, head, t)
	}
}

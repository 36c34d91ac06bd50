package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// evalRecurrentGrad goes back through time. in are the inputs of the layer,
// then the gradients of its outputs.
func evalRecurrentGrad(n *ir.Node, name string, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	count := min(LayerInputs(name), len(in))
	layer := in[:count]
	r, err := readRecurrence(n, name, layer)
	if err != nil {
		return nil, err
	}
	given, err := r.readOutputGrads(n, in[count:])
	if err != nil {
		return nil, err
	}
	sum := newLayerGrads(r)
	for i, d := range r.directions {
		d.run()
		d.back(i, given, sum)
	}
	return sum.outputs(n, r, layer)
}

// outputGrads are the gradients of y [steps,D,batch,H] and of the last states
// [D,batch,H], zeros where none flows.
type outputGrads struct{ dy, dh, dc []float64 }

func (r *recurrence) readOutputGrads(n *ir.Node, in []*tensor.Tensor) (outputGrads, error) {
	directions, batchFirst := len(r.directions), n.Attrs.Bool("layout", false)
	state := directions * r.batch * r.hidden
	g := outputGrads{make([]float64, r.steps*state), make([]float64, state), make([]float64, state)}
	for i, to := range []*[]float64{&g.dy, &g.dh, &g.dc} {
		if opt(in, i) == nil {
			continue
		}
		v, err := in[i].Floats()
		if err != nil {
			return g, err
		}
		if len(v) != len(*to) {
			return g, fmt.Errorf("the gradient of output %d is %v, which is not of the output's size", i, in[i])
		}
		switch {
		case batchFirst && i == 0:
			v = exchange(v, r.batch, r.steps*directions, r.hidden)
		case batchFirst:
			v = exchange(v, r.batch, directions, r.hidden)
		}
		*to = v
	}
	return g, nil
}

// layerGrads are the gradients of the layer's inputs, direction after
// direction.
type layerGrads struct{ dx, dw, dr, db, dh, dc, dp []float64 }

func newLayerGrads(r *recurrence) *layerGrads {
	return &layerGrads{dx: make([]float64, len(r.x))}
}

// back runs the steps of direction i backwards and appends its gradients.
func (d *direction) back(i int, given outputGrads, sum *layerGrads) {
	rows, state := d.cell.gates*d.hidden, d.batch*d.hidden
	b := &backflow{
		dh: append([]float64(nil), given.dh[i*state:][:state]...),
		dc: append([]float64(nil), given.dc[i*state:][:state]...),
		dr: make([]float64, rows*d.hidden), dp: make([]float64, 3*d.hidden),
		dpre: make([][]float64, d.steps), drec: make([][]float64, d.steps),
	}
	for s := d.steps - 1; s >= 0; s-- {
		b.dpre[s], b.drec[s] = make([]float64, d.batch*rows), make([]float64, d.batch*rows)
		d.each(s, func(at, _, unit int) {
			t, k := d.row(s, at/d.hidden)/d.batch, at/d.hidden
			b.dh[at] += given.dy[((t*len(d.directions)+i)*d.batch+k)*d.hidden+unit]
		})
		d.cell.backward(d, s, b)
	}
	sum.dr, sum.dp = append(sum.dr, b.dr...), append(sum.dp, b.dp...)
	sum.dh, sum.dc = append(sum.dh, b.dh...), append(sum.dc, b.dc...)
	d.backInput(b, sum)
}

// backInput adds the gradients that do not go through time: of x, w and the
// biases.
func (d *direction) backInput(b *backflow, sum *layerGrads) {
	rows := d.cell.gates * d.hidden
	dpre := make([]float64, d.steps*d.batch*rows)
	db := make([]float64, 2*rows)
	for s := range d.steps {
		for k := range d.batch {
			at := d.row(s, k)
			if at < 0 {
				continue
			}
			copy(dpre[at*rows:][:rows], b.dpre[s][k*rows:])
			for j := range rows {
				db[j] += b.dpre[s][k*rows+j]
				db[rows+j] += b.drec[s][k*rows+j]
			}
		}
	}
	grad, x := dense(dpre, d.steps*d.batch, rows), dense(d.x, d.steps*d.batch, d.inputs)
	dw := make([]float64, rows*d.inputs)
	mulAdd(dense(dw, rows, d.inputs), grad.transposed(), x)
	mulAdd(dense(sum.dx, d.steps*d.batch, d.inputs), grad, dense(d.w, rows, d.inputs))
	sum.dw, sum.db = append(sum.dw, dw...), append(sum.db, db...)
}

// outputs gives each gradient the type and layout of its input.
func (g *layerGrads) outputs(n *ir.Node, r *recurrence, layer []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if n.Attrs.Bool("layout", false) {
		g.dx = exchange(g.dx, r.steps, r.batch, r.inputs)
		g.dh = exchange(g.dh, len(r.directions), r.batch, r.hidden)
		g.dc = exchange(g.dc, len(r.directions), r.batch, r.hidden)
	}
	out := make([]*tensor.Tensor, len(layer))
	for i, v := range [][]float64{g.dx, g.dw, g.dr, g.db, nil, g.dh, g.dc, g.dp} {
		if i >= len(layer) || layer[i] == nil || v == nil {
			continue
		}
		var err error
		if out[i], err = tensor.Of(v, layer[i].Shape()...).Convert(layer[i].DType()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A recurrence is a recurrent layer for concrete shapes. Its arrays are
// float64 and have the steps before the batch.
type recurrence struct {
	cell                         cell
	steps, batch, inputs, hidden int
	lengths                      []int // of each sequence
	x                            []float64
	clip                         float64 // 0 for none
	inputForget, linearReset     bool
	directions                   []*direction
}

// A cell is what a kind of layer does in one step.
type cell struct {
	gates, states int
	activations   []string // the default ones
	forward       func(d *direction, s int)
	backward      func(d *direction, s int, b *backflow)
}

// A direction is one pass over the sequences, and what it computed in each
// step: that is what the way back needs.
type direction struct {
	*recurrence
	reverse bool
	f       []gateFunc
	// Weights: w [G·H,I], r [G·H,H], b [2·G·H], p [3·H]; zeros where left out.
	w, r, b, p []float64
	rT         matrix[float64] // r transposed
	// h and c are the states before each step and after the last, [batch·H];
	// pre and act the arguments and values of the gates, [batch·G·H]; mid what
	// a cell wants to keep, [batch·H].
	h, c, pre, act, mid [][]float64
}

func cells(name string) cell {
	switch name {
	case "GRU":
		return cell{3, 1, []string{"Sigmoid", "Tanh"}, gruForward, gruBackward}
	case "LSTM":
		return cell{4, 2, []string{"Sigmoid", "Tanh", "Tanh"}, lstmForward, lstmBackward}
	}
	return cell{1, 1, []string{"Tanh"}, rnnForward, rnnBackward}
}

// readRecurrence checks and reads a layer; in are its inputs.
func readRecurrence(n *ir.Node, name string, in []*tensor.Tensor) (*recurrence, error) {
	r := &recurrence{cell: cells(name)}
	if !in[LayerX].DType().IsFloat() {
		return nil, errElements(in[LayerX])
	}
	types, err := inferRecurrent(n, name, mapTo(in, TypeOf))
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		shape, _ := t.Shape.Ints()
		if _, err := checkSize(append(shape, r.cell.gates)); err != nil {
			return nil, err
		}
	}
	r.steps, r.batch, r.inputs, r.hidden = in[LayerX].Dim(0), in[LayerX].Dim(1), in[LayerX].Dim(2), in[LayerR].Dim(2)
	batchFirst := n.Attrs.Bool("layout", false)
	if batchFirst {
		r.steps, r.batch = r.batch, r.steps
	}
	r.clip = n.Attrs.Float("clip", 0)
	r.inputForget, r.linearReset = n.Attrs.Bool("input_forget", false), n.Attrs.Bool("linear_before_reset", false)
	if r.x, err = in[LayerX].Floats(); err != nil {
		return nil, err
	}
	if batchFirst {
		r.x = exchange(r.x, r.batch, r.steps, r.inputs)
	}
	if err := r.readLengths(opt(in, LayerLengths)); err != nil {
		return nil, err
	}
	return r, r.readDirections(n, in, batchFirst)
}

// exchange swaps the first two axes of [a,b,c].
func exchange(v []float64, a, b, c int) []float64 {
	out := make([]float64, len(v))
	for i := range a {
		for j := range b {
			copy(out[(j*a+i)*c:][:c], v[(i*b+j)*c:][:c])
		}
	}
	return out
}

func (r *recurrence) readLengths(t *tensor.Tensor) error {
	if t == nil {
		for range r.batch {
			r.lengths = append(r.lengths, r.steps)
		}
		return nil
	}
	var err error
	if r.lengths, err = t.Ints(); err != nil {
		return err
	}
	for _, n := range r.lengths {
		if n < 0 || n > r.steps {
			return fmt.Errorf("a sequence of %d steps does not fit an input of %d", n, r.steps)
		}
	}
	return nil
}

func (r *recurrence) readDirections(n *ir.Node, in []*tensor.Tensor, batchFirst bool) error {
	reversed, err := Directions(n)
	if err != nil {
		return err
	}
	functions, err := readGateFuncs(n, r.cell.activations, len(reversed))
	if err != nil {
		return err
	}
	for i, reverse := range reversed {
		d := &direction{recurrence: r, reverse: reverse, f: functions[i]}
		rows := r.cell.gates * r.hidden
		var h, c []float64
		for _, a := range []struct {
			to    *[]float64
			input int
			size  int
		}{
			{&d.w, LayerW, rows * r.inputs}, {&d.r, LayerR, rows * r.hidden}, {&d.b, LayerB, 2 * rows},
			{&d.p, LayerP, 3 * r.hidden}, {&h, LayerH, r.batch * r.hidden}, {&c, LayerC, r.batch * r.hidden},
		} {
			if *a.to, err = partOf(opt(in, a.input), i, len(reversed), a.size, batchFirst && (a.input == LayerH || a.input == LayerC)); err != nil {
				return err
			}
		}
		d.h, d.c = [][]float64{h}, [][]float64{c}
		r.directions = append(r.directions, d)
	}
	return nil
}

// partOf returns what belongs to direction i of n: size elements, zeros if t is
// left out. States with the batch first have the directions second.
func partOf(t *tensor.Tensor, i, n, size int, batchFirst bool) ([]float64, error) {
	if t == nil {
		return make([]float64, size), nil
	}
	v, err := t.Floats()
	if err != nil {
		return nil, err
	}
	if batchFirst {
		v = exchange(v, t.Dim(0), t.Dim(1), t.Dim(2))
	}
	return v[i*size:][:size], nil
}

// row is the place of step s of sequence k in x and y, or -1 when the sequence
// is over. A reverse pass begins at the end of each sequence.
func (d *direction) row(s, k int) int {
	switch {
	case s >= d.lengths[k]:
		return -1
	case d.reverse:
		s = d.lengths[k] - 1 - s
	}
	return s*d.batch + k
}

// run computes all steps.
func (d *direction) run() {
	rows := d.cell.gates * d.hidden
	d.rT = dense(d.r, rows, d.hidden).transposed().packed()
	fromInput := make([]float64, d.steps*d.batch*rows)
	for i := range fromInput {
		fromInput[i] = d.b[i%rows]
	}
	mulAdd(dense(fromInput, d.steps*d.batch, rows), dense(d.x, d.steps*d.batch, d.inputs), dense(d.w, rows, d.inputs).transposed())
	for s := range d.steps {
		pre := make([]float64, d.batch*rows)
		for k := range d.batch {
			if at := d.row(s, k); at >= 0 {
				copy(pre[k*rows:][:rows], fromInput[at*rows:])
			}
		}
		d.pre, d.act = append(d.pre, pre), append(d.act, make([]float64, len(pre)))
		d.h, d.c = append(d.h, append([]float64(nil), d.h[s]...)), append(d.c, append([]float64(nil), d.c[s]...))
		d.mid = append(d.mid, make([]float64, d.batch*d.hidden))
		d.cell.forward(d, s)
	}
}

// each calls f for every unit of the sequences that are not over at step s: at
// is its place in a state, gate the place of its first gate.
func (d *direction) each(s int, f func(at, gate, unit int)) {
	for k := range d.batch {
		if d.row(s, k) < 0 {
			continue
		}
		for j := range d.hidden {
			f(k*d.hidden+j, k*d.cell.gates*d.hidden+j, j)
		}
	}
}

// fire computes one gate from its argument, which it clips.
func (d *direction) fire(f gateFunc, x *float64) float64 {
	if d.clip > 0 {
		*x = min(max(*x, -d.clip), d.clip)
	}
	return f.f(*x)
}

// slope is the derivative of fire at an argument that was clipped.
func (d *direction) slope(f gateFunc, x float64) float64 {
	if d.clip > 0 && (x <= -d.clip || x >= d.clip) {
		return 0
	}
	return f.slope(x)
}

func evalRecurrent(n *ir.Node, name string, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	r, err := readRecurrence(n, name, in)
	if err != nil {
		return nil, err
	}
	y := make([]float64, r.steps*len(r.directions)*r.batch*r.hidden)
	states := make([][]float64, r.cell.states)
	for i, d := range r.directions {
		d.run()
		for s := range r.steps {
			d.each(s, func(at, _, unit int) {
				t, k := d.row(s, at/r.hidden)/r.batch, at/r.hidden
				y[((t*len(r.directions)+i)*r.batch+k)*r.hidden+unit] = d.h[s+1][at]
			})
		}
		for k, last := range [][]float64{d.h[r.steps], d.c[r.steps]}[:r.cell.states] {
			states[k] = append(states[k], last...)
		}
	}
	return r.outputs(n, in[LayerX].DType(), y, states)
}

// outputs shapes the results as the layout asks for.
func (r *recurrence) outputs(n *ir.Node, dtype tensor.DType, y []float64, states [][]float64) ([]*tensor.Tensor, error) {
	directions := len(r.directions)
	shape, state := []int{r.steps, directions, r.batch, r.hidden}, []int{directions, r.batch, r.hidden}
	if n.Attrs.Bool("layout", false) {
		// [steps,D,batch,H] to [batch,steps,D,H]
		y = exchange(y, r.steps*directions, r.batch, r.hidden)
		shape, state = []int{r.batch, r.steps, directions, r.hidden}, []int{r.batch, directions, r.hidden}
		for i, v := range states {
			states[i] = exchange(v, directions, r.batch, r.hidden)
		}
	}
	out := []*tensor.Tensor{tensor.Of(y, shape...)}
	for _, v := range states {
		out = append(out, tensor.Of(v, state...))
	}
	for i := range out {
		var err error
		if out[i], err = out[i].Convert(dtype); err != nil {
			return nil, err
		}
	}
	return out, nil
}

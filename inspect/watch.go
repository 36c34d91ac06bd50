package inspect

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// sampled is how many elements of a value are kept to compare it by, so that
// the values of a large network can be compared in little memory.
const sampled = 1024

// A trace is what is kept of the values of one run.
type trace struct {
	m                  *model.Model
	given              Given
	values             map[ir.ValueID]*digest
	order              []ir.ValueID
	reference          []Nodes
	firstNaN, firstInf *Origin
	fetch              []Named // what was asked for, unpacked
	outputs            []*tensor.Tensor
	took               time.Duration
}

// A digest is what is kept of one value.
type digest struct {
	Summary
	node   string
	sample []float64
}

// watch runs the network and keeps a digest of each floating-point value.
func watch(ctx context.Context, m *model.Model, s *exec.Session, given Given, fetch []Named, tell func(done int, what string)) (*trace, error) {
	t := &trace{m: m, given: given, values: map[ir.ValueID]*digest{}}
	done := 0
	ctx = exec.Observe(ctx, func(step *exec.Step) {
		t.see(step)
		t.took += step.Duration
		done += len(step.Nodes)
		tell(done, step.Nodes[0].Name)
	})
	var err error
	t.outputs, err = runOn(ctx, s, given, fetch)
	t.fetch, t.outputs = Unpack(fetch, t.outputs)
	if err != nil || done > 0 {
		return t, err
	}
	start := time.Now() // of a second run: this executor tells of no steps, and the first one compiled
	_, err = runOn(ctx, s, given, fetch)
	t.took = time.Since(start)
	return t, err
}

func (t *trace) see(step *exec.Step) {
	last := step.Nodes[len(step.Nodes)-1]
	if !step.Kernel {
		t.reference = group(t.reference, last)
	}
	for _, v := range step.Writes {
		value := step.Value(v)
		if value == nil || !value.DType().IsFloat() {
			continue
		}
		d := &digest{Summarize(value), last.Name, sampleOf(value)}
		d.Shape = slices.Clone(d.Shape)
		t.values[v] = d
		t.order = append(t.order, v)
		if d.NaN > 0 && t.firstNaN == nil {
			t.firstNaN = t.origin(step, v)
		}
		if d.Inf > 0 && t.firstInf == nil {
			t.firstInf = t.origin(step, v)
		}
	}
}

// origin tells what went into a step.
func (t *trace) origin(step *exec.Step, v ir.ValueID) *Origin {
	last := step.Nodes[len(step.Nodes)-1]
	o := &Origin{Node: last.Name, Op: opName(last), Output: Range{t.name(v), t.values[v].Summary}, Inputs: []Range{}}
	for _, n := range step.Nodes {
		for _, in := range n.Inputs {
			if sum, ok := t.summary(in); ok {
				o.Inputs = append(o.Inputs, Range{t.name(in), sum})
			}
		}
	}
	return o
}

// summary finds what a value was like when it was made, given or read from the
// file.
func (t *trace) summary(v ir.ValueID) (Summary, bool) {
	if v == ir.None {
		return Summary{}, false
	}
	if d := t.values[v]; d != nil {
		return d.Summary, true
	}
	value := t.given[v]
	if value == nil && int(v) < len(t.m.Net.Values) {
		value = t.m.Net.Values[v].Const
	}
	if value == nil {
		return Summary{}, false
	}
	sum := Summarize(value)
	return sum, sum.Count > 0
}

// name names a value; those of inlined functions are called by their nodes.
func (t *trace) name(v ir.ValueID) string {
	if int(v) < len(t.m.Net.Values) {
		return t.m.Net.Values[v].Name
	}
	if d := t.values[v]; d != nil {
		return d.node
	}
	return "a value of a function"
}

// sampleOf takes evenly spaced elements.
func sampleOf(t *tensor.Tensor) []float64 {
	n := t.Len()
	at := make([]int, min(n, sampled))
	for i := range at {
		at[i] = i * n / len(at)
	}
	few, err := t.Take(at, 1, len(at)).Floats()
	if err != nil {
		return nil
	}
	return few
}

// compare says how far the run is from the reference's.
func (t *trace) compare(ref *trace) *Difference {
	d := &Difference{}
	for _, v := range t.order {
		a, b := t.values[v], ref.values[v]
		if b == nil || int(v) >= len(t.m.Net.Values) {
			continue
		}
		apart, unequal := distance(a.sample, b.sample, largest(b.Summary))
		d.note(apart, unequal, t.name(v), a.node)
	}
	for i, out := range t.outputs {
		if i >= len(ref.outputs) || t.fetch[i] != ref.fetch[i] {
			d.Unequal = t.fetch[i].Name // a container that holds more, or less
			break
		}
		a, err := out.Floats()
		b, err2 := ref.outputs[i].Floats()
		if err != nil || err2 != nil {
			continue
		}
		apart, unequal := distance(a, b, largest(Summarize(ref.outputs[i])))
		d.Outputs = max(d.Outputs, apart)
		d.note(apart, unequal, t.fetch[i].Name, t.producer(t.fetch[i].Value))
	}
	return d
}

func (t *trace) producer(v ir.ValueID) string {
	if p := t.m.Net.Values[v].Producer; p != ir.None {
		return t.m.Net.Nodes[p].Name
	}
	return ""
}

func (d *Difference) note(apart float64, unequal bool, value, node string) {
	if unequal && d.Unequal == "" {
		d.Unequal = value
	}
	if apart > d.Largest {
		d.Largest, d.Value, d.Node = apart, value, node
	}
}

func largest(s Summary) float64 { return max(math.Abs(s.Min), math.Abs(s.Max)) }

// distance is the largest difference of finite elements over the scale, and
// whether some element is finite in one list only.
func distance(a, b []float64, scale float64) (apart float64, unequal bool) {
	if len(a) != len(b) {
		return 0, true
	}
	for i, x := range a {
		y := b[i]
		switch d := math.Abs(x - y); {
		case x == y || x != x && y != y:
		case math.IsNaN(d) || math.IsInf(d, 0):
			unequal = true
		case scale == 0:
			apart = max(apart, d)
		default:
			apart = max(apart, d/scale)
		}
	}
	return apart, unequal
}

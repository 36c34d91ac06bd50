package gradients

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// Arrays are samples that are there already, along the first axis.
type arrays struct {
	model  *model.Model
	names  []string // of the inputs' arrays, with the input they fill
	inputs map[ir.ValueID]*tensor.Tensor
	truth  *tensor.Tensor // labels or targets; nil without
	n      int
	// raw tells that the input holds pictures as 8-bit numbers, to be prepared.
	raw bool
}

// What arrays are called that are no inputs by name, as people and Keras'
// mnist.npz have it.
var (
	inputNames = []string{"x", "input", "inputs", "images", "image", "data", "features", "x_train", "train_images", "x_test", "test_images"}
	truthNames = []string{"labels", "label", "y", "target", "targets", "class", "classes", "y_train", "train_labels", "y_test", "test_labels"}
)

func newArrays(named map[string]*tensor.Tensor, m *model.Model) (*arrays, error) {
	a := &arrays{model: m, inputs: map[ir.ValueID]*tensor.Tensor{}, n: -1}
	lower := map[string]string{} // names as they are, by their small letters
	for name := range named {
		lower[strings.ToLower(name)] = name
	}
	wanted := free(m)
	for _, v := range wanted {
		name := m.Net.Values[v].Name
		t, ok := named[name]
		if !ok && len(wanted) == 1 {
			name, t = pick(named, lower, inputNames)
		}
		if t == nil {
			return nil, viz.Userf("the arrays are called %s, and none %q, which %s takes; name one so", listed(named), m.Net.Values[v].Name, m.Name)
		}
		if err := a.take(v, name, t); err != nil {
			return nil, err
		}
	}
	if name, t := pick(named, lower, truthNames); t != nil {
		if t.Rank() == 0 || t.Dim(0) != a.n {
			return nil, viz.Userf("there are %d samples, and the array %q is %s", a.n, name, t)
		}
		if t.Rank() == 2 && t.Dim(1) == 1 && t.DType().IsInt() { // a column of labels, as Keras' data sets have
			t = t.Reshape(a.n)
		}
		a.truth = t
	}
	if a.n < 1 {
		return nil, viz.Userf("the arrays hold no samples")
	}
	return a, nil
}

// free are the inputs that have no value of their own.
func free(m *model.Model) []ir.ValueID {
	return slices.DeleteFunc(slices.Clone(m.Net.Inputs), func(v ir.ValueID) bool { return m.Net.Values[v].Const != nil })
}

func pick(named map[string]*tensor.Tensor, lower map[string]string, names []string) (string, *tensor.Tensor) {
	for _, name := range names {
		if own, ok := lower[name]; ok {
			return own, named[own]
		}
	}
	return "", nil
}

func listed(named map[string]*tensor.Tensor) string {
	return strings.Join(slices.Sorted(maps.Keys(named)), ", ")
}

// take makes an array the samples of an input.
func (a *arrays) take(v ir.ValueID, name string, t *tensor.Tensor) error {
	value := &a.model.Net.Values[v]
	if t.Rank() == 0 || a.n >= 0 && t.Dim(0) != a.n {
		return viz.Userf("the array %q is %s, which is not one row for each of %d samples", name, t, a.n)
	}
	a.n = t.Dim(0)
	a.names = append(a.names, fmt.Sprintf("%s as %s", name, value.Name))
	a.inputs[v] = t
	if t.DType() == tensor.Uint8 && v == a.model.Input && a.model.Prep != nil {
		a.raw = true
		return nil
	}
	if t.Rank() != len(value.Shape) && value.Shape != nil {
		return viz.Userf("the array %q is %s, and %q takes %s", name, t, value.Name, value.Shape)
	}
	if t.DType() != value.DType {
		own, err := t.Convert(value.DType)
		if err != nil {
			return viz.Userf("the array %q is %s, and %q takes %s: %w", name, t, value.Name, value.DType, err)
		}
		a.inputs[v] = own
	}
	return nil
}

func (a *arrays) len() int { return a.n }

// fits reports whether the labels could be of these extents.
func (a *arrays) fits(s ir.Shape) bool {
	if a.truth == nil || a.truth.Rank() != len(s) {
		return false
	}
	for i, d := range s[1:] {
		if d.IsKnown() && d.N != a.truth.Dim(i+1) {
			return false
		}
	}
	return true
}

// alignTargets gives targets the shape of the answer, if they are of it but for
// an extent of 1.
func (a *arrays) alignTargets(answer ir.Shape) error {
	if a.fits(answer) || answer == nil {
		return nil
	}
	if a.truth.Rank() == 1 && len(answer) == 2 && (!answer[1].IsKnown() || answer[1].N == 1) {
		a.truth = a.truth.Reshape(a.n, 1)
		return nil
	}
	return viz.Userf("%s puts out %s, and the targets are %s: they do not fit together", a.model.Name, answer, a.truth)
}

func (a *arrays) read(ctx context.Context, which []int, form truthForm) (*batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b := &batch{feeds: map[ir.ValueID]*tensor.Tensor{}, n: len(which)}
	for v, t := range a.inputs {
		rows := rowsOf(t, which)
		if a.raw && v == a.model.Input {
			var err error
			if rows, err = a.prepare(rows); err != nil {
				return nil, err
			}
		}
		b.feeds[v] = rows
	}
	if a.truth == nil {
		return b, nil
	}
	var err error
	b.truth, err = a.truthFor(rowsOf(a.truth, which), form)
	return b, err
}

func rowsOf(t *tensor.Tensor, which []int) *tensor.Tensor {
	shape := slices.Clone(t.Shape())
	shape[0] = len(which)
	out := tensor.New(t.DType(), shape...)
	row := t.Len() / max(1, t.Dim(0))
	for i, k := range which {
		out.CopyRange(i*row, t, k*row, row)
	}
	return out
}

// truthFor brings labels or targets into the form that the loss takes.
func (a *arrays) truthFor(t *tensor.Tensor, form truthForm) (*tensor.Tensor, error) {
	if form == asTarget {
		return t.Convert(tensor.Float32)
	}
	if t.DType().IsFloat() && t.Rank() == 2 && form == asOneHot { // shares of several classes
		return t.Convert(tensor.Float32)
	}
	if t.DType().IsFloat() && !areWhole(t) {
		return nil, viz.Userf("the labels are %s with fractions, and classes are counted in whole numbers; for targets take --loss mse", t)
	}
	labels, err := t.Convert(tensor.Int64)
	if err != nil {
		return nil, err
	}
	classes := a.model.Classes()
	if classes == 0 { // each place has a label
		return labels, nil
	}
	if labels.Len() != t.Dim(0) {
		return nil, viz.Userf("the labels are %s, where one for each sample is expected", t)
	}
	whole := tensor.Data[int64](labels)
	for _, label := range whole {
		if label < 0 || label >= int64(max(2, classes)) {
			return nil, viz.Userf("there is a label %d; %s has the classes 0 to %d", label, a.model.Name, classes-1)
		}
	}
	return truthOf(whole, classes, form), nil
}

func areWhole(t *tensor.Tensor) bool {
	numbers, err := t.Convert(tensor.Float64)
	if err != nil {
		return false
	}
	for _, v := range tensor.Data[float64](numbers) {
		if v != math.Trunc(v) { // NaN is not either
			return false
		}
	}
	return true
}

// prepare makes inputs of pictures: [N, H, W] or [N, H, W, 1 or 3] bytes.
func (a *arrays) prepare(rows *tensor.Tensor) (*tensor.Tensor, error) {
	s := rows.Shape()
	channels := 1
	if len(s) == 4 {
		channels = s[3]
	}
	if len(s) < 3 || len(s) > 4 || channels != 1 && channels != 3 {
		return nil, viz.Userf("the pictures are %s, where N×H×W or N×H×W×3 bytes are expected", rows)
	}
	h, w := s[1], s[2]
	raw := tensor.Data[uint8](rows)
	var inputs []*tensor.Tensor
	for i := range s[0] {
		img := data.NewImage(w, h)
		for p := range h * w {
			for c := range 3 {
				img.Pix[3*p+c] = raw[(i*h*w+p)*channels+c%channels]
			}
		}
		ready, err := a.model.Prep.Prepare(img)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, ready.Tensor)
	}
	return stack(inputs)
}

func (a *arrays) describe(add func(name, value string)) {
	add("arrays", strings.Join(a.names, ", "))
	add("samples there", figure.Thousands(int64(a.n)))
	if a.raw {
		add("prepared as", a.model.Prep.String())
	}
}

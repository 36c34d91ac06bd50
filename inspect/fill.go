package inspect

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// FillOptions say how inputs that nobody gives are made.
type FillOptions struct {
	Seed int64
	// Extents gives the symbols in the inputs' shapes numbers: "sequence" is 128.
	Extents map[string]int
}

// Made says how an input that nobody gave was filled.
type Made struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []int  `json:"shape"`
	How   string `json:"how"`
	// Guessed are the extents that nothing settled: their symbols, or NAME.AXIS.
	Guessed []string `json:"guessed,omitempty"`
}

// String says it in a few words.
func (in Made) String() string { return fmt.Sprintf("%s %s, %s", in.Type, ShapeText(in.Shape), in.How) }

// maxMade bounds the bytes of an input that is made.
const maxMade = 2 << 30

// Fill completes what is given with every input that the fetched values need.
// The image input gets a picture of noise, prepared like any picture; other
// floating-point inputs standard normal numbers; integers zeros, which are valid
// as indices and tokens; masks ones; optionals nothing. Extents that nothing
// settles are chosen so that the shapes of the model fit together.
func Fill(m *model.Model, given Given, fetch []Named, o FillOptions) (Given, []Made, error) {
	if err := checkSymbols(m, o.Extents); err != nil {
		return nil, nil, err
	}
	settled, err := newExtents(m, given, o.Extents)
	if err != nil {
		return nil, nil, err
	}
	inputs := lacking(m, given, fetch)
	sizes := guess(m, given, fetch, inputs, settled)
	all := maps.Clone(given)
	if all == nil {
		all = Given{}
	}
	var made []Made
	for i, v := range inputs {
		t, how, err := fillOne(m, v, sizes, rand.New(rand.NewPCG(uint64(o.Seed), uint64(i))))
		if err != nil {
			return nil, nil, err
		}
		all[v] = t
		made = append(made, Made{m.Net.Values[v].Name, t.DType().String(), t.Shape(), how, settled.guessed(&m.Net.Values[v])})
	}
	return all, made, nil
}

// lacking lists the inputs that the fetched values need beside what is given.
func lacking(m *model.Model, given Given, fetch []Named) []ir.ValueID {
	read := make([]bool, len(m.Net.Values))
	var want []ir.ValueID
	for _, f := range fetch {
		read[f.Value] = true
		want = append(want, f.Value)
	}
	for i, needed := range m.Net.Needed(want, slices.Collect(maps.Keys(given))) {
		if needed {
			for _, v := range m.Net.Nodes[i].Reads() {
				read[v] = true
			}
		}
	}
	var out []ir.ValueID
	for _, v := range m.Net.Inputs {
		if value := &m.Net.Values[v]; read[v] && given[v] == nil && value.Const == nil && value.Missing == "" {
			out = append(out, v)
		}
	}
	return out
}

func fillOne(m *model.Model, v ir.ValueID, sizes extents, rng *rand.Rand) (*tensor.Tensor, string, error) {
	value := &m.Net.Values[v]
	if value.Kind == ir.OptionalKind {
		return tensor.NewOptional(nil), "left empty", nil
	}
	if value.Kind != ir.TensorKind || value.DType == tensor.Invalid || value.Shape == nil {
		return nil, "", fault.Userf("input %q is no tensor of a known type and rank, so nothing can be made up for it; give it with --input", value.Name)
	}
	if v == m.Input {
		batch := sizes.of(value)[0]
		t, err := picture(m, noise(m.Prep.Width, m.Prep.Height, rng), batch)
		return t, "a picture of noise", err
	}
	shape := sizes.of(value)
	n, err := tensor.NumElements(shape)
	if err != nil || int64(n)*int64(max(1, value.DType.Size())) > maxMade {
		return nil, "", fault.Userf("input %q would be %v, which is too large to make up; give it with --input", value.Name, shape)
	}
	return elements(value, n, shape, rng)
}

// elements makes what suits the type and the name of an input.
func elements(value *ir.Value, n int, shape []int, rng *rand.Rand) (*tensor.Tensor, string, error) {
	switch mask := strings.Contains(strings.ToLower(value.Name), "mask"); {
	case value.DType.IsFloat():
		t, err := filled(n, shape, func() float32 { return float32(rng.NormFloat64()) }).Convert(value.DType)
		return t, "normal numbers", err
	case mask && (value.DType.IsInt() || value.DType == tensor.Bool):
		t, err := filled(n, shape, func() float32 { return 1 }).Convert(value.DType)
		return t, "ones", err
	case value.DType == tensor.String:
		return tensor.New(value.DType, shape...), "empty texts", nil
	}
	return tensor.New(value.DType, shape...), "zeros", nil
}

func filled(n int, shape []int, next func() float32) *tensor.Tensor {
	data := make([]float32, n)
	for i := range data {
		data[i] = next()
	}
	return tensor.Of(data, shape...)
}

func noise(w, h int, rng *rand.Rand) *data.Image {
	img := data.NewImage(w, h)
	for i := range img.Pix {
		img.Pix[i] = uint8(rng.UintN(256))
	}
	return img
}

// picture prepares a picture for the image input, as often as the batch is
// long; a batch that the network fixes goes first.
func picture(m *model.Model, img *data.Image, batch int) (*tensor.Tensor, error) {
	p, err := m.Prep.Prepare(img)
	if err != nil {
		return nil, err
	}
	if declared := m.Net.Values[m.Input].Shape; len(declared) > 0 && declared[0].N > 0 {
		batch = declared[0].N
	}
	one := p.Tensor
	if total := int64(batch) * int64(one.Bytes()); total > maxMade {
		return nil, fault.Userf("a batch of %d pictures of %v is too large to make; give the input as an array", batch, one.Shape())
	}
	shape := slices.Clone(one.Shape())
	shape[0] = batch
	t := tensor.New(tensor.Float32, shape...)
	for i := range batch {
		t.CopyRange(i*one.Len(), one, 0, one.Len())
	}
	t, err = t.Convert(m.Net.Values[m.Input].DType)
	if err != nil {
		return nil, fmt.Errorf("the picture as %s: %w", m.Net.Values[m.Input].DType, err)
	}
	return t, nil
}

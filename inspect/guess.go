package inspect

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// maxGuesses bounds the inferences of shapes that guessing takes: each is some
// milliseconds, and more for a large model.
const maxGuesses = 150

// usual are extents that networks want: one state, frames of sound, windows,
// pictures.
var usual = []int{1, 512, 256, 64, 128, 32, 1024, 224, 8, 4, 2, 4096, 16000}

// guess settles extents that nothing else does, so that the shapes of the model
// fit together: the default if it will do, else the numbers that the model's own
// shapes speak of, and usual ones. It returns sizes as they are if nothing fits.
func guess(m *model.Model, given Given, fetch []Named, lacking []ir.ValueID, sizes extents) extents {
	var open []string
	for _, v := range lacking {
		if v == m.Input || m.Net.Values[v].Kind != ir.TensorKind {
			continue
		}
		for _, name := range sizes.guessed(&m.Net.Values[v]) {
			if !slices.Contains(open, name) {
				open = append(open, name)
			}
		}
	}
	if len(open) == 0 || fits(m, given, fetch, lacking, sizes) {
		return sizes
	}
	left := maxGuesses
	numbers := append([]int{defaultExtent}, append(spoken(m.Net), usual...)...)
	found := sizes
	var try func(at extents, rest []string) bool
	try = func(at extents, rest []string) bool {
		if len(rest) == 0 {
			left--
			found = at
			return fits(m, given, fetch, lacking, at)
		}
		for _, n := range numbers {
			with := maps.Clone(at)
			with[rest[0]] = n
			if left > 0 && try(with, rest[1:]) {
				return true
			}
		}
		return false
	}
	if try(sizes, open) {
		return found
	}
	return sizes
}

// fits reports whether the shapes that follow from the inputs contradict
// nothing. Integers decide on branches, as the rate of the sound does, and on
// shapes; so they count as constants.
func fits(m *model.Model, given Given, fetch []Named, lacking []ir.ValueID, sizes extents) bool {
	net := m.Net.Clone()
	var feeds []exec.Feed
	feed := func(v ir.ValueID, dtype tensor.DType, shape []int, elements func() *tensor.Tensor) {
		if n, err := tensor.NumElements(shape); err == nil && n <= 8 && dtype.IsInt() {
			net.Values[v].Const = elements()
			return
		}
		feeds = append(feeds, exec.Feed{Value: v, DType: dtype, Shape: shape})
	}
	for v, t := range given {
		feed(v, t.DType(), t.Shape(), func() *tensor.Tensor { return t })
	}
	for _, v := range lacking {
		if value := &net.Values[v]; value.Kind == ir.TensorKind && value.Shape != nil {
			shape := sizes.of(value)
			feed(v, value.DType, shape, func() *tensor.Tensor { return tensor.New(value.DType, shape...) })
		}
	}
	want := make([]ir.ValueID, len(fetch))
	for i, f := range fetch {
		want[i] = f.Value
	}
	g, err := exec.Prepare(net, feeds, want)
	if err == nil {
		_, err = pass.InferStrict(g)
	}
	return err == nil
}

// spoken lists the extents that small integer constants mention most often:
// exporters that trace write lengths into reshapes that they saw.
func spoken(g *ir.Graph) []int {
	const few, short, longest = 8, 8, 4096 // beyond which numbers are rates and offsets
	times := map[int]int{}
	for i := range g.Values {
		c := g.Values[i].Const
		if c == nil || !c.DType().IsInt() || c.Len() > short {
			continue
		}
		shape, _ := c.Ints()
		for _, d := range shape {
			if d > 1 && d <= longest {
				times[d]++
			}
		}
	}
	list := slices.SortedFunc(maps.Keys(times), func(a, b int) int { return cmp.Or(times[b]-times[a], a-b) })
	return list[:min(few, len(list))]
}

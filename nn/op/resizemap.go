package op

import "github.com/tomo-viz/tomo/nn/ir"

// A ResizeMap is what a Resize does along one axis: element o of the output is
// the sum of the elements At[k] of the input times Weight[k], k from Ends[o-1] (0
// for the first) to before Ends[o].
type ResizeMap struct {
	Axis, In, Out int
	Ends, At      []int
	Weight        []float32
}

// ResizeMaps returns the maps of a Resize, an Upsample or a ResizeGrad, in the
// order in which they are applied; axes that stay as they are have none. It
// reports false where scales and sizes are not known, and where a Resize
// extrapolates elements; they send no gradient back.
func ResizeMaps(n *ir.Node, in []Type) ([]ResizeMap, bool) {
	r, err := readResize(n)
	if err != nil {
		return nil, false
	}
	extents, known := in[0].Shape.Ints()
	back := n.Op == "ResizeGrad"
	if back {
		extents, known = in[1].Ints()
		in = in[1:] // as if shape were x
	}
	if !known || !r.knowsRegion(in) {
		return nil, false
	}
	plan, err := r.plan(extents, in)
	if err != nil || plan == nil {
		return nil, false
	}
	var maps []ResizeMap
	for axis, a := range plan {
		if r.isIdentity(a) {
			continue
		}
		m, ok := r.mapOf(axis, a)
		if !ok && !back {
			return nil, false
		}
		if back {
			maps = append([]ResizeMap{m.transposed()}, maps...)
		} else {
			maps = append(maps, m)
		}
	}
	return maps, true
}

// knowsRegion reports whether the region of interest is at hand, if one is taken.
func (r *resizing) knowsRegion(in []Type) bool {
	if r.coordinates != "tf_crop_and_resize" {
		return true
	}
	t, ok := given(in, r.roi)
	return ok && t.Value != nil
}

// mapOf returns the map along one axis, and whether it is all there is.
func (s *sampling) mapOf(axis int, a axisScale) (m ResizeMap, whole bool) {
	m, whole = ResizeMap{Axis: axis, In: a.in, Out: a.out}, true
	var t sample
	for o := range a.out {
		if s.sample(a, o, &t); t.outside {
			m.Ends, whole = append(m.Ends, len(m.At)), false
			continue
		}
		for k, at := range t.at {
			m.At, m.Weight = append(m.At, at), append(m.Weight, float32(t.weight[k]))
		}
		m.Ends = append(m.Ends, len(m.At))
	}
	return m, whole
}

// transposed sends gradients back, and adds those of an element up in the order
// of the outputs.
func (m ResizeMap) transposed() ResizeMap {
	back := ResizeMap{Axis: m.Axis, In: m.Out, Out: m.In, Ends: make([]int, m.In), At: make([]int, len(m.At)), Weight: make([]float32, len(m.At))}
	next := make([]int, m.In+1) // where the next entry of an element goes
	for _, i := range m.At {
		next[i+1]++
	}
	for i := range m.In {
		next[i+1] += next[i]
		back.Ends[i] = next[i+1]
	}
	k := 0
	for o, end := range m.Ends {
		for ; k < end; k++ {
			i := m.At[k]
			back.At[next[i]], back.Weight[next[i]] = o, m.Weight[k]
			next[i]++
		}
	}
	return back
}

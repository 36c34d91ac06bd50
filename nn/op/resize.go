package op

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Resize(x, roi?, scales?, sizes?) samples x anew along its axes, each of which
// is a linear map of its own; see resample.go. Resize of opset 10 and Upsample
// (x, scales), with the scales as attributes before opset 9, are the same with
// coordinates x/scale, rounded down for nearest.
//
//	tomo.ResizeGrad(dy, shape, roi?, scales?, sizes?) -> dx    shape is that of x
//
// is the transposed map and takes the attributes of the newest Resize.
var resizeOps = []Op{
	{Name: "Resize", MinIn: 1, Infer: inferResize, Eval: evalResize, Grad: gradResize, Cost: costResize},
	{Name: "Upsample", MinIn: 1, Infer: inferResize, Eval: evalResize, Grad: gradResize, Cost: costResize},
	{
		Name: "ResizeGrad", Domain: Domain, MinIn: 2,
		Infer: shapedBy(1, 0),
		Eval:  byFloat(evalResizeGrad[float32], evalResizeGrad[float64], 1, 2, 3, 4),
		Grad:  gradResizeGrad,
	},
}

// A resizing is what a node says.
type resizing struct {
	sampling
	axes   []int // nil for all
	policy string
	// Which inputs hold them, and the scales of old versions; -1 for none.
	roi, scales, sizes int
	attrScales         []float32
}

func readResize(n *ir.Node) (resizing, error) {
	r := resizing{roi: -1, scales: 1, sizes: -1}
	r.mode = n.Attrs.Str("mode", "nearest")
	if n.Op == "Upsample" || n.Op == "Resize" && n.Version < 11 {
		r.coordinates, r.nearest = "asymmetric", "floor"
		if r.mode == "bilinear" { // Upsample of the first opset
			r.mode = "linear"
		}
		r.attrScales = n.Attrs.Floats("scales")
		if n.Attrs.Has("height_scale") {
			r.attrScales = []float32{1, 1, float32(n.Attrs.Float("height_scale", 1)), float32(n.Attrs.Float("width_scale", 1))}
		}
		return r, r.check()
	}
	r.roi, r.scales, r.sizes = 1, 2, 3
	r.coordinates = n.Attrs.Str("coordinate_transformation_mode", "half_pixel")
	r.nearest = n.Attrs.Str("nearest_mode", "round_prefer_floor")
	r.cubic = n.Attrs.Float("cubic_coeff_a", -0.75)
	r.excludeOutside = n.Attrs.Bool("exclude_outside", false)
	r.antialias = n.Attrs.Bool("antialias", false)
	r.extrapolation = n.Attrs.Float("extrapolation_value", 0)
	r.axes = n.Attrs.Ints("axes")
	r.policy = n.Attrs.Str("keep_aspect_ratio_policy", "stretch")
	return r, r.check()
}

func (r *resizing) check() error {
	for _, c := range []struct {
		what, is string
		allowed  []string
	}{
		{"mode", r.mode, []string{"nearest", "linear", "cubic"}},
		{"coordinate_transformation_mode", r.coordinates, []string{"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn"}},
		{"nearest_mode", r.nearest, []string{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}},
		{"keep_aspect_ratio_policy", r.policy, []string{"", "stretch", "not_larger", "not_smaller"}},
	} {
		if !slices.Contains(c.allowed, c.is) {
			return fmt.Errorf("%s %q is not one of %v", c.what, c.is, c.allowed)
		}
	}
	return nil
}

// sizesGiven and scalesGiven return the inputs; a tensor without elements is
// none.
func (r *resizing) sizesGiven(in []Type) (Type, bool)  { return given(in, r.sizes) }
func (r *resizing) scalesGiven(in []Type) (Type, bool) { return given(in, r.scales) }

func given(in []Type, i int) (Type, bool) {
	if i < 0 {
		return Type{}, false
	}
	t := opt(in, i)
	empty := len(t.Shape) == 1 && t.Shape[0] == ir.Known(0)
	return t, t.DType != tensor.Invalid && !empty
}

func inferResize(n *ir.Node, in []Type) ([]Type, error) {
	r, err := readResize(n)
	if err != nil {
		return nil, err
	}
	out := Type{DType: in[0].DType}
	x := in[0].Shape
	if x == nil {
		return []Type{out}, nil
	}
	if _, err := axesOf(r.axes, len(x)); err != nil {
		return nil, err
	}
	// What is fully known is worked out as it will be.
	if extents, ok := x.Ints(); ok {
		if plan, err := r.plan(extents, in); err != nil {
			return nil, err
		} else if plan != nil {
			out.Shape = ir.Dims(mapTo(plan, func(a axisScale) int { return a.out })...)
			return []Type{out}, nil
		}
	}
	out.Shape = r.symbolicShape(x, in)
	return []Type{out}, nil
}

// symbolicShape keeps what does not depend on unknown extents.
func (r *resizing) symbolicShape(x ir.Shape, in []Type) ir.Shape {
	shape := unknownShape(len(x))
	axes, _ := axesOf(r.axesOr(len(x)), len(x))
	for i, d := range x {
		if !slices.Contains(axes, i) {
			shape[i] = d
		}
	}
	scales, _ := r.scalesOf(in)
	sizes, _ := r.sizesGiven(in)
	for k, axis := range axes {
		switch {
		case len(scales) == len(axes) && scales[k] >= 1 && scales[k] == float32(int(scales[k])):
			shape[axis] = mulDims(x[axis], ir.Known(int(scales[k])))
		case len(sizes.Dims()) == len(axes) && (r.policy == "" || r.policy == "stretch"):
			shape[axis] = sizes.Dims()[k]
		}
	}
	return shape
}

func (r *resizing) axesOr(rank int) []int {
	if r.axes != nil {
		return r.axes
	}
	all := make([]int, rank)
	for i := range all {
		all[i] = i
	}
	return all
}

// scalesOf returns the scales if they are known, and whether there are any.
func (r *resizing) scalesOf(in []Type) ([]float32, bool) {
	if r.attrScales != nil {
		return r.attrScales, true
	}
	t, ok := r.scalesGiven(in)
	if !ok || t.Value == nil {
		return nil, ok
	}
	v, err := t.Value.Floats()
	if err != nil {
		return nil, ok
	}
	return mapTo(v, func(s float64) float32 { return float32(s) }), ok
}

// evalResize computes other types than floats in float64.
func evalResize(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	r, err := readResize(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	plan, err := r.settled(x.Shape(), in)
	if err != nil {
		return nil, err
	}
	switch x.DType() {
	case tensor.Float32:
		return resample[float32](x, plan, r.sampling)
	case tensor.Float64:
		return resample[float64](x, plan, r.sampling)
	}
	wide, err := x.Convert(tensor.Float64)
	if err != nil {
		return nil, err
	}
	y, err := resample[float64](wide, plan, r.sampling)
	if err != nil {
		return nil, err
	}
	narrow, err := y[0].Convert(x.DType())
	return []*tensor.Tensor{narrow}, err
}

// settled is plan where all inputs are at hand.
func (r *resizing) settled(x []int, in []*tensor.Tensor) ([]axisScale, error) {
	plan, err := r.plan(x, mapTo(in, TypeOf))
	if err == nil && plan == nil {
		err = fmt.Errorf("neither scales nor sizes are given")
	}
	return plan, err
}

func evalResizeGrad[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	r, err := readResize(n)
	if err != nil {
		return nil, err
	}
	shape, err := shapeFrom(in[1])
	if err != nil {
		return nil, err
	}
	plan, err := r.settled(shape, in[1:]) // as if shape were x
	if err != nil {
		return nil, err
	}
	want := mapTo(plan, func(a axisScale) int { return a.out })
	if err := needShape("the gradient of the output", in[0].Shape(), want); err != nil {
		return nil, err
	}
	return resampleBack[T](in[0], plan, r.sampling)
}

func gradResize(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	r, err := readResize(n)
	if err != nil || !g.Needs(0) {
		return out, err
	}
	inputs := []ir.ValueID{dy[0], g.shapeOf(n.Inputs[0]), ir.None, ir.None, ir.None}
	for i, at := range []int{r.roi, r.scales, r.sizes} {
		if at >= 0 {
			inputs[2+i] = n.Input(at)
		}
	}
	if r.attrScales != nil {
		inputs[3] = g.Const(tensor.Vector(r.attrScales...))
	}
	out[0] = g.tomo("ResizeGrad", r.attrs(), inputs...)
	return out, nil
}

func gradResizeGrad(g *Grad, n *ir.Node, ddx []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		out[0] = g.Op("Resize", n.Attrs, ddx[0], n.Input(2), n.Input(3), n.Input(4))
	}
	return out, nil
}

// attrs spells r as the newest Resize; what is extrapolated is constant, so
// that it counts nothing in a gradient.
func (r *resizing) attrs() ir.Attrs {
	a := ir.Pairs(
		"mode", r.mode, "coordinate_transformation_mode", r.coordinates, "nearest_mode", r.nearest,
		"cubic_coeff_a", r.cubic, "exclude_outside", r.excludeOutside, "antialias", r.antialias,
		"keep_aspect_ratio_policy", r.policy)
	if r.axes != nil {
		maps.Copy(a, ir.Pairs("axes", r.axes))
	}
	return a
}

// costResize counts a product and a sum for each element a sample reads: one,
// two or four along each of two axes.
func costResize(n *ir.Node, _, out []Type) Cost {
	taps := map[string]int64{"linear": 4, "cubic": 16}[n.Attrs.Str("mode", "nearest")]
	return Cost{FLOPs: 2 * taps * elements(out[0])}
}

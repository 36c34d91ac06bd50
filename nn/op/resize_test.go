package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func floats(v ...float32) *tensor.Tensor { return tensor.Vector(v...) }

func TestResizeGradients(t *testing.T) {
	x := rand64(1, 2, 4, 5)
	for _, mode := range []string{"nearest", "linear", "cubic"} {
		for _, coordinates := range []string{"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn"} {
			attrs := ir.Attrs{"mode": text(mode), "coordinate_transformation_mode": text(coordinates)}
			optest.CheckGrad(t, optest.Case{Op: "Resize", Attrs: attrs, In: []*tensor.Tensor{x, nil, floats(1, 1, 2, 0.7)}})
			optest.CheckGrad(t, optest.Case{Op: "Resize", Attrs: attrs, In: []*tensor.Tensor{x, nil, nil, vector(1, 2, 3, 9)}})
		}
		attrs := ir.Attrs{"mode": text(mode), "antialias": integer(1), "exclude_outside": integer(1), "axes": ints(3, 2)}
		optest.CheckGrad(t, optest.Case{Op: "Resize", Attrs: attrs, In: []*tensor.Tensor{x, nil, floats(0.5, 0.8)}})
		crop := ir.Attrs{"mode": text(mode), "coordinate_transformation_mode": text("tf_crop_and_resize"), "extrapolation_value": number(3)}
		roi := floats(0, 0, -0.2, 0.3, 1, 1, 0.7, 1.4)
		optest.CheckGrad(t, optest.Case{Op: "Resize", Attrs: crop, In: []*tensor.Tensor{x, roi, nil, vector(1, 2, 5, 6)}})
	}
	policy := ir.Attrs{"mode": text("linear"), "keep_aspect_ratio_policy": text("not_larger"), "axes": ints(2, 3)}
	optest.CheckGrad(t, optest.Case{Op: "Resize", Attrs: policy, In: []*tensor.Tensor{x, nil, nil, vector(8, 7)}})
}

// TestResizeSpellings: the old operators are the asymmetric Resize.
func TestResizeSpellings(t *testing.T) {
	x := rand64(1, 1, 3, 4)
	for _, mode := range []string{"nearest", "linear"} {
		now := ir.Attrs{"mode": text(mode), "coordinate_transformation_mode": text("asymmetric"), "nearest_mode": text("floor")}
		want := optest.Case{Op: "Resize", Attrs: now, In: []*tensor.Tensor{x, nil, floats(1, 1, 2, 1.5)}}.Eval(t)[0]
		scales := ir.Attr{Value: []float32{1, 1, 2, 1.5}}
		for _, c := range []optest.Case{
			{Op: "Upsample", Version: 7, Attrs: ir.Attrs{"mode": text(mode), "scales": scales}, In: []*tensor.Tensor{x}},
			{Op: "Upsample", Version: 9, Attrs: ir.Attrs{"mode": text(mode)}, In: []*tensor.Tensor{x, floats(1, 1, 2, 1.5)}},
			{Op: "Resize", Version: 10, Attrs: ir.Attrs{"mode": text(mode)}, In: []*tensor.Tensor{x, floats(1, 1, 2, 1.5)}},
		} {
			if got := c.Eval(t)[0]; !tensor.Equal(got, want) {
				t.Errorf("%v differs", c)
			}
			optest.CheckGrad(t, c)
		}
	}
}

func TestResizeGradOfGrad(t *testing.T) {
	x := rand64(1, 1, 4, 5)
	attrs := ir.Attrs{"mode": text("cubic")}
	optest.CheckGrad(t, optest.Case{Op: "ResizeGrad", Domain: op.Domain, Attrs: attrs, In: []*tensor.Tensor{rand64(1, 1, 8, 3), shapeVector(x), nil, nil, vector(1, 1, 8, 3)}})
}

// TestResizeKnown: bilinear upsampling of a ramp by 2 with half-pixel centres.
func TestResizeKnown(t *testing.T) {
	y := optest.Case{Op: "Resize", Attrs: ir.Attrs{"mode": text("linear")}, In: []*tensor.Tensor{tensor.Vector[float32](0, 4, 8), nil, floats(2)}}.Eval(t)[0]
	if want := tensor.Vector[float32](0, 1, 3, 5, 7, 8); !tensor.Equal(y, want) {
		t.Errorf("got %v, want %v", y.F32(), want.F32())
	}
	whole := optest.Case{Op: "Resize", In: []*tensor.Tensor{tensor.Vector[uint8](1, 200), nil, nil, vector(4)}}.Eval(t)[0]
	if want := tensor.Vector[uint8](1, 1, 200, 200); !tensor.Equal(whole, want) {
		t.Errorf("got %v", tensor.Data[uint8](whole))
	}
}

// TestResizeKeepsSymbols: a batch that is not scaled keeps its name.
func TestResizeKeepsSymbols(t *testing.T) {
	n := &ir.Node{Op: "Resize", Version: 19, Inputs: []ir.ValueID{0, ir.None, 1}, Outputs: []ir.ValueID{2}}
	x := op.Type{DType: tensor.Float32, Shape: ir.Shape{ir.Symbol("batch"), ir.Known(3), ir.Known(4), ir.Symbol("width")}}
	out, err := op.Infer(n, []op.Type{x, {}, op.TypeOf(floats(1, 1, 2, 2))})
	if err != nil {
		t.Fatal(err)
	}
	if got := out[0].Shape.String(); got != "batch×3×8×2*width" {
		t.Errorf("shape %s", got)
	}
}

func TestResizeRefuses(t *testing.T) {
	x := tensor.New(tensor.Float32, 1, 1, 4, 4)
	none := tensor.New(tensor.Float32, 0)
	for _, c := range []struct {
		want  string
		attrs ir.Attrs
		rest  []*tensor.Tensor
	}{
		{"neither", nil, nil},
		{"only one", nil, []*tensor.Tensor{none, floats(1, 1, 2, 2), vector(1, 1, 8, 8)}},
		{"2 scales for 4 axes", nil, []*tensor.Tensor{none, floats(2, 2)}},
		{"a scale of 0", nil, []*tensor.Tensor{none, floats(1, 1, 0, 1)}},
		{"a scale of -1", nil, []*tensor.Tensor{none, floats(1, 1, -1, 1)}},
		{"a scale of 1e+30", nil, []*tensor.Tensor{none, floats(1, 1, 1e30, 1)}},
		{"elements", nil, []*tensor.Tensor{none, floats(1, 1, 1e4, 1e4)}},
		{"a size of -1", nil, []*tensor.Tensor{none, none, vector(1, 1, -1, 4)}},
		{"mode", ir.Attrs{"mode": text("sinc")}, []*tensor.Tensor{none, floats(1, 1, 2, 2)}},
		{"axis", ir.Attrs{"axes": ints(2, 4)}, []*tensor.Tensor{none, floats(2, 2)}},
		{"twice", ir.Attrs{"axes": ints(2, -2)}, []*tensor.Tensor{none, floats(2, 2)}},
		{"region of interest", ir.Attrs{"coordinate_transformation_mode": text("tf_crop_and_resize")}, []*tensor.Tensor{none, floats(1, 1, 2, 2)}},
	} {
		refuses(t, "Resize", c.attrs, c.want, append([]*tensor.Tensor{x}, c.rest...)...)
	}
}

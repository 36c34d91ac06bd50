package attribution

import (
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz"
)

// TestArraysFit takes arrays with the batch and without, of any element type,
// and refuses what the network does not take.
func TestArraysFit(t *testing.T) {
	m, err := model.New("tiny.onnx", zoo.Tiny(1), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	shape := m.Net.Values[m.Input].Shape
	c, h, w := shape[1].N, m.Prep.Height, m.Prep.Width
	for _, x := range []struct {
		array *tensor.Tensor
		want  int
	}{
		{tensor.New(tensor.Float32, 3, c, h, w), 3}, {tensor.New(tensor.Float64, c, h, w), 1},
		{tensor.New(tensor.Uint8, 1, c, h, w), 1}, {tensor.New(tensor.Float32, 1, c+1, h, w), 0},
		{tensor.New(tensor.Float32, h, w), 0}, {tensor.New(tensor.Float32, 0, c, h, w), 0}, {tensor.Scalar(float32(1)), 0},
	} {
		images, err := Apart(m, []viz.Image{{Name: "x.npy", Array: x.array}})
		switch {
		case x.want == 0:
			if !viz.IsUser(err) {
				t.Errorf("%s gives %v", x.array, err)
			}
		case err != nil:
			t.Errorf("%s: %v", x.array, err)
		case len(images) != x.want || images[0].Array.Dim(0) != 1:
			t.Errorf("%s gives %d inputs, want %d", x.array, len(images), x.want)
		}
	}
}

// TestTooManyInputs refuses arrays of more inputs than one figure is chosen from, in
// one file or in several, before each is made an image.
func TestTooManyInputs(t *testing.T) {
	g := ir.New("rows")
	g.Outputs = []ir.ValueID{g.AddInput("x", tensor.Float32, []ir.Dim{ir.Symbol("n"), ir.Dims(2)[0]})}
	m, err := model.New("rows.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rows []int
		ok   bool
	}{{[]int{mostInputs}, true}, {[]int{mostInputs + 1}, false}, {[]int{mostInputs - 1, 1}, true}, {[]int{mostInputs, 1}, false}} {
		var images []viz.Image
		for _, n := range c.rows {
			images = append(images, viz.Image{Name: "x.csv", Array: tensor.New(tensor.Float32, n, 2)})
		}
		got, err := Apart(m, images)
		switch {
		case c.ok && (err != nil || len(got) != mostInputs):
			t.Errorf("%v rows give %d images, %v", c.rows, len(got), err)
		case !c.ok && (!viz.IsUser(err) || !strings.Contains(err.Error(), "at most 100")):
			t.Errorf("%v rows give %v", c.rows, err)
		}
	}
}

// TestPortraitOfPicture is the picture again, whatever was done to its numbers.
func TestPortraitOfPicture(t *testing.T) {
	for _, recipe := range []string{"imagenet", "caffe"} {
		g := ir.New("picture")
		g.Outputs = []ir.ValueID{g.AddInput("image", tensor.Float32, ir.Dims(1, 3, 2, 2))}
		m, err := model.New("picture.onnx", g, model.Options{Input: map[string]string{"recipe": recipe, "size": "2x2"}})
		if err != nil {
			t.Fatal(err)
		}
		want := []byte{255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30}
		x := tensor.New(tensor.Float32, 1, 3, 2, 2)
		for i, v := range want {
			c := i % 3
			if m.Prep.Channels == model.BGR {
				c = 2 - c
			}
			x.F32()[c*4+i/3] = m.Prep.Level(c, float64(v))
		}
		_, seen, err := drawn(m, viz.Image{Name: "x.npy", Array: x})
		if err != nil || string(seen.Pix) != string(want) {
			t.Errorf("%s: got %v (%v), want %v", recipe, seen.Pix, err, want)
		}
	}
}

// TestPortraitOfSignal survives numbers that are none, and draws each channel.
func TestPortraitOfSignal(t *testing.T) {
	nan := float32(math.NaN())
	for _, n := range []int{2, 96, 5000} {
		values := make([]float32, 2*n)
		values[n/2], values[n+1] = 1, nan
		p := curves(model.Grid{Channels: 2, H: 1, W: n, D: 1, DC: n, DX: 1}, values)
		if p.H != 2*laneHeightOf(2) || len(p.Pix) != 3*p.W*p.H {
			t.Fatalf("%d samples: %d×%d with %d numbers", n, p.W, p.H, len(p.Pix))
		}
		dark := 0
		for i := 0; i < len(p.Pix); i += 3 {
			if p.Pix[i] < 100 {
				dark++
			}
		}
		if dark < 2*curveWidth {
			t.Errorf("%d samples: %d dark pixels in two lanes of %d columns", n, dark, curveWidth)
		}
	}
}

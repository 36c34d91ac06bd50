package model

import (
	"math"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/data"
)

// pattern is a picture by a formula, so that other programs can make it too.
func pattern(w, h int) *data.Image {
	img := data.NewImage(w, h)
	for i := range w * h {
		x, y := i%w, i/w
		for c := range 3 {
			img.Pix[3*i+c] = uint8(37*x + 91*y + 53*c + x*y*7)
		}
	}
	return img
}

// TestTorchvision compares with Pillow 13: Resize(5) or (5, 5), then
// CenterCrop(4), of a picture of 13×9, channel by channel. What Pillow gives is
// to be met to the last bit; ToTensor and Normalize to float32's rounding.
func TestTorchvision(t *testing.T) {
	for _, c := range []struct {
		fit    Fit
		filter data.Filter
		want   []int
	}{
		{FitCrop, data.Bilinear, []int{
			114, 135, 102, 109, 136, 138, 124, 128, 142, 149, 116, 149, 128, 157, 118, 136,
			144, 112, 133, 123, 139, 124, 127, 141, 135, 132, 139, 128, 117, 131, 131, 111,
			155, 130, 131, 141, 138, 128, 132, 133, 124, 124, 128, 108, 116, 135, 96, 122}},
		{FitStretch, data.Bicubic, []int{
			87, 125, 121, 107, 132, 131, 135, 127, 123, 148, 141, 128, 105, 117, 151, 127,
			129, 138, 124, 121, 129, 139, 128, 131, 149, 131, 136, 136, 147, 130, 133, 121,
			151, 150, 133, 139, 126, 139, 126, 137, 121, 120, 124, 114, 133, 113, 125, 104}},
	} {
		p := fitted("imagenet", 4, 4)
		p.Fit, p.Filter, p.Shorter = c.fit, c.filter, 5
		ready, err := p.Prepare(pattern(13, 9))
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range ready.Tensor.F32() {
			ch := i / 16
			want := (float64(c.want[i])/255 - p.Mean[ch]) / p.Std[ch]
			if math.Abs(float64(got)-want) > 1e-6 {
				t.Errorf("%s: element %d is %v, want %v (pixel %d)", c.fit, i, got, want, c.want[i])
			}
		}
	}
}

// TestNormalize compares with numbers computed by hand.
func TestNormalize(t *testing.T) {
	img := data.NewImage(2, 1)
	copy(img.Pix, []uint8{10, 20, 30, 40, 50, 60})
	for name, c := range map[string]struct {
		settings map[string]string
		shape    []int
		want     []float32
	}{
		"planes":            {map[string]string{"recipe": "raw"}, []int{1, 3, 1, 2}, []float32{10, 40, 20, 50, 30, 60}},
		"BGR":               {map[string]string{"recipe": "raw", "channels": "bgr"}, []int{1, 3, 1, 2}, []float32{30, 60, 20, 50, 10, 40}},
		"channels last":     {map[string]string{"recipe": "raw", "layout": "nhwc"}, []int{1, 1, 2, 3}, []float32{10, 20, 30, 40, 50, 60}},
		"BGR last":          {map[string]string{"recipe": "raw", "channels": "bgr", "layout": "nhwc"}, []int{1, 1, 2, 3}, []float32{30, 20, 10, 60, 50, 40}},
		"mean in its order": {map[string]string{"recipe": "raw", "channels": "bgr", "mean": "30,20,10", "std": "2"}, []int{1, 3, 1, 2}, []float32{0, 15, 0, 15, 0, 15}},
		"scale first":       {map[string]string{"recipe": "raw", "scale": "1/10", "mean": "1", "std": "0.5"}, []int{1, 3, 1, 2}, []float32{0, 6, 2, 8, 4, 10}},
		// 0.299·10 + 0.587·20 + 0.114·30 = 18.15, and 30 more.
		"grey": {map[string]string{"recipe": "gray", "scale": "1"}, []int{1, 1, 1, 2}, []float32{18, 48}},
	} {
		p := fitted("raw", 2, 1)
		if err := p.Apply(c.settings); err != nil {
			t.Fatal(err)
		}
		ready, err := p.Prepare(img)
		if err != nil {
			t.Fatal(err)
		}
		if got := ready.Tensor; !slices.Equal(got.Shape(), c.shape) || !slices.Equal(got.F32(), c.want) {
			t.Errorf("%s: %v %v, want %v %v", name, got.Shape(), got.F32(), c.shape, c.want)
		}
	}
}

// TestSeen draws one bright square into a large picture and checks that it lies
// at the same place in what the network is given and in what people see. Its
// centre may differ by a twentieth of the network's pixel, from rounding.
func TestSeen(t *testing.T) {
	for name, settings := range map[string]map[string]string{
		"crop": {"size": "32x32", "shorter": "37"}, "odd crop": {"size": "31", "shorter": "33"}, "no margin": {"size": "40x24", "shorter": "0"},
		"stretch": {"size": "33x20", "fit": "stretch"}, "stretch and crop": {"size": "32", "fit": "stretch", "shorter": "37"}, "pad": {"size": "48x31", "fit": "pad"},
	} {
		for _, size := range [][2]int{{501, 333}, {333, 501}, {640, 640}} {
			img := data.NewImage(size[0], size[1])
			for y := size[1] * 4 / 10; y < size[1]*5/10; y++ {
				for x := size[0] * 5 / 10; x < size[0]*6/10; x++ {
					img.Pix[3*(y*img.W+x)] = 255
				}
			}
			p := fitted("raw", 32, 32)
			if err := p.Apply(settings); err != nil {
				t.Fatal(err)
			}
			ready, err := p.Prepare(img)
			if err != nil {
				t.Fatal(err)
			}
			seen := ready.Seen
			zoom := seen.W / p.Width
			if zoom < 2 || seen.W != zoom*p.Width || seen.H != zoom*p.Height {
				t.Fatalf("%s: seen is %d×%d for %d×%d", name, seen.W, seen.H, p.Width, p.Height)
			}
			nx, ny := centre(p.Width, p.Height, func(i int) float64 { return float64(ready.Tensor.F32()[i] - ready.Tensor.F32()[i+p.Width*p.Height]) })
			sx, sy := centre(seen.W, seen.H, func(i int) float64 { return float64(seen.Pix[3*i]) - float64(seen.Pix[3*i+1]) })
			if dx, dy := sx/float64(zoom)-nx, sy/float64(zoom)-ny; math.Abs(dx) > 0.05 || math.Abs(dy) > 0.05 {
				t.Errorf("%s of %v: seen is (%.3f, %.3f) pixels beside the tensor", name, size, dx, dy)
			}
		}
	}
}

// centre is the centre of what is red, in pixels; the padding is not.
func centre(w, h int, at func(int) float64) (x, y float64) {
	sum := 0.0
	for i := range w * h {
		v := at(i)
		sum += v
		x += v * (float64(i%w) + 0.5)
		y += v * (float64(i/w) + 0.5)
	}
	return x / sum, y / sum
}

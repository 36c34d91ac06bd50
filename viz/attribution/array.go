package attribution

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// mostInputs bounds the inputs in all arrays. Each becomes an image of its own, and
// a classifier is asked about each where not all are shown; a small file may hold
// millions.
const mostInputs = 100_000

// roomFor errs, for the user, if the n inputs of an array are too many beside
// others.
func roomFor(n int, img viz.Image, others int) error {
	if n > mostInputs-others {
		return viz.Userf("%s holds %s inputs, and at most %s in all arrays can be looked at together; give a part of them, such as some drawn at random",
			img.Name, figure.Thousands(int64(n)), figure.Thousands(mostInputs))
	}
	return nil
}

// Apart gives each input of an array that holds several an image of its own,
// [1, ...], and errs, for the user, if an array is none that the network takes, or
// holds too many, or if there are pictures, too.
func Apart(m *model.Model, images []viz.Image) ([]viz.Image, error) {
	var out []viz.Image
	for _, img := range images {
		if (img.Array == nil) != (images[0].Array == nil) {
			return nil, viz.Userf("%s and %s are a picture and an array; give pictures or arrays, and not both at a time", images[0].Name, img.Name)
		}
		if img.Array == nil {
			out = append(out, img)
			continue
		}
		x, err := fitting(m, img)
		if err != nil {
			return nil, err
		}
		if err := roomFor(x.Dim(0), img, len(out)); err != nil {
			return nil, err
		}
		for i := range x.Dim(0) {
			row := img
			row.Array = x.Slice(i, i+1)
			if x.Dim(0) > 1 {
				row.Name = fmt.Sprintf("%s[%d]", img.Name, i)
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// fitting returns an array as the network takes it, with the batch first.
func fitting(m *model.Model, img viz.Image) (*tensor.Tensor, error) {
	main := m.Main()
	if main == ir.None {
		return nil, viz.Userf("%s takes no single picture, signal, volume or row of numbers, so %s has nowhere to go", m.Name, img.Name)
	}
	want := m.Net.Values[main].Shape
	x, err := img.Array.Convert(tensor.Float32)
	if err != nil {
		return nil, viz.Userf("%s holds no numbers that %s takes: %w", img.Name, m.Name, err)
	}
	if x.Rank() == len(want)-1 {
		x = x.Reshape(append([]int{1}, x.Shape()...)...)
	}
	bad := x.Rank() != len(want) || x.Len() == 0
	for i, d := range want {
		bad = bad || i > 0 && d.IsKnown() && d.N != x.Dim(i)
	}
	if bad {
		return nil, viz.Userf("%s holds %s, and %s takes %s", img.Name, img.Array, m.Name, want)
	}
	return x, nil
}

// drawn takes an array as it is, with a drawing of it to lay a map over; rows of
// features have none.
func drawn(m *model.Model, img viz.Image) (*tensor.Tensor, figure.Picture, error) {
	if m.TakesRows() {
		return img.Array, figure.Picture{}, nil
	}
	grid, ok := m.Grids(img.Array.Shape()...).Of(m.Main())
	if !ok {
		return nil, figure.Picture{}, viz.Userf("%s holds %s, which has but one place", img.Name, img.Array)
	}
	return img.Array, portrait(m, grid, img.Array.F32()), nil
}

// portrait draws what an array holds: a signal as curves, anything else in grey
// from its least to its greatest value, or in colours if the network takes
// pictures of three.
func portrait(m *model.Model, g model.Grid, values []float32) figure.Picture {
	if g.H == 1 {
		return curves(g, values)
	}
	out := figure.Picture{W: g.W, H: g.H, Pix: make([]byte, 3*g.Places())}
	low, high := span(values)
	shade := func(v float32) byte {
		if v != v {
			return 0
		}
		return byte(min(max(255*(v-low)/(high-low), 0), 255))
	}
	for i := range g.Places() {
		y, x := i/g.W, i%g.W
		if g.Channels == 3 && m.Prep != nil {
			for c := range 3 {
				at := 3*i + c
				if m.Prep.Channels == model.BGR {
					at = 3*i + 2 - c
				}
				out.Pix[at] = m.Prep.Pixel(c, values[g.At(c, y, x)])
			}
			continue
		}
		mean := float32(0)
		for c := range g.Channels {
			mean += values[g.At(c, y, x)] / float32(g.Channels)
		}
		out.Pix[3*i], out.Pix[3*i+1], out.Pix[3*i+2] = shade(mean), shade(mean), shade(mean)
	}
	return out
}

// Sizes of the drawing of a signal, in pixels, and how many channels it shows: as
// many as an electrocardiogram has leads.
const (
	curveWidth  = 672
	mostLanes   = 12
	lanePadding = 8
)

// Lanes is how many channels of a signal are drawn, the first ones.
func Lanes(g model.Grid) int { return min(g.Channels, mostLanes) }

// curves draws each channel of a signal in a lane of its own, from its least to
// its greatest value.
func curves(g model.Grid, values []float32) figure.Picture {
	lanes := Lanes(g)
	laneHeight := laneHeightOf(lanes)
	out := figure.Picture{W: curveWidth, H: lanes * laneHeight, Pix: make([]byte, 3*curveWidth*lanes*laneHeight)}
	for i := range out.Pix {
		out.Pix[i] = 244
	}
	for c := range lanes {
		lane := make([]float32, g.W)
		for x := range lane {
			lane[x] = values[g.At(c, 0, x)]
		}
		low, high := span(lane)
		level := func(v float32) int {
			share := (v - low) / (high - low)
			if share != share { // no number is drawn at the bottom
				share = 0
			}
			return c*laneHeight + laneHeight - lanePadding - int(min(max(share, 0), 1)*float32(laneHeight-2*lanePadding))
		}
		last := level(values[g.At(c, 0, 0)])
		for u := range curveWidth {
			top, bottom := last, last
			for _, v := range column(g, values, c, u) {
				last = level(v)
				top, bottom = min(top, last), max(bottom, last)
			}
			for y := top; y <= min(bottom+1, out.H-1); y++ {
				copy(out.Pix[3*(y*curveWidth+u):], []byte{38, 44, 58})
			}
		}
	}
	return out
}

// laneHeightOf keeps the drawing of many lanes no higher than wide.
func laneHeightOf(lanes int) int { return min(112, curveWidth/lanes) }

// span returns the least and the greatest of the finite values, or 0 and 1 if
// there are no two.
func span(values []float32) (low, high float32) {
	low, high = math.MaxFloat32, -math.MaxFloat32
	for _, v := range values {
		if v-v == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	if low >= high {
		return 0, 1
	}
	return low, high
}

// column returns the samples that one column of a drawing shows, or what lies
// between two of them where there are fewer samples than columns.
func column(g model.Grid, values []float32, channel, u int) []float32 {
	sample := func(x int) float32 { return values[g.At(channel, 0, min(max(x, 0), g.W-1))] }
	if g.W < curveWidth {
		x := (float64(u)+0.5)*float64(g.W)/curveWidth - 0.5
		low := math.Floor(x)
		share := float32(x - low)
		return []float32{(1-share)*sample(int(low)) + share*sample(int(low)+1)}
	}
	var out []float32
	for x := u * g.W / curveWidth; x < (u+1)*g.W/curveWidth; x++ {
		out = append(out, sample(x))
	}
	return out
}

package data

import "math"

// A Filter is a way to resample a picture.
//
// Box, Bilinear, Hamming, Bicubic and Lanczos widen with the reduction, so that
// every source pixel counts (antialiasing): this is what the Python Imaging
// Library does, and with it torchvision and Hugging Face. The two Plain filters
// look at the nearest pixels only, whatever the reduction, as OpenCV's
// INTER_LINEAR and INTER_CUBIC, TensorFlow's resize and PyTorch's
// interpolate(align_corners=False) do. All of them put pixel centres at halves.
type Filter int

// The filters.
const (
	Nearest       Filter = iota // the pixel under the centre
	Box                         // mean over the area
	Bilinear                    // triangle of radius 1
	Hamming                     // windowed sinc of radius 1
	Bicubic                     // Keys' cubic convolution, a = -0.5, radius 2
	Lanczos                     // sinc windowed by sinc, radius 3
	PlainBilinear               // triangle, without antialiasing
	PlainBicubic                // cubic convolution, a = -0.75, without antialiasing
)

var filterNames = [...]string{"nearest", "box", "bilinear", "hamming", "bicubic", "lanczos", "plain-bilinear", "plain-bicubic"}

// String returns the filter's name.
func (f Filter) String() string {
	if f < 0 || int(f) >= len(filterNames) {
		return "unknown"
	}
	return filterNames[f]
}

// ParseFilter returns the filter of a name that [Filter.String] returns.
func ParseFilter(name string) (Filter, error) {
	for f, known := range filterNames {
		if name == known {
			return Filter(f), nil
		}
	}
	return 0, problem("use one of nearest, box, bilinear, hamming, bicubic, lanczos, plain-bilinear, plain-bicubic",
		"there is no resampling filter %q", name)
}

// A kernel is a filter's weight by distance from the centre, zero beyond its
// radius.
type kernel struct {
	radius float64
	plain  bool // never widened
	weight func(x float64) float64
}

var kernels = map[Filter]kernel{
	Box:           {radius: 0.5, weight: box},
	Bilinear:      {radius: 1, weight: triangle},
	Hamming:       {radius: 1, weight: hamming},
	Bicubic:       {radius: 2, weight: func(x float64) float64 { return cubic(x, -0.5) }},
	Lanczos:       {radius: 3, weight: lanczos},
	PlainBilinear: {radius: 1, plain: true, weight: triangle},
	PlainBicubic:  {radius: 2, plain: true, weight: func(x float64) float64 { return cubic(x, -0.75) }},
}

// box is open on the left, so that a pixel on the border of two areas counts
// for one of them.
func box(x float64) float64 {
	if x > -0.5 && x <= 0.5 {
		return 1
	}
	return 0
}

func triangle(x float64) float64 { return max(0, 1-math.Abs(x)) }

func hamming(x float64) float64 {
	x = math.Abs(x)
	if x >= 1 {
		return 0
	}
	return sinc(x) * (0.54 + 0.46*math.Cos(math.Pi*x))
}

// cubic is the cubic convolution kernel of Keys, "Cubic Convolution
// Interpolation for Digital Image Processing" (1981), with free parameter a.
func cubic(x, a float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return (((x-5)*x+8)*x - 4) * a
	}
	return 0
}

func lanczos(x float64) float64 {
	if math.Abs(x) >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

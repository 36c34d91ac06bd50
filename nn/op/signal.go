package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var signalOps = []Op{
	cosineWindow("HannWindow", 0.5, 0.5, 0),
	cosineWindow("HammingWindow", 25./46, 21./46, 0),
	cosineWindow("BlackmanWindow", 0.42, 0.5, 0.08),
	melWeightMatrix,
}

// cosineWindow makes a sum of cosines: a0 - a1·cos(2πk/N) + a2·cos(4πk/N), with N the
// size, or one less if not periodic.
func cosineWindow(name string, a0, a1, a2 float64) Op {
	return Op{
		Name: name, MinIn: 1, Grad: zeroGrad,
		Infer: func(n *ir.Node, in []Type) ([]Type, error) {
			dtype, err := dtypeAttr(n, "output_datatype", tensor.Float32)
			size := ir.Symbol("")
			if d := in[0].Dims(); len(d) == 1 {
				size = d[0]
			}
			if v, ok := dimNumber(size); ok && v < 0 {
				return nil, fmt.Errorf("the size %d is negative", v)
			}
			return []Type{{DType: dtype, Shape: ir.Shape{size}}}, err
		},
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			dtype, err := dtypeAttr(n, "output_datatype", tensor.Float32)
			if err != nil {
				return nil, err
			}
			size, err := oneInt(in[0], 0)
			if err != nil {
				return nil, err
			}
			if _, err := checkSize([]int{size}); err != nil {
				return nil, err
			}
			period := float64(size)
			if !n.Attrs.Bool("periodic", true) {
				period--
			}
			v := make([]float64, size)
			for k := range v {
				angle := 2 * math.Pi * float64(k) / period
				v[k] = a0 - a1*math.Cos(angle) + a2*math.Cos(2*angle)
			}
			out, err := tensor.Vector(v...).Convert(dtype)
			return []*tensor.Tensor{out}, err
		},
	}
}

// melWeightMatrix turns the bins of a spectrum into bands evenly spaced on the
// mel scale, 2595·log10(1 + f/700): triangles between edges that are rounded to
// bins. Inputs: bands, length of the DFT, sample rate, lowest and highest
// frequency. Output [bins, bands].
var melWeightMatrix = Op{
	Name: "MelWeightMatrix", MinIn: 5, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		dtype, err := dtypeAttr(n, "output_datatype", tensor.Float32)
		shape := ir.Shape{ir.Symbol(""), ir.Symbol("")}
		if bands, ok := in[0].Ints(); ok && len(bands) == 1 && bands[0] >= 0 {
			shape[1] = ir.Known(bands[0])
		}
		if length, ok := in[1].Ints(); ok && len(length) == 1 && length[0] >= 0 {
			shape[0] = ir.Known(length[0]/2 + 1)
		}
		return []Type{{DType: dtype, Shape: shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		dtype, err := dtypeAttr(n, "output_datatype", tensor.Float32)
		if err != nil {
			return nil, err
		}
		var v [5]float64
		for i := range v {
			f, err := in[i].Floats()
			if err != nil || len(f) != 1 {
				return nil, fmt.Errorf("input %d must be one number, not %v", i, in[i])
			}
			v[i] = f[0]
		}
		if !(v[0] >= 0 && v[0] <= 1<<16 && v[1] >= 0 && v[1] <= maxTransform && v[2] > 0 && v[3] >= 0 && v[4] >= v[3] && v[4] <= v[2]) {
			return nil, fmt.Errorf("%v bands of a DFT of length %v at a rate of %v from %v to %v Hz are not possible", v[0], v[1], v[2], v[3], v[4])
		}
		bands, bins := int(v[0]), int(v[1])/2+1
		if _, err := checkSize([]int{bins, bands}); err != nil {
			return nil, err
		}
		out, err := tensor.Of(melWeights(bands, bins, melEdges(bands, v[1], v[2], v[3], v[4])), bins, bands).Convert(dtype)
		return []*tensor.Tensor{out}, err
	},
}

// melEdges are the bins at which the bands begin, peak and end.
func melEdges(bands int, length, rate, lowest, highest float64) []int {
	mel := func(f float64) float64 { return 2595 * math.Log10(1+f/700) }
	lo := mel(lowest)
	step := (mel(highest) - lo) / float64(bands+2)
	edges := make([]int, bands+2)
	for i := range edges {
		f := 700 * (math.Pow(10, (lo+float64(i)*step)/2595) - 1)
		edges[i] = int(math.Floor((length + 1) * f / rate))
	}
	return edges
}

func melWeights(bands, bins int, edges []int) []float64 {
	w := make([]float64, bins*bands)
	set := func(bin, band int, v float64) {
		if bin < bins {
			w[bin*bands+band] = v
		}
	}
	for band := range bands {
		lo, center, hi := edges[band], edges[band+1], edges[band+2]
		if lo == center {
			set(center, band, 1)
		}
		for k := lo; k <= center && lo < center; k++ {
			set(k, band, float64(k-lo)/float64(center-lo))
		}
		for k := center; k < hi; k++ {
			set(k, band, float64(hi-k)/float64(hi-center))
		}
	}
	return w
}

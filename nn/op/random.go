package op

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The random operators draw the same numbers at every run: from the attribute
// seed, or where it is left out from the name of the node, so that different
// nodes draw differently.
var randomOps = []Op{
	randomFilled("RandomUniform", uniform), randomFilled("RandomNormal", normal),
	randomLike("RandomUniformLike", uniform), randomLike("RandomNormalLike", normal),
	bernoulli, multinomial,
}

func seedOf(n *ir.Node) uint64 {
	switch v := n.Attrs["seed"].Value.(type) {
	case float32:
		return uint64(math.Float32bits(v))
	case int64:
		return uint64(v)
	}
	h := fnv.New64a()
	h.Write([]byte(n.Name))
	return h.Sum64()
}

func source(n *ir.Node) *rand.Rand { return rand.New(rand.NewPCG(seedOf(n), 1)) }

// A draw returns a function that draws one number after another.
type draw func(n *ir.Node) func() float64

func uniform(n *ir.Node) func() float64 {
	r := source(n)
	low, high := n.Attrs.Float("low", 0), n.Attrs.Float("high", 1)
	return func() float64 { return low + (high-low)*r.Float64() }
}

func normal(n *ir.Node) func() float64 {
	r := source(n)
	mean, scale := n.Attrs.Float("mean", 0), n.Attrs.Float("scale", 1)
	return func() float64 { return mean + scale*r.NormFloat64() }
}

// randomFilled makes the operator whose shape is an attribute.
func randomFilled(name string, d draw) Op {
	return Op{
		Name: name, Random: true, Grad: zeroGrad,
		Infer: func(n *ir.Node, in []Type) ([]Type, error) {
			dtype, err := dtypeAttr(n, "dtype", tensor.Float32)
			shape := n.Attrs.Ints("shape")
			if err == nil {
				_, err = checkSize(shape)
			}
			return []Type{{DType: dtype, Shape: ir.Dims(shape...)}}, err
		},
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			return drawn(n, n.Attrs.Ints("shape"), tensor.Float32, d(n))
		},
	}
}

// randomLike makes the operator whose shape, and type if no attribute says
// otherwise, is that of its input.
func randomLike(name string, d draw) Op {
	return Op{
		Name: name, MinIn: 1, Random: true, AnyType: true, Grad: zeroGrad, Infer: inferRandomLike,
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			return drawn(n, in[0].Shape(), in[0].DType(), d(n))
		},
	}
}

func inferRandomLike(n *ir.Node, in []Type) ([]Type, error) {
	dtype, err := dtypeAttr(n, "dtype", in[0].DType)
	return []Type{{DType: dtype, Shape: in[0].Shape}}, err
}

func drawn(n *ir.Node, shape []int, def tensor.DType, next func() float64) ([]*tensor.Tensor, error) {
	dtype, err := dtypeAttr(n, "dtype", def)
	if err != nil {
		return nil, err
	}
	size, err := checkSize(shape)
	if err != nil {
		return nil, err
	}
	v := make([]float64, size)
	for i := range v {
		v[i] = next()
	}
	out, err := tensor.Of(v, shape...).Convert(dtype)
	return []*tensor.Tensor{out}, err
}

// bernoulli draws 1 with the probability that its input gives, else 0.
var bernoulli = Op{
	Name: "Bernoulli", MinIn: 1, Random: true, AnyType: true, Grad: zeroGrad, Infer: inferRandomLike,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		p, err := in[0].Floats()
		if err != nil {
			return nil, err
		}
		r := source(n)
		i := -1
		return drawn(n, in[0].Shape(), in[0].DType(), func() float64 {
			if i++; r.Float64() < p[i] {
				return 1
			}
			return 0
		})
	},
}

// multinomial draws classes [batch, sample_size] by unnormalized log
// probabilities [batch, classes].
var multinomial = Op{
	Name: "Multinomial", MinIn: 1, Random: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		dtype, err := dtypeAttr(n, "dtype", tensor.Int32)
		shape := ir.Shape{ir.Symbol(""), dimOf(n.Attrs.Int("sample_size", 1))}
		if len(in[0].Shape) == 2 {
			shape[0] = in[0].Shape[0]
		}
		return []Type{{DType: dtype, Shape: shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		logits, err := in[0].Floats()
		if err != nil {
			return nil, err
		}
		if in[0].Rank() != 2 || in[0].Dim(1) == 0 {
			return nil, fmt.Errorf("log probabilities are needed as [batch, classes], not %v", in[0])
		}
		shape := []int{in[0].Dim(0), n.Attrs.Int("sample_size", 1)}
		if shape[1] < 0 {
			return nil, fmt.Errorf("sample_size is %d", shape[1])
		}
		r := source(n)
		classes, i := in[0].Dim(1), -1
		var sums []float64
		return drawn(n, shape, tensor.Int32, func() float64 {
			if i++; i%shape[1] == 0 {
				sums = cumulated(logits[i/shape[1]*classes:][:classes])
			}
			at := r.Float64() * sums[classes-1]
			for c, s := range sums {
				if at < s {
					return float64(c)
				}
			}
			return float64(classes - 1)
		})
	},
}

// cumulated returns the running sums of exp(v), scaled so that none overflows.
func cumulated(v []float64) []float64 {
	most, sum := greatest(v), 0.0
	return mapTo(v, func(x float64) float64 {
		sum += math.Exp(x - most)
		return sum
	})
}

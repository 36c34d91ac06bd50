package op

import (
	"fmt"
	"math"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A gateFunc is an activation of a recurrent layer with its derivative.
type gateFunc struct{ f, slope func(float64) float64 }

// gateFuncs are those that ONNX names, by lower-case name. Each says how many
// of alpha and beta it takes, and their defaults.
var gateFuncs = map[string]struct {
	defaults []float64
	make     func(k []float64) gateFunc
}{
	"sigmoid": {nil, func([]float64) gateFunc {
		return gateFunc{logistic, func(x float64) float64 { return logistic(x) * logistic(-x) }}
	}},
	"tanh": {nil, func([]float64) gateFunc { return scaledTanh(1, 1) }},
	"relu": {nil, func([]float64) gateFunc { return leaky(0) }},
	"affine": {[]float64{1, 0}, func(k []float64) gateFunc {
		return gateFunc{func(x float64) float64 { return k[0]*x + k[1] }, func(float64) float64 { return k[0] }}
	}},
	"leakyrelu":       {[]float64{0.01}, func(k []float64) gateFunc { return leaky(k[0]) }},
	"thresholdedrelu": {[]float64{1}, func(k []float64) gateFunc { return activationGate("ThresholdedRelu", k) }},
	"scaledtanh":      {[]float64{1, 1}, func(k []float64) gateFunc { return scaledTanh(k[0], k[1]) }},
	"hardsigmoid":     {[]float64{0.2, 0.5}, func(k []float64) gateFunc { return activationGate("HardSigmoid", k) }},
	"elu":             {[]float64{1}, func(k []float64) gateFunc { return activationGate("Elu", k) }},
	"softsign":        {nil, func(k []float64) gateFunc { return activationGate("Softsign", k) }},
	"softplus":        {nil, func(k []float64) gateFunc { return activationGate("Softplus", k) }},
}

func leaky(slope float64) gateFunc {
	return gateFunc{
		func(x float64) float64 { return choose(x < 0, slope*x, x) },
		func(x float64) float64 { return choose(x < 0, slope, 1) },
	}
}

func scaledTanh(alpha, beta float64) gateFunc {
	return gateFunc{
		func(x float64) float64 { return alpha * math.Tanh(beta*x) },
		func(x float64) float64 {
			t := math.Tanh(beta * x)
			return alpha * beta * (1 - t*t)
		},
	}
}

// activationGate is an activation whose slope is a function of its argument.
func activationGate(name string, k []float64) gateFunc {
	for i := range activations {
		if a := &activations[i]; a.name == name {
			return gateFunc{
				func(x float64) float64 { return a.f(x, k) },
				func(x float64) float64 { return a.slope(x, k) },
			}
		}
	}
	panic("op: no activation " + name) // the names above are there
}

// readGateFuncs reads the attributes activations, activation_alpha and
// activation_beta: a list for each direction. A function that takes an alpha
// uses up one of the list, and likewise for beta.
func readGateFuncs(n *ir.Node, defaults []string, directions int) ([][]gateFunc, error) {
	names := n.Attrs.Strs("activations")
	if len(names) == 0 {
		for range directions {
			names = append(names, defaults...)
		}
	}
	if len(names) != directions*len(defaults) {
		return nil, fmt.Errorf("%d activations are given where %d are needed", len(names), directions*len(defaults))
	}
	left := [2][]float32{n.Attrs.Floats("activation_alpha"), n.Attrs.Floats("activation_beta")}
	out := make([][]gateFunc, directions)
	for i, name := range names {
		kind, ok := gateFuncs[strings.ToLower(name)]
		if !ok {
			return nil, fmt.Errorf("the activation %q is not one of a recurrent layer's", name)
		}
		k := append([]float64(nil), kind.defaults...)
		for p := range k {
			if len(left[p]) > 0 {
				k[p], left[p] = float64(left[p][0]), left[p][1:]
			}
		}
		out[i/len(defaults)] = append(out[i/len(defaults)], kind.make(k))
	}
	return out, nil
}

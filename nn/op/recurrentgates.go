package op

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A gateFunc is an activation of a recurrent layer with its derivative.
type gateFunc struct{ f, slope func(float64) float64 }

// gateNames are the activations that ONNX allows there.
var gateNames = []string{
	"Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu", "ThresholdedRelu",
	"ScaledTanh", "HardSigmoid", "Elu", "Softsign", "Softplus",
}

// gateActivation finds one of them in any case of letters.
func gateActivation(name string) (*activation, error) {
	at := slices.IndexFunc(gateNames, func(s string) bool { return strings.EqualFold(s, name) })
	if at < 0 {
		return nil, fmt.Errorf("the activation %q is not one of %v", name, gateNames)
	}
	is := func(a activation) bool { return a.name == gateNames[at] }
	return &activations[slices.IndexFunc(activations, is)], nil
}

// gate fixes the parameters of an activation.
func (a *activation) gate(k []float64) gateFunc {
	f := func(x float64) float64 { return a.f(x, k) }
	slope := func(x float64) float64 { return a.slope(x, k) }
	if a.ofOutput {
		slope = func(x float64) float64 { return a.slope(f(x), k) }
	}
	return gateFunc{f, slope}
}

// readGateFuncs reads the attributes activations, activation_alpha and
// activation_beta: a list for each direction. A function that has an alpha
// uses up one of the list, and likewise for beta.
func readGateFuncs(n *ir.Node, defaults []string, directions int) ([][]gateFunc, error) {
	names := n.Attrs.Strs("activations")
	if len(names) == 0 {
		names = slices.Repeat(defaults, directions)
	}
	if len(names) != directions*len(defaults) {
		return nil, fmt.Errorf("%d activations are given where %d are needed", len(names), directions*len(defaults))
	}
	given := [][]float32{n.Attrs.Floats("activation_alpha"), n.Attrs.Floats("activation_beta")}
	out := make([][]gateFunc, directions)
	for i, name := range names {
		a, err := gateActivation(name)
		if err != nil {
			return nil, err
		}
		k := make([]float64, len(a.knobs))
		for p := range k {
			if k[p] = a.knobs[p].def; len(given[p]) > 0 {
				k[p], given[p] = float64(given[p][0]), given[p][1:]
			}
		}
		out[i/len(defaults)] = append(out[i/len(defaults)], a.gate(k))
	}
	return out, nil
}

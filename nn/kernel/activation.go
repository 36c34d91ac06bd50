package kernel

import "math"

// ActivationKind is a function applied to each number of a result.
type ActivationKind uint8

// The activations. Alpha and Beta are the fields of [Activation].
const (
	ActIdentity    ActivationKind = iota
	ActRelu                       // max(x, 0)
	ActClip                       // min(max(x, Alpha), Beta)
	ActLeakyRelu                  // x if x >= 0, else Alpha*x
	ActSigmoid                    // 1/(1+exp(-x))
	ActTanh                       // tanh(x)
	ActGelu                       // x*Phi(x), Phi the normal distribution (arXiv:1606.08415, section 2)
	ActGeluTanh                   // its tanh approximation (ibid.)
	ActSilu                       // x*sigmoid(x)
	ActHardSigmoid                // min(max(Alpha*x+Beta, 0), 1)
	ActHardSwish                  // x*min(max(x/6+1/2, 0), 1) (arXiv:1905.02244, section 5.2)
)

// Activation is a function with its parameters. The zero value is the identity.
type Activation struct {
	Kind        ActivationKind
	Alpha, Beta float32
}

// Apply sets dst[i] to the activation of src[i].
func (a Activation) Apply(dst, src []float32) {
	switch a.Kind {
	case ActRelu:
		Relu(dst, src)
	case ActClip:
		Clip(dst, src, a.Alpha, a.Beta)
	case ActLeakyRelu:
		LeakyRelu(dst, src, a.Alpha)
	case ActSigmoid:
		Sigmoid(dst, src)
	case ActTanh:
		Tanh(dst, src)
	case ActGelu:
		Gelu(dst, src)
	case ActGeluTanh:
		GeluTanh(dst, src)
	case ActSilu:
		Silu(dst, src)
	case ActHardSigmoid:
		HardSigmoid(dst, src, a.Alpha, a.Beta)
	case ActHardSwish:
		HardSwish(dst, src)
	default:
		copy(dst, src[:len(dst)])
	}
}

// bounds returns lo and hi such that the activation is min(max(x, lo), hi), and
// false if it is no such function.
func (a Activation) bounds() (lo, hi float32, ok bool) {
	inf := float32(math.Inf(1))
	switch a.Kind {
	case ActIdentity:
		return -inf, inf, true
	case ActRelu:
		return 0, inf, true
	case ActClip:
		return a.Alpha, a.Beta, true
	}
	return -inf, inf, false
}

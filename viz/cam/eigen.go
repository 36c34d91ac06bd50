package cam

import (
	"gonum.org/v1/gonum/mat"
)

// eigenCAM is the projection onto the first principal component. arXiv 2008.00299, section 3. The channels are centred
// first, as principal components want; of the two signs of a component the one
// that goes with strong activation is taken.
func eigenCAM(s stack) []float32 { return relu(narrow(s.principal())) }

// eigenGradCAM is eigenCAM of the output times the gradient, so that it knows a
// class. arXiv 2008.00299 as the pytorch-grad-cam project extends it.
func eigenGradCAM(s stack) []float32 {
	product := make([]float32, len(s.acts))
	for i, g := range s.grads {
		product[i] = s.acts[i] * g
	}
	s.acts = product
	return relu(narrow(s.principal()))
}

// principal projects the channels at each place onto their first principal
// component, whose sign is that which goes with strong activation.
func (s stack) principal() []float64 {
	centred := s.centred()
	component := firstComponent(centred, s.channels, s.area)
	out := make([]float64, s.area)
	for k := range s.channels {
		for i := range out {
			out[i] += component[k] * centred[k*s.area+i]
		}
	}
	return s.upright(out)
}

// upright turns a map around that runs against the total activation.
func (s stack) upright(v []float64) []float64 {
	if s.strength(v) < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
	return v
}

// centred returns the maps with each one's mean taken off.
func (s stack) centred() []float64 {
	out := make([]float64, len(s.acts))
	for k := range s.channels {
		a, _ := s.channel(k)
		mean := 0.0
		for _, v := range a {
			mean += float64(v)
		}
		mean /= float64(s.area)
		for i, v := range a {
			out[k*s.area+i] = float64(v) - mean
		}
	}
	return out
}

// firstComponent returns the unit vector over channels along which the places
// differ most. The eigenvectors of the smaller of the two Gram matrices are
// computed: there are either few channels or few places.
func firstComponent(x []float64, channels, area int) []float64 {
	m := mat.NewDense(channels, area, x)
	var gram mat.SymDense
	overChannels := channels <= area
	if overChannels {
		gram.SymOuterK(1, m)
	} else {
		gram.SymOuterK(1, m.T())
	}
	var eig mat.EigenSym
	if !eig.Factorize(&gram, true) {
		return make([]float64, channels)
	}
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	n, _ := vectors.Dims()
	last := mat.NewVecDense(n, mat.Col(nil, n-1, &vectors)) // values ascend
	if overChannels {
		return last.RawVector().Data
	}
	component := mat.NewVecDense(channels, nil)
	component.MulVec(m, last)
	if norm := mat.Norm(component, 2); norm > 0 {
		component.ScaleVec(1/norm, component)
	}
	return component.RawVector().Data
}

// strength tells whether a map runs with the total activation or against it.
func (s stack) strength(v []float64) float64 {
	dot := 0.0
	for k := range s.channels {
		a, _ := s.channel(k)
		for i, x := range a {
			dot += v[i] * float64(x)
		}
	}
	return dot
}

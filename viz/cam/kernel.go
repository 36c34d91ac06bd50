package cam

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/tomo-viz/tomo/viz"
)

// maxPlaces bounds the places of a layer whose pairs are compared: 64×64 of
// them take 128 MiB.
const maxPlaces = 64 * 64

// fewPlaces refuses layers that are too large for kernelCAM.
func fewPlaces(s *Sight, layer int) error {
	if g := s.Grids[layer]; g.Places() > maxPlaces {
		return viz.Userf("KPCA-CAM compares all pairs of places, and layer %q has %s; it takes %d places at most: choose a deeper layer", s.Layers[layer].Name, g.Size(), maxPlaces)
	}
	return nil
}

// kernelCAM projects the places onto the first principal component in the
// feature space of the sigmoid kernel tanh(x·y/C + 1), of centred channels.
// KPCA-CAM, arXiv 2410.00267, section 3; kernel PCA as in Schölkopf et al. 1998.
// Of the two signs of a component that is taken by which the place where it is
// strongest is hot, as scikit-learn's kernel PCA, on which the authors' program
// rests, has it.
func kernelCAM(s stack) []float32 {
	x := mat.NewDense(s.channels, s.area, s.centred())
	var k mat.SymDense
	k.SymOuterK(1, x.T())
	for i := range s.area {
		for j := i; j < s.area; j++ {
			k.SetSym(i, j, math.Tanh(k.At(i, j)/float64(s.channels)+1))
		}
	}
	centreKernel(&k)
	value, vector := greatest(&k)
	scale := math.Sqrt(max(value, 0))
	if strongest(vector) < 0 {
		scale = -scale
	}
	for i := range vector {
		vector[i] *= scale
	}
	return relu(narrow(vector))
}

// strongest returns the element of greatest magnitude.
func strongest(v []float64) float64 {
	top := 0.0
	for _, x := range v {
		if math.Abs(x) > math.Abs(top) {
			top = x
		}
	}
	return top
}

// centreKernel takes the mean off every feature, which the kernel only implies.
func centreKernel(k *mat.SymDense) {
	n := k.SymmetricDim()
	rows, all := make([]float64, n), 0.0
	for i := range n {
		for j := range n {
			rows[i] += k.At(i, j) / float64(n)
		}
		all += rows[i] / float64(n)
	}
	for i := range n {
		for j := i; j < n; j++ {
			k.SetSym(i, j, k.At(i, j)-rows[i]-rows[j]+all)
		}
	}
}

// greatest returns the greatest eigenvalue with its unit vector. The sigmoid
// kernel may have negative eigenvalues of greater magnitude, which are moved to
// zero then.
func greatest(k *mat.SymDense) (value float64, vector []float64) {
	value, vector = leading(k)
	if value >= 0 {
		return value, vector
	}
	moved := mat.NewSymDense(k.SymmetricDim(), nil)
	moved.CopySym(k)
	for i := range k.SymmetricDim() {
		moved.SetSym(i, i, k.At(i, i)-value)
	}
	above, vector := leading(moved)
	return above + value, vector
}

// leading returns the eigenvalue of greatest magnitude with its unit vector, by
// power iteration: a layer may have thousands of places, for which all
// eigenvectors would take minutes. It stops when the vector stands still.
func leading(k *mat.SymDense) (value float64, vector []float64) {
	n := k.SymmetricDim()
	v, next := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	for i := range n { // the row that is strongest is no stranger to the vector
		if k.At(i, i) >= value {
			value = k.At(i, i)
			for j := range n {
				v.SetVec(j, k.At(i, j))
			}
		}
	}
	for range 1000 {
		norm := mat.Norm(v, 2)
		if norm == 0 {
			return 0, make([]float64, n)
		}
		v.ScaleVec(1/norm, v)
		next.MulVec(k, v)
		value = mat.Dot(v, next)
		change := 0.0
		for i := range n {
			change = max(change, math.Abs(next.AtVec(i)-value*v.AtVec(i)))
		}
		if change <= 1e-9*math.Abs(value) {
			break
		}
		v.CopyVec(next)
	}
	if norm := mat.Norm(v, 2); norm > 0 {
		v.ScaleVec(1/norm, v)
	}
	return value, v.RawVector().Data
}

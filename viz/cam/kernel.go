package cam

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
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
// rests, has it. It runs no network, and is a probe because it takes so long at
// large layers that it must be stopped on the way.
func kernelCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	s := p.stack()
	k, err := sigmoidKernel(ctx, mat.NewDense(s.channels, s.area, s.centred()))
	if err != nil {
		return attribution.Field{}, err
	}
	centreKernel(k)
	value, vector, err := greatest(ctx, k)
	if err != nil {
		return attribution.Field{}, err
	}
	scale := math.Sqrt(max(value, 0))
	if strongest(vector) < 0 {
		scale = -scale
	}
	for i := range vector {
		vector[i] *= scale
	}
	return s.field(relu(narrow(vector))), nil
}

// sigmoidKernel has the kernel of each pair of columns of x.
func sigmoidKernel(ctx context.Context, x *mat.Dense) (*mat.SymDense, error) {
	const rows = 256 // at a time
	channels, places := x.Dims()
	k := mat.NewSymDense(places, nil)
	for from := 0; from < places; from += rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var products mat.Dense
		products.Mul(x.Slice(0, channels, from, min(from+rows, places)).T(), x.Slice(0, channels, from, places))
		count, _ := products.Dims()
		for i := range count {
			for j := i; j < places-from; j++ {
				k.SetSym(from+i, from+j, math.Tanh(products.At(i, j)/float64(channels)+1))
			}
		}
	}
	return k, nil
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
func greatest(ctx context.Context, k *mat.SymDense) (value float64, vector []float64, err error) {
	value, vector, err = leading(ctx, k)
	if err != nil || value >= 0 {
		return value, vector, err
	}
	moved := mat.NewSymDense(k.SymmetricDim(), nil)
	moved.CopySym(k)
	for i := range k.SymmetricDim() {
		moved.SetSym(i, i, k.At(i, i)-value)
	}
	above, vector, err := leading(ctx, moved)
	return above + value, vector, err
}

// leading returns the eigenvalue of greatest magnitude with its unit vector, by
// power iteration: a layer may have thousands of places, for which all
// eigenvectors would take minutes. It stops when the vector stands still.
func leading(ctx context.Context, k *mat.SymDense) (value float64, vector []float64, err error) {
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
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		norm := mat.Norm(v, 2)
		if norm == 0 {
			return 0, make([]float64, n), nil
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
	return value, v.RawVector().Data, nil
}

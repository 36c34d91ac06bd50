// Package tensor holds dense n-dimensional arrays of the element types that
// model files use, and reads and writes NumPy's .npy and .npz files.
//
// A Tensor is a shape, an element type and one contiguous slice in row-major
// (C) order; the last axis varies fastest. Tensors made by this package are
// treated as immutable once shared: an operation returns a new Tensor, and a
// reshape shares its elements with the original.
package tensor

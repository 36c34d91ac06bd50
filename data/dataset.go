package data

import (
	"context"
	"slices"
)

// A Dataset is an ordered collection of samples.
type Dataset interface {
	// Len returns the number of samples.
	Len() int
	// At reads sample i, 0 <= i < Len(). It may be called from several
	// goroutines at the same time. A sample that cannot be read is an *Error
	// that names it.
	At(ctx context.Context, i int) (Sample, error)
	// Classes returns the names of the labels in order, or nil where samples
	// have no labels or labels no names.
	Classes() []string
}

// NoLabel is the label of a sample whose class is not known.
const NoLabel = -1

// A Sample is one input, as a picture or as values, and what is known of it.
type Sample struct {
	Name   string    // tells it from the others: a path below the folder, or a number
	Label  int       // its class, or NoLabel
	Image  *Image    // the picture, or nil
	Values []float32 // the values of a sample that is no picture, row-major
	Shape  []int     // their shape
}

// Memory is a data set of samples that are there already.
type Memory struct {
	Samples []Sample
	Names   []string // the classes; may be nil
}

// Len returns the number of samples.
func (m *Memory) Len() int { return len(m.Samples) }

// At returns sample i.
func (m *Memory) At(ctx context.Context, i int) (Sample, error) {
	if err := checkIndex(ctx, i, len(m.Samples)); err != nil {
		return Sample{}, err
	}
	return m.Samples[i], nil
}

// Classes returns the names of the labels.
func (m *Memory) Classes() []string { return m.Names }

// checkIndex refuses a sample that is not there, and work that is not wanted
// any more.
func checkIndex(ctx context.Context, i, n int) error {
	if i < 0 || i >= n {
		return problem("ask for one of those", "there is no sample %d; the data set has %d, numbered from 0", i, n)
	}
	return ctx.Err()
}

// A subset is some samples of another data set.
type subset struct {
	Dataset
	indices []int
}

// Subset returns the samples of d at the given indices, in that order.
func Subset(d Dataset, indices []int) (Dataset, error) {
	for _, i := range indices {
		if err := checkIndex(context.Background(), i, d.Len()); err != nil {
			return nil, err
		}
	}
	return &subset{d, slices.Clone(indices)}, nil
}

func (s *subset) Len() int { return len(s.indices) }

func (s *subset) At(ctx context.Context, i int) (Sample, error) {
	if err := checkIndex(ctx, i, len(s.indices)); err != nil {
		return Sample{}, err
	}
	return s.Dataset.At(ctx, s.indices[i])
}

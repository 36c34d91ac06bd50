package attribution

import (
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

// Taken returns an input in which each sample of an array is an image of its own.
// It errs, for the user, if its model takes nothing of the kind that is given.
func Taken(in *viz.Input) (*viz.Input, error) {
	out := *in
	var err error
	if out.Images, err = Apart(in.Model, in.Images); err != nil {
		return nil, err
	}
	if !OfArrays(in) && in.Model.Prep == nil {
		return nil, viz.Userf("%s takes no picture (none of its inputs has the shape of one); give its input as an array in a .npy or .npz file, or rows of numbers as a .csv", in.Model.Name)
	}
	return &out, nil
}

// OfArrays reports whether an input has arrays in place of pictures.
func OfArrays(in *viz.Input) bool { return in.Images[0].Array != nil }

// Comparable errs, for the user, if methods cannot be compared on an input: their
// measures are of classes and pictures, and not of a value of the graph, which is
// empty if none is asked for.
func Comparable(in *viz.Input, value string) error {
	switch {
	case value != "":
		return viz.Userf("--compare measures maps of classes, and --value asks for a value of the graph; leave one of them out")
	case OfArrays(in):
		return viz.Userf("--compare takes pictures, and %s is an array", in.Images[0].Name)
	}
	return nil
}

// DescribeInput adds how what the network is given was made.
func DescribeInput(about *figure.About, in *viz.Input) {
	if OfArrays(in) {
		about.Add("input", "an array, taken as it is")
		return
	}
	Describe(about, in.Model)
}

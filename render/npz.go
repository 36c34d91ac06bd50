package render

import (
	"fmt"
	"io"
	slashpath "path"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// writeNPZ writes the numbers behind a figure as NumPy arrays by name.
func writeNPZ(w io.Writer, fig figure.Figure, _ Options) error {
	arrays := map[string]*tensor.Tensor{}
	for _, a := range fig.Arrays() {
		t, err := arrayTensor(a)
		if err != nil {
			return fmt.Errorf("array %q: %w", a.Name, err)
		}
		name := entryName(a.Name)
		for n := 2; arrays[name] != nil; n++ {
			name = fmt.Sprintf("%s (%d)", entryName(a.Name), n)
		}
		arrays[name] = t
	}
	return tensor.WriteNPZ(w, arrays)
}

func arrayTensor(a figure.Array) (*tensor.Tensor, error) {
	switch data := a.Data.(type) {
	case []float32:
		return shaped(data, a.Shape)
	case []float64:
		return shaped(data, a.Shape)
	case []int64:
		return shaped(data, a.Shape)
	case []uint8:
		return shaped(data, a.Shape)
	}
	return nil, fmt.Errorf("cannot write elements of type %T", a.Data)
}

func shaped[T tensor.Element](data []T, shape []int) (*tensor.Tensor, error) {
	if n, err := tensor.NumElements(shape); err != nil || n != len(data) {
		return nil, fmt.Errorf("%d numbers do not have the shape %v", len(data), shape)
	}
	return tensor.Of(data, shape...), nil
}

// entryName makes a name fit for a file in an archive, so that unpacking it
// stays in its folder.
func entryName(name string) string {
	name = strings.ReplaceAll(clean(name), `\`, "/")
	name = strings.TrimPrefix(slashpath.Clean("/"+name), "/")
	if name == "" {
		return "array"
	}
	return name
}

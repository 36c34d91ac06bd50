package inspect

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Given are values that someone gave, in the types that the network takes.
type Given map[ir.ValueID]*tensor.Tensor

// Read reads one value as a user spells it: NAME=FILE, where the file is a NumPy
// array (.npy), an archive of them (.npz, whose array of that name is taken, or
// the only one) or a picture for the image input; or an .npz FILE alone, whose
// arrays all have the names of values.
func (g Given) Read(m *model.Model, spec string) error {
	name, file, ok := strings.Cut(spec, "=")
	switch ext := strings.ToLower(filepath.Ext(spec)); {
	case !ok && ext == ".npz":
		return g.readAll(m, spec)
	case !ok || name == "" || file == "":
		return fault.Userf("an input is given as NAME=FILE or as an .npz file with the names in it, not %q", spec)
	case ext == ".npy":
		t, err := tensor.OpenNPY(file)
		if err != nil {
			return fault.AsUser(err)
		}
		return g.put(m, name, t)
	case ext == ".npz":
		return g.readOne(m, name, file)
	}
	v, err := fillable(m, name)
	if err != nil {
		return err
	}
	if v != m.Input {
		return fault.Userf("%q takes no picture; give an .npy or .npz file for it, not %s", name, file)
	}
	return g.ReadPicture(m, file)
}

func (g Given) readAll(m *model.Model, file string) error {
	arrays, err := tensor.OpenNPZ(file)
	if err != nil {
		return fault.AsUser(err)
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if err := g.put(m, name, arrays[name]); err != nil {
			return err
		}
	}
	return nil
}

func (g Given) readOne(m *model.Model, name, file string) error {
	arrays, err := tensor.OpenNPZ(file)
	if err != nil {
		return fault.AsUser(err)
	}
	names := slices.Sorted(maps.Keys(arrays))
	t := arrays[name]
	if t == nil && len(arrays) == 1 {
		t = arrays[names[0]]
	}
	if t == nil {
		return fault.Userf("%s holds no array %q; its arrays are %s", file, name, strings.Join(names, ", "))
	}
	return g.put(m, name, t)
}

// ReadPicture prepares a picture for the image input.
func (g Given) ReadPicture(m *model.Model, file string) error {
	if m.Input == ir.None {
		return fault.Userf("%s takes no picture, so %s has no place", m.Name, file)
	}
	img, err := data.OpenImage(file)
	if err != nil {
		return fault.AsUser(err)
	}
	t, err := picture(m, img, 1)
	if err != nil {
		return err
	}
	return g.put(m, m.Net.Values[m.Input].Name, t)
}

// put gives a value, converted to the type that the network takes where no
// element changes but in precision.
func (g Given) put(m *model.Model, name string, t *tensor.Tensor) error {
	v, err := fillable(m, name)
	if err != nil {
		return err
	}
	if g[v] != nil {
		return fault.Userf("%q is given twice", name)
	}
	value := &m.Net.Values[v]
	want := m.Types[v].DType
	if g[v] = t; want != tensor.Invalid && want != t.DType() {
		if g[v], err = converted(t, want); err != nil {
			return fault.Userf("%q takes %s elements and is given %s: %w", name, want, t, err)
		}
	}
	if value.Shape != nil && len(value.Shape) != t.Rank() {
		return fault.Userf("%q has shape %s and is given %s", name, value.Shape, t)
	}
	return nil
}

// converted refuses to cut fractions off or to wrap integers.
func converted(t *tensor.Tensor, to tensor.DType) (*tensor.Tensor, error) {
	out, err := t.Convert(to)
	if err != nil || to.IsFloat() {
		return out, err
	}
	back, err := out.Convert(t.DType())
	if err != nil {
		return nil, err
	}
	if !tensor.Equal(back, t) {
		return nil, fault.Userf("some of its elements are no %s", to)
	}
	return out, nil
}

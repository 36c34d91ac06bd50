package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// labelEncoder maps keys to values: since version 2 those of two lists, since
// version 4 also of tensors, and before texts to their places in a list and
// back.
var labelEncoder = Op{
	Name: "LabelEncoder", Domain: classical, MinIn: 1, Grad: zeroGrad, AnyType: true,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		m, err := labelMapping(n, in[0].DType)
		return []Type{{DType: m.valueType(), Shape: in[0].Shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		m, err := labelMapping(n, in[0].DType())
		if err != nil {
			return nil, err
		}
		return m.apply(in[0])
	},
}

// categoryMapper maps between texts and numbers.
var categoryMapper = Op{
	Name: "CategoryMapper", Domain: classical, MinIn: 1, Grad: zeroGrad, AnyType: true,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		m, err := categoryMapping(n, in[0].DType)
		return []Type{{DType: m.valueType(), Shape: in[0].Shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		m, err := categoryMapping(n, in[0].DType())
		if err != nil {
			return nil, err
		}
		return m.apply(in[0])
	},
}

// A keyMapping maps keys to values; both are vectors. otherwise is the one value
// of other keys.
type keyMapping struct{ keys, values, otherwise *tensor.Tensor }

func (m *keyMapping) valueType() tensor.DType {
	if m == nil {
		return tensor.Invalid
	}
	return m.values.DType()
}

// labelMapping reads the attributes of a LabelEncoder for keys of a type; nil if
// what it maps depends on a type that is not known.
func labelMapping(n *ir.Node, from tensor.DType) (*keyMapping, error) {
	if classes := n.Attrs.Strs("classes_strings"); classes != nil {
		return bothWays(n, from, tensor.Vector(classes...), places(len(classes)))
	}
	m := &keyMapping{keys: listAttr(n, "keys_"), values: listAttr(n, "values_"), otherwise: n.Attrs.Tensor("default_tensor")}
	if m.keys == nil || m.values == nil || m.keys.Len() != m.values.Len() {
		return nil, fmt.Errorf("it needs as many keys as values")
	}
	if m.otherwise == nil {
		m.otherwise = defaultLabel(n, m.values.DType())
	}
	return m, m.check(from)
}

func places(n int) *tensor.Tensor {
	at := make([]int64, n)
	for i := range at {
		at[i] = int64(i)
	}
	return tensor.Vector(at...)
}

func categoryMapping(n *ir.Node, from tensor.DType) (*keyMapping, error) {
	words, numbers := listAttr(n, "cats_"), intsAttr(n, "cats_int64s")
	if words == nil || numbers == nil || words.DType() != tensor.String || words.Len() != numbers.Len() {
		return nil, fmt.Errorf("it needs as many texts as numbers")
	}
	return bothWays(n, from, words, numbers)
}

// bothWays maps texts to numbers or back, by the type of the keys.
func bothWays(n *ir.Node, from tensor.DType, words, numbers *tensor.Tensor) (*keyMapping, error) {
	switch from {
	case tensor.Invalid:
		return nil, nil
	case tensor.String:
		return &keyMapping{words, numbers, defaultLabel(n, tensor.Int64)}, nil
	}
	m := &keyMapping{numbers, words, defaultLabel(n, tensor.String)}
	return m, m.check(from)
}

// listAttr reads the first attribute of a kind that is there, as a vector.
func listAttr(n *ir.Node, prefix string) *tensor.Tensor {
	if t := n.Attrs.Tensor(prefix + "tensor"); t != nil {
		return t
	}
	if v := n.Attrs.Strs(prefix + "strings"); v != nil {
		return tensor.Vector(v...)
	}
	if v := n.Attrs.Floats(prefix + "floats"); v != nil {
		return tensor.Vector(v...)
	}
	return intsAttr(n, prefix+"int64s")
}

func intsAttr(n *ir.Node, name string) *tensor.Tensor {
	v, ok := n.Attrs[name].Value.([]int64)
	if !ok {
		return nil
	}
	return tensor.Vector(v...)
}

func defaultLabel(n *ir.Node, dtype tensor.DType) *tensor.Tensor {
	switch {
	case dtype == tensor.String:
		return tensor.Vector(n.Attrs.Str("default_string", "_Unused"))
	case dtype.IsFloat():
		v, err := tensor.Vector(float32(n.Attrs.Float("default_float", math.Copysign(0, -1)))).Convert(dtype)
		if err == nil {
			return v
		}
	}
	v, err := tensor.Vector(int64(n.Attrs.Int("default_int64", -1))).Convert(dtype)
	if err != nil {
		return nil
	}
	return v
}

// check errs unless the parts fit together and suit keys of a type.
func (m *keyMapping) check(from tensor.DType) error {
	switch {
	case m.otherwise == nil || m.otherwise.DType() != m.values.DType() || m.otherwise.Len() != 1:
		return fmt.Errorf("there must be one default of the type %s", m.values.DType())
	case from != tensor.Invalid && from != m.keys.DType():
		return fmt.Errorf("the keys are %s and what is looked up is %s", m.keys.DType(), from)
	}
	return nil
}

// apply looks up every element.
func (m *keyMapping) apply(x *tensor.Tensor) ([]*tensor.Tensor, error) {
	at, err := lookUp(x, m.keys)
	if err != nil {
		return nil, err
	}
	table, err := concatenate([]*tensor.Tensor{m.values.Reshape(m.values.Len()), m.otherwise.Reshape(1)}, 0)
	if err != nil {
		return nil, err
	}
	return one(table[0].Take(at, 1, x.Shape()...))
}

// lookUp returns the place of each element among the keys, the last one where
// there are several, and behind them all where there is none. NaN equals NaN.
func lookUp(x, keys *tensor.Tensor) ([]int, error) {
	if keys.DType() == tensor.String {
		return find(tensor.Data[string](x), tensor.Data[string](keys)), nil
	}
	if keys.DType().IsInt() {
		a, err := x.Ints()
		if err != nil {
			return nil, err
		}
		b, err := keys.Ints()
		return find(a, b), err
	}
	a, err := x.Floats()
	if err != nil {
		return nil, err
	}
	b, err := keys.Floats()
	return find(mapTo(a, keyBits), mapTo(b, keyBits)), err
}

// keyBits makes equal numbers equal bits, and all NaNs one.
func keyBits(x float64) uint64 {
	if math.IsNaN(x) {
		x = math.NaN()
	}
	return math.Float64bits(x + 0) // -0 is 0
}

func find[T comparable](x, keys []T) []int {
	at := make(map[T]int, len(keys))
	for i, k := range keys {
		at[k] = i
	}
	return mapTo(x, func(v T) int {
		if i, ok := at[v]; ok {
			return i
		}
		return len(keys)
	})
}

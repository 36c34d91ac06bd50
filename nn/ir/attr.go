package ir

import "github.com/tomo-viz/tomo/nn/tensor"

// Attrs are a node's attributes by name. A value is one of
//
//	int64, float32, string, []int64, []float32, []string,
//	*tensor.Tensor, []*tensor.Tensor, *Graph, []*Graph, Ref
//
// and a type, such as that of ONNX Optional, is a string: "seq(float32)".
type Attrs map[string]Attr

// An Attr is one attribute's value.
type Attr struct{ Value any }

// A Ref stands in a function's body for the caller's attribute of that name.
type Ref struct{ Name string }

// Int returns an integer attribute, or def if it is absent or of another type.
func (a Attrs) Int(name string, def int) int {
	if v, ok := a[name].Value.(int64); ok {
		return int(v)
	}
	return def
}

// Bool returns an integer attribute as a truth value.
func (a Attrs) Bool(name string, def bool) bool {
	if v, ok := a[name].Value.(int64); ok {
		return v != 0
	}
	return def
}

// Float returns a float attribute, or def.
func (a Attrs) Float(name string, def float64) float64 {
	if v, ok := a[name].Value.(float32); ok {
		return float64(v)
	}
	return def
}

// Str returns a string attribute, or def.
func (a Attrs) Str(name, def string) string {
	if v, ok := a[name].Value.(string); ok {
		return v
	}
	return def
}

// Ints returns a list of integers, or nil.
func (a Attrs) Ints(name string) []int {
	v, ok := a[name].Value.([]int64)
	if !ok {
		return nil
	}
	out := make([]int, len(v))
	for i, x := range v {
		out[i] = int(x)
	}
	return out
}

// Floats returns a list of floats, or nil.
func (a Attrs) Floats(name string) []float32 {
	v, _ := a[name].Value.([]float32)
	return v
}

// Strs returns a list of strings, or nil.
func (a Attrs) Strs(name string) []string {
	v, _ := a[name].Value.([]string)
	return v
}

// Tensor returns a tensor attribute, or nil.
func (a Attrs) Tensor(name string) *tensor.Tensor {
	v, _ := a[name].Value.(*tensor.Tensor)
	return v
}

// Graph returns a subgraph, or nil.
func (a Attrs) Graph(name string) *Graph {
	v, _ := a[name].Value.(*Graph)
	return v
}

// Has reports whether the attribute is given.
func (a Attrs) Has(name string) bool {
	_, ok := a[name]
	return ok
}

func (a Attr) graphs() []*Graph {
	switch v := a.Value.(type) {
	case *Graph:
		return []*Graph{v}
	case []*Graph:
		return v
	}
	return nil
}

// Pairs makes attributes from alternating names and values; an int becomes
// int64, []int becomes []int64, float64 becomes float32, bool becomes 0 or 1.
func Pairs(kv ...any) Attrs {
	a := Attrs{}
	for i := 0; i+1 < len(kv); i += 2 {
		a[kv[i].(string)] = Attr{widen(kv[i+1])}
	}
	return a
}

func widen(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case float64:
		return float32(v)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case []int:
		out := make([]int64, len(v))
		for i, x := range v {
			out[i] = int64(x)
		}
		return out
	}
	return v
}

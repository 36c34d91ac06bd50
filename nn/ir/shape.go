package ir

import (
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Dim is one extent: a number, a named symbol ("batch"), or unknown.
type Dim struct {
	N   int    // the extent, or -1
	Sym string // the symbol when N is -1; "" means unknown
}

// Known returns the Dim of extent n.
func Known(n int) Dim { return Dim{N: n} }

// Symbol returns the Dim that is called sym; Symbol("") is the unknown Dim.
func Symbol(sym string) Dim { return Dim{N: -1, Sym: sym} }

// IsKnown reports whether the extent is a number.
func (d Dim) IsKnown() bool { return d.N >= 0 }

// Same reports whether both are surely the same extent: equal numbers or the
// same named symbol.
func (d Dim) Same(e Dim) bool { return d == e && (d.N >= 0 || d.Sym != "") }

// String returns "224", "batch" or "?".
func (d Dim) String() string {
	switch {
	case d.N >= 0:
		return fmt.Sprint(d.N)
	case d.Sym != "":
		return d.Sym
	}
	return "?"
}

// A Shape is a list of extents, outermost first. A nil Shape has unknown rank;
// a scalar has the empty, non-nil Shape.
type Shape []Dim

// Dims returns the Shape of known extents.
func Dims(n ...int) Shape {
	s := make(Shape, len(n))
	for i, d := range n {
		s[i] = Known(d)
	}
	return s
}

// ShapeOf returns the shape of t.
func ShapeOf(t *tensor.Tensor) Shape { return Dims(t.Shape()...) }

// Ints returns the extents as numbers, and whether all are known.
func (s Shape) Ints() ([]int, bool) {
	if s == nil {
		return nil, false
	}
	out := make([]int, len(s))
	for i, d := range s {
		if d.N < 0 {
			return nil, false
		}
		out[i] = d.N
	}
	return out, true
}

// Bind returns s with symbols replaced by the extents given for them.
func (s Shape) Bind(extents map[string]int) Shape {
	if s == nil {
		return nil
	}
	out := make(Shape, len(s))
	for i, d := range s {
		if n, ok := extents[d.Sym]; ok && d.N < 0 {
			d = Known(n)
		}
		out[i] = d
	}
	return out
}

// String returns "1×3×224×224", "batch×1000", "scalar" or "?".
func (s Shape) String() string {
	if s == nil {
		return "?"
	}
	if len(s) == 0 {
		return "scalar"
	}
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = d.String()
	}
	return strings.Join(parts, "×")
}

package op

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// Extents that are computed from symbolic ones keep a name as far as it can be
// told: a product is written "12*batch", a sum "seq+1". A negative number,
// which no extent is but the elements of a shape vector may be, is carried as
// the symbol of its digits.

// dimOf is the Dim of an element of a shape vector.
func dimOf(v int) ir.Dim {
	if v < 0 {
		return ir.Symbol(strconv.Itoa(v))
	}
	return ir.Known(v)
}

// dimNumber is the inverse of dimOf.
func dimNumber(d ir.Dim) (int, bool) {
	if d.IsKnown() {
		return d.N, true
	}
	v, err := strconv.Atoi(d.Sym)
	return v, err == nil
}

// A monomial is a number times symbols, sorted.
type monomial struct {
	coef    int
	symbols []string
}

func monomialOf(d ir.Dim) (monomial, bool) {
	if v, ok := dimNumber(d); ok {
		return monomial{coef: v}, true
	}
	if d.Sym == "" {
		return monomial{}, false
	}
	m := monomial{coef: 1}
	for f := range strings.SplitSeq(d.Sym, "*") {
		if v, err := strconv.Atoi(f); err == nil {
			m.coef *= v
		} else {
			m.symbols = append(m.symbols, f)
		}
	}
	slices.Sort(m.symbols)
	return m, true
}

func (m monomial) dim() ir.Dim {
	switch {
	case len(m.symbols) == 0 || m.coef == 0:
		return dimOf(m.coef)
	case m.coef == 1:
		return ir.Symbol(strings.Join(m.symbols, "*"))
	}
	return ir.Symbol(strconv.Itoa(m.coef) + "*" + strings.Join(m.symbols, "*"))
}

// mulDims multiplies extents; the empty product is 1.
func mulDims(dims ...ir.Dim) ir.Dim {
	all := monomial{coef: 1}
	unknown := false
	for _, d := range dims {
		m, ok := monomialOf(d)
		if ok && m.coef == 0 {
			return ir.Known(0)
		}
		if !ok {
			unknown = true
			continue
		}
		product := all.coef * m.coef
		if all.coef != 0 && product/all.coef != m.coef {
			return ir.Symbol("") // too large for any tensor
		}
		all.coef = product
		all.symbols = append(all.symbols, m.symbols...)
	}
	if unknown {
		return ir.Symbol("")
	}
	slices.Sort(all.symbols)
	return all.dim()
}

// divDims divides a by b where the quotient is exact, as that of the elements
// of a tensor by all extents but one is; it is unknown otherwise.
func divDims(a, b ir.Dim) ir.Dim {
	x, ok1 := monomialOf(a)
	y, ok2 := monomialOf(b)
	if !ok1 || !ok2 || y.coef == 0 || x.coef%y.coef != 0 {
		return ir.Symbol("")
	}
	q := monomial{coef: x.coef / y.coef, symbols: slices.Clone(x.symbols)}
	for _, s := range y.symbols {
		i := slices.Index(q.symbols, s)
		if i < 0 {
			return ir.Symbol("")
		}
		q.symbols = slices.Delete(q.symbols, i, i+1)
	}
	return q.dim()
}

// addDims adds extents.
func addDims(a, b ir.Dim) ir.Dim {
	x, ok1 := dimNumber(a)
	y, ok2 := dimNumber(b)
	switch {
	case ok1 && ok2:
		return dimOf(x + y)
	case ok1 && x == 0:
		return b
	case ok2 && y == 0:
		return a
	case ok1: // the number goes last
		return addDims(b, a)
	case a.Sym == "" || !ok2 && b.Sym == "":
		return ir.Symbol("")
	case ok2:
		return addNumber(a.Sym, y)
	}
	return ir.Symbol("(" + strings.ReplaceAll(a.Sym+"+"+b.Sym, "*", "·") + ")")
}

// addNumber adds v to a symbol, which may itself be a sum with a number:
// "(seq+1)" and -1 make "seq".
func addNumber(sym string, v int) ir.Dim {
	sym = strings.ReplaceAll(sym, "*", "·") // only factors are split at a star
	if inner, ok := strings.CutPrefix(sym, "("); ok {
		inner = strings.TrimSuffix(inner, ")")
		if i := strings.LastIndexAny(inner, "+-"); i > 0 && !strings.ContainsAny(inner, "()") {
			if w, err := strconv.Atoi(inner[i:]); err == nil {
				sym, v = inner[:i], v+w
			}
		}
	}
	switch {
	case v == 0:
		return ir.Symbol(sym)
	case v > 0:
		return ir.Symbol("(" + sym + "+" + strconv.Itoa(v) + ")")
	}
	return ir.Symbol("(" + sym + strconv.Itoa(v) + ")")
}

// subDims subtracts b from a.
func subDims(a, b ir.Dim) ir.Dim {
	if a.Same(b) {
		return ir.Known(0)
	}
	if y, ok := dimNumber(b); ok {
		return addDims(a, dimOf(-y))
	}
	return ir.Symbol("")
}

// countDims counts the elements of a shape.
func countDims(s ir.Shape) ir.Dim {
	if s == nil {
		return ir.Symbol("")
	}
	return mulDims(s...)
}

package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
)

// defaultExtent is what an open extent that nothing settles is made: long
// enough to be more than one position, short enough to run at once.
const defaultExtent = 16

// extents settle the open extents of inputs: by what the user says of a symbol,
// by the tensors that are given, and else by convention.
type extents map[string]int

// newExtents collects what the given tensors say of the symbols in the declared
// shapes. It errs where they contradict one another.
func newExtents(m *model.Model, given Given, said map[string]int) (extents, error) {
	e := extents{}
	for sym, n := range said {
		e[sym] = n
	}
	for _, v := range m.Net.Inputs {
		t, declared := given[v], m.Net.Values[v].Shape
		if t == nil || len(declared) != t.Rank() {
			continue
		}
		for i, d := range declared {
			if d.Sym == "" {
				continue
			}
			if n, ok := e[d.Sym]; ok && n != t.Dim(i) {
				return nil, fault.Userf("%s is %d in %q and %d elsewhere", d.Sym, t.Dim(i), m.Net.Values[v].Name, n)
			}
			e[d.Sym] = t.Dim(i)
		}
	}
	return e, nil
}

// of returns the extents of an input that is to be made.
func (e extents) of(value *ir.Value) []int {
	out := make([]int, len(value.Shape))
	for i, d := range value.Shape {
		if out[i] = d.N; d.IsKnown() {
			continue
		}
		n, said := e[axisName(value, i)]
		if out[i] = n; !said {
			out[i] = e.open(d.Sym, i)
		}
	}
	return out
}

// axisName is what an extent can be called that has no name of its own.
func axisName(value *ir.Value, axis int) string { return fmt.Sprintf("%s.%d", value.Name, axis) }

// open settles one extent. Exporters of language models write sums of symbols,
// "past_sequence_length + sequence_length".
func (e extents) open(sym string, axis int) int {
	if n, ok := e[sym]; ok {
		return n
	}
	if a, b, ok := strings.Cut(sym, "+"); ok {
		return e.term(a, axis) + e.term(b, axis)
	}
	if isBatch(sym, axis) {
		return 1
	}
	return defaultExtent
}

func isBatch(sym string, axis int) bool {
	return axis == 0 || strings.Contains(strings.ToLower(sym), "batch")
}

// guessed lists the symbols that got the default.
func (e extents) guessed(value *ir.Value) []string {
	var out []string
	for axis, d := range value.Shape {
		_, bySymbol := e[d.Sym]
		_, byAxis := e[axisName(value, axis)]
		if d.IsKnown() || isBatch(d.Sym, axis) || bySymbol || byAxis {
			continue
		}
		if d.Sym == "" {
			out = append(out, axisName(value, axis))
		} else {
			out = append(out, d.Sym)
		}
	}
	return out
}

func (e extents) term(text string, axis int) int {
	text = strings.TrimSpace(text)
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return e.open(text, axis)
}

// checkSymbols errs on a symbol that no input has.
func checkSymbols(m *model.Model, said map[string]int) error {
	for sym, n := range said {
		if n < 0 {
			return fault.Userf("the extent %s is %d; it must not be negative", sym, n)
		}
		if known := symbols(m); !known[sym] {
			names := slices.Sorted(maps.Keys(known))
			return fault.Userf("no input of %s has an open extent called %q; there are %s", m.Name, sym, strings.Join(names, ", "))
		}
	}
	return nil
}

func symbols(m *model.Model) map[string]bool {
	known := map[string]bool{}
	for _, v := range m.Net.Inputs {
		for i, d := range m.Net.Values[v].Shape {
			if d.IsKnown() {
				continue
			}
			known[axisName(&m.Net.Values[v], i)] = true
			for part := range strings.SplitSeq(d.Sym, "+") {
				known[strings.TrimSpace(part)] = true
			}
			known[d.Sym] = true
		}
	}
	delete(known, "")
	return known
}

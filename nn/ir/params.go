package ir

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// MarkParams decides for every constant of g, of its subgraphs and functions
// whether it is a learned parameter (Value.Param), learned without a gradient
// (Value.Buffer), or neither. The nodes of g are sorted.
//
// A parameter is of floating-point type, or an integer that stands for one, and
// is what a layer takes as its weights or bias. What the layers' operators do
// not tell, such as an addend, is a parameter if it stands among the weights of
// the file and has several elements, or is called like a parameter
// ("layer1.0.scale"). Constants that the file writes as nodes count only if it
// writes all weights so. Running means and variances are buffers. A mean and
// deviation by which the input is normalised are neither, nor are thresholds
// and the scales of quantized numbers.
func MarkParams(g *Graph) {
	f := &roleFinder{map[*Graph][]role{}, map[*Function][]role{}}
	f.find(g)
	for _, fn := range g.Functions {
		if f.roles[fn.Body] == nil {
			f.find(fn.Body)
		}
	}
	literals := true // all weights are written as nodes
	for g, roles := range f.roles {
		for i := range g.Values {
			v := &g.Values[i]
			literals = literals && (v.Literal || roles[i]&weightRole == 0 || !isConstant(v) || !v.DType.IsFloat())
		}
	}
	for g, roles := range f.roles {
		for i := range g.Values {
			mark(&g.Values[i], roles[i], literals)
		}
	}
}

func isConstant(v *Value) bool { return v.Const != nil || v.Missing != "" }

func mark(v *Value, r role, literals bool) {
	v.Param, v.Buffer = false, false
	numeric := v.DType.IsFloat() && v.DType != tensor.F8E8M0 || r&dequantizedRole != 0 && v.DType.IsInt()
	if !isConstant(v) || !numeric || v.Literal && !literals {
		return
	}
	switch {
	case r&statisticRole != 0 || r != 0 && namesBuffer(v.Name):
		v.Buffer = true
	default:
		v.Param = isLearned(v, r)
	}
}

func isLearned(v *Value, r role) bool {
	n, known := v.Shape.Ints()
	if !known {
		return r&weightRole != 0
	}
	size := 1
	for _, d := range n {
		size *= d
	}
	_, named := weightModule(v.Name, "")
	switch {
	case r&weightRole != 0:
		return named || size > 1 || !v.Literal
	case r&operandRole == 0:
		return false // nothing reads it, or only as a setting
	case r&inputRole != 0 && size <= 4:
		return false // one number for each channel of an image
	case v.Literal || size <= 1:
		return named
	}
	return true
}

// namesBuffer knows what frameworks call what they do not train.
func namesBuffer(name string) bool {
	name = name[strings.LastIndexAny(name, "./")+1:]
	for _, word := range []string{"running_mean", "running_var", "moving_mean", "moving_variance", "moving_var", "_buffer"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// CountParams returns how many numbers the graph has learned, its subgraphs and
// functions included: with a gradient, and without one. MarkParams has marked
// them.
func CountParams(g *Graph) (params, buffers int) {
	params, buffers = countIn(g)
	for _, fn := range g.Functions {
		p, b := countIn(fn.Body)
		params, buffers = params+p, buffers+b
	}
	return params, buffers
}

func countIn(g *Graph) (params, buffers int) {
	for i := range g.Values {
		v := &g.Values[i]
		if !v.Param && !v.Buffer {
			continue
		}
		n := 1
		dims, _ := v.Shape.Ints()
		for _, d := range dims {
			n *= d
		}
		if v.Param {
			params += n
		} else {
			buffers += n
		}
	}
	for i := range g.Nodes {
		for _, sub := range g.Nodes[i].Subgraphs() {
			p, b := countIn(sub)
			params, buffers = params+p, buffers+b
		}
	}
	return params, buffers
}

package op

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// treeEnsemble walks each row of [batch, features] down decision trees and
// aggregates the weights of the leaves by target: [batch, n_targets].
var treeEnsemble = Op{
	Name: "TreeEnsemble", Domain: classical, MinIn: 1, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		if s := in[0].Shape; s != nil {
			if len(s) != 2 {
				return nil, fmt.Errorf("the input has shape %v, not [batch, features]", s)
			}
			out.Shape = ir.Shape{s[0], ir.Known(max(n.Attrs.Int("n_targets", 0), 0))}
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		f, err := readForest(n)
		if err != nil {
			return nil, err
		}
		x, err := in[0].Floats()
		if err != nil {
			return nil, err
		}
		if in[0].Rank() != 2 {
			return nil, fmt.Errorf("the input is %v, not [batch, features]", in[0])
		}
		rows, features := in[0].Dim(0), in[0].Dim(1)
		if _, err := checkSize([]int{rows, f.targets}); err != nil {
			return nil, err
		}
		y := make([]float64, rows*f.targets)
		for r := range rows {
			if err := f.predict(y[r*f.targets:][:f.targets], x[r*features:][:features]); err != nil {
				return nil, err
			}
		}
		t, err := tensor.Of(y, rows, f.targets).Convert(in[0].DType())
		return []*tensor.Tensor{t}, err
	},
}

// What a node of a tree compares a feature with a threshold by; isMember asks
// whether it is one of a set.
const (
	branchLEQ = iota
	branchLT
	branchGTE
	branchGT
	branchEQ
	branchNEQ
	isMember
)

// A forest is the attributes of a TreeEnsemble.
type forest struct {
	roots                                  []int
	feature, trueNode, falseNode           []int
	trueLeaf, falseLeaf, missingTracksTrue []int
	mode                                   []int
	split                                  []float64
	members                                map[int][]float64 // of nodes that ask for them
	leafTarget                             []int
	leafWeight                             []float64
	targets, aggregate, transform          int
}

func readForest(n *ir.Node) (*forest, error) {
	f := &forest{
		roots: n.Attrs.Ints("tree_roots"), feature: n.Attrs.Ints("nodes_featureids"),
		trueNode: n.Attrs.Ints("nodes_truenodeids"), falseNode: n.Attrs.Ints("nodes_falsenodeids"),
		trueLeaf: n.Attrs.Ints("nodes_trueleafs"), falseLeaf: n.Attrs.Ints("nodes_falseleafs"),
		missingTracksTrue: n.Attrs.Ints("nodes_missing_value_tracks_true"), leafTarget: n.Attrs.Ints("leaf_targetids"),
		targets: n.Attrs.Int("n_targets", 0), aggregate: n.Attrs.Int("aggregate_function", 1), transform: n.Attrs.Int("post_transform", 0),
	}
	if modes := attrTensor(n, "nodes_modes"); modes != nil {
		f.mode, _ = modes.Ints()
	}
	f.split, f.leafWeight = attrFloats(n, "nodes_splits"), attrFloats(n, "leaf_weights")
	if len(f.missingTracksTrue) == 0 {
		f.missingTracksTrue = make([]int, len(f.feature))
	}
	for _, list := range [][]int{f.trueNode, f.falseNode, f.trueLeaf, f.falseLeaf, f.missingTracksTrue, f.mode} {
		if len(list) != len(f.feature) {
			return nil, errors.New("the lists that describe the nodes of trees differ in length")
		}
	}
	if len(f.split) != len(f.feature) || len(f.leafTarget) != len(f.leafWeight) || f.targets < 1 || f.targets > maxElements {
		return nil, fmt.Errorf("%d thresholds of %d nodes, %d targets of %d leaves, and %d targets in all make no trees", len(f.split), len(f.feature), len(f.leafTarget), len(f.leafWeight), f.targets)
	}
	return f, f.readMembers(attrFloats(n, "membership_values"))
}

// readMembers parts the members of sets, which NaN ends, among the nodes that ask
// for one.
func (f *forest) readMembers(values []float64) error {
	f.members = map[int][]float64{}
	for i, mode := range f.mode {
		if mode != isMember {
			continue
		}
		end := slices.IndexFunc(values, math.IsNaN)
		if end < 0 {
			return errors.New("membership_values has fewer sets than nodes ask for")
		}
		f.members[i], values = values[:end], values[end+1:]
	}
	return nil
}

func attrTensor(n *ir.Node, name string) *tensor.Tensor {
	t, _ := n.Attrs[name].Value.(*tensor.Tensor)
	return t
}

func attrFloats(n *ir.Node, name string) []float64 {
	t := attrTensor(n, name)
	if t == nil {
		return nil
	}
	v, _ := t.Floats()
	return v
}

// predict writes what the trees say of one row. A target that no leaf is for is 0.
func (f *forest) predict(y, x []float64) error {
	touched := make([]bool, len(y))
	for _, root := range f.roots {
		leaf, err := f.leaf(root, x)
		if err != nil {
			return err
		}
		t, w := f.leafTarget[leaf], f.leafWeight[leaf]
		if t < 0 || t >= len(y) {
			return fmt.Errorf("leaf %d is for target %d of %d", leaf, t, len(y))
		}
		switch {
		case f.aggregate == 0:
			y[t] += w / float64(len(f.roots))
		case f.aggregate == 1:
			y[t] += w
		case !touched[t]:
			y[t] = w
		case f.aggregate == 2:
			y[t] = min(y[t], w)
		case f.aggregate == 3:
			y[t] = max(y[t], w)
		default:
			return fmt.Errorf("aggregate_function is %d, not 0 to 3", f.aggregate)
		}
		touched[t] = true
	}
	return f.transformed(y)
}

// leaf walks down one tree.
func (f *forest) leaf(at int, x []float64) (int, error) {
	for range len(f.feature) {
		if at < 0 || at >= len(f.feature) {
			return 0, fmt.Errorf("node %d of %d is asked for", at, len(f.feature))
		}
		yes, err := f.answers(at, x)
		if err != nil {
			return 0, err
		}
		next, isLeaf := f.falseNode[at], f.falseLeaf[at]
		if yes {
			next, isLeaf = f.trueNode[at], f.trueLeaf[at]
		}
		if isLeaf == 0 {
			at = next
			continue
		}
		if next < 0 || next >= len(f.leafWeight) {
			return 0, fmt.Errorf("leaf %d of %d is asked for", next, len(f.leafWeight))
		}
		return next, nil
	}
	return 0, errors.New("a tree leads back to one of its own nodes")
}

func (f *forest) answers(at int, x []float64) (bool, error) {
	if f.feature[at] < 0 || f.feature[at] >= len(x) {
		return false, fmt.Errorf("node %d asks for feature %d of %d", at, f.feature[at], len(x))
	}
	v, split := x[f.feature[at]], f.split[at]
	if math.IsNaN(v) && f.missingTracksTrue[at] != 0 {
		return true, nil
	}
	switch f.mode[at] {
	case branchLEQ:
		return v <= split, nil
	case branchLT:
		return v < split, nil
	case branchGTE:
		return v >= split, nil
	case branchGT:
		return v > split, nil
	case branchEQ:
		return v == split, nil
	case branchNEQ:
		return v != split, nil
	case isMember:
		return slices.Contains(f.members[at], v), nil
	}
	return false, fmt.Errorf("node %d compares in the way %d, not 0 to 6", at, f.mode[at])
}

// transformed applies post_transform: 1 softmax, 2 logistic, 3 softmax of what is
// not 0, 4 probit.
func (f *forest) transformed(y []float64) error {
	switch f.transform {
	case 0:
	case 1, 3:
		most, sum := slices.Max(y), 0.0
		for i, v := range y {
			if f.transform == 1 || v != 0 {
				y[i] = math.Exp(v - most)
				sum += y[i]
			}
		}
		for i := range y {
			if sum > 0 {
				y[i] /= sum
			}
		}
	case 2:
		for i, v := range y {
			y[i] = logistic(v)
		}
	case 4:
		for i, v := range y {
			y[i] = math.Sqrt2 * math.Erfinv(2*v-1)
		}
	default:
		return fmt.Errorf("post_transform is %d, not 0 to 4", f.transform)
	}
	return nil
}

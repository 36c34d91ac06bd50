package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var regionOps = []Op{nonMaxSuppression, roiAlign, roiAlignGrad, maxUnpool}

// nonMaxSuppression picks, for each batch and class, boxes by falling score
// that overlap none picked before by more than a threshold (intersection over
// union). Inputs: boxes [batch, boxes, 4], scores [batch, classes, boxes], how
// many to pick at most, the threshold of overlap, that of the score. Output:
// [picked, 3] of batch, class and box.
var nonMaxSuppression = Op{
	Name: "NonMaxSuppression", MinIn: 2, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: tensor.Int64, Shape: ir.Shape{ir.Symbol(""), ir.Known(3)}}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		s, err := newSuppression(n, in)
		if err != nil {
			return nil, err
		}
		var out []int64
		boxes, classes := in[0].Dim(1), in[1].Dim(1)
		for b := range in[0].Dim(0) {
			for c := range classes {
				at := (b*classes + c) * boxes
				for _, box := range s.pick(s.boxes[b*boxes*4:(b+1)*boxes*4], s.scores[at:at+boxes]) {
					out = append(out, int64(b), int64(c), int64(box))
				}
			}
		}
		return one(tensor.Of(out, len(out)/3, 3))
	},
}

type suppression struct {
	boxes, scores       []float64
	limit               int
	maxOverlap          float64
	minScore            float64
	hasMinScore, center bool
}

func newSuppression(n *ir.Node, in []*tensor.Tensor) (s suppression, err error) {
	boxes, scores := in[0].Shape(), in[1].Shape()
	if len(boxes) != 3 || len(scores) != 3 || boxes[2] != 4 || boxes[0] != scores[0] || boxes[1] != scores[2] {
		return s, fmt.Errorf("boxes of shape %v and scores of shape %v do not fit", boxes, scores)
	}
	if s.boxes, err = in[0].Floats(); err != nil {
		return s, err
	}
	if s.scores, err = in[1].Floats(); err != nil {
		return s, err
	}
	var numbers [3]float64
	for i := range numbers {
		t := opt(in, 2+i)
		if t == nil {
			continue
		}
		v, err := t.Floats()
		if err != nil || len(v) != 1 {
			return s, fmt.Errorf("input %d must be one number, not %v", 2+i, t)
		}
		numbers[i] = v[0]
	}
	s.limit = int(min(max(numbers[0], 0), float64(boxes[1])))
	s.maxOverlap, s.minScore, s.hasMinScore = numbers[1], numbers[2], opt(in, 4) != nil
	s.center = n.Attrs.Bool("center_point_box", false)
	return s, nil
}

// pick returns the indices of the boxes that stay, the best first.
func (s suppression) pick(boxes, scores []float64) []int {
	var order []int
	for i, v := range scores {
		if !s.hasMinScore || v > s.minScore {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case scores[i] > scores[j]:
			return -1
		case scores[i] < scores[j]:
			return 1
		}
		return 0
	})
	var kept []int
	for _, i := range order {
		if len(kept) == s.limit {
			break
		}
		a := s.corners(boxes[4*i:])
		if !slices.ContainsFunc(kept, func(j int) bool { return overlap(a, s.corners(boxes[4*j:])) > s.maxOverlap }) {
			kept = append(kept, i)
		}
	}
	return kept
}

// A box is its lower and upper bound along two axes.
type box struct{ lo, hi [2]float64 }

// corners reads a box from two opposite corners in any order, or from its
// centre and size.
func (s suppression) corners(v []float64) (b box) {
	for axis := range 2 {
		p, q := v[axis], v[axis+2]
		if s.center {
			p, q = p-q/2, p+q/2
		}
		b.lo[axis], b.hi[axis] = min(p, q), max(p, q)
	}
	return b
}

func (b box) area() float64 { return (b.hi[0] - b.lo[0]) * (b.hi[1] - b.lo[1]) }

// overlap is the intersection of two boxes over their union, 0 for boxes
// without area.
func overlap(a, b box) float64 {
	common := 1.0
	for axis := range 2 {
		common *= max(0, min(a.hi[axis], b.hi[axis])-max(a.lo[axis], b.lo[axis]))
	}
	union := a.area() + b.area() - common
	if union <= 0 {
		return 0
	}
	return common / union
}

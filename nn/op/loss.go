package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// SoftmaxCrossEntropyLoss(scores, labels, weights?) -> loss, log-probabilities?
// and NegativeLogLikelihoodLoss(log-probabilities, labels, weights?) -> loss.
//
// scores are [N,C,positions...], labels [N,positions...] with classes in
// [0, C), weights [C]. An element whose label is ignore_index counts nothing.
// reduction is none, sum, or mean, which divides by the sum of the weights.
var lossOps = []Op{
	{
		Name: "SoftmaxCrossEntropyLoss", MinIn: 2,
		Infer: inferLoss,
		Eval:  byFloat(evalCrossEntropy[float32], evalCrossEntropy[float64], 1),
		Grad:  gradCrossEntropy,
		Cost:  costLoss(6),
	},
	{
		Name: "NegativeLogLikelihoodLoss", MinIn: 2,
		Infer: inferLoss,
		Eval:  byFloat(evalLikelihood[float32], evalLikelihood[float64], 1),
		Grad:  gradLikelihood,
		Cost:  costLoss(1),
	},
}

func reductionOf(n *ir.Node) (string, error) {
	kind := n.Attrs.Str("reduction", "mean")
	if kind != "none" && kind != "sum" && kind != "mean" {
		return "", fmt.Errorf("reduction %q is not one of none, sum, mean", kind)
	}
	return kind, nil
}

func inferLoss(n *ir.Node, in []Type) ([]Type, error) {
	kind, err := reductionOf(n)
	if err != nil {
		return nil, err
	}
	x, labels := in[0].Shape, in[1].Shape
	if err := checkLabels(x, labels, opt(in, 2).Shape); err != nil {
		return nil, err
	}
	loss := Type{DType: in[0].DType, Shape: ir.Shape{}}
	if kind == "none" {
		loss.Shape = labels
	}
	return []Type{loss, {DType: in[0].DType, Shape: x}}, nil
}

func checkLabels(x, labels, weights ir.Shape) error {
	if x != nil && len(x) < 2 {
		return fmt.Errorf("scores of shape %v have no axis of classes", x)
	}
	if weights != nil && len(weights) != 1 {
		return fmt.Errorf("class weights have shape %v, not one axis", weights)
	}
	if x == nil || labels == nil {
		return nil
	}
	if weights != nil && weights[0].IsKnown() && x[1].IsKnown() && weights[0] != x[1] {
		return fmt.Errorf("%v class weights do not fit %v classes", weights, x[1])
	}
	fit := len(labels) == len(x)-1
	for i := range labels {
		if fit {
			d := x[0]
			if i > 0 {
				d = x[i+1]
			}
			fit = !d.IsKnown() || !labels[i].IsKnown() || d == labels[i]
		}
	}
	if !fit {
		return fmt.Errorf("labels of shape %v do not fit scores of shape %v", labels, x)
	}
	return nil
}

func evalCrossEntropy[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := checkLabels(ir.ShapeOf(in[0]), ir.ShapeOf(in[1]), opt(mapTo(in, TypeOf), 2).Shape); err != nil {
		return nil, err
	}
	overClasses := &ir.Node{Version: 13, Attrs: ir.Pairs("axis", 1)}
	logp, err := byVector(logSoftmax[T])(overClasses, in[:1])
	if err != nil {
		return nil, err
	}
	loss, err := evalLikelihood[T](n, append(logp[:1:1], in[1:]...))
	if err != nil {
		return nil, err
	}
	return append(loss, logp...), nil
}

func evalLikelihood[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	logp, labels := in[0], in[1]
	if err := checkLabels(ir.ShapeOf(logp), ir.ShapeOf(labels), opt(mapTo(in, TypeOf), 2).Shape); err != nil {
		return nil, err
	}
	kind, err := reductionOf(n)
	if err != nil {
		return nil, err
	}
	classes, err := labels.Ints()
	if err != nil {
		return nil, err
	}
	_, c, positions := around(logp.Shape(), 1)
	ignored := ignoreIndex(n)
	loss := make([]T, len(classes))
	var sum, total float64
	for i, class := range classes {
		if class == ignored {
			continue
		}
		if class < 0 || class >= c {
			return nil, fmt.Errorf("label %d is outside [0, %d)", class, c)
		}
		weight := T(1)
		if w := opt(in, 2); w != nil {
			weight = tensor.Data[T](w)[class]
		}
		at := (i/positions*c+class)*positions + i%positions
		loss[i] = -weight * tensor.Data[T](logp)[at]
		sum, total = sum+float64(loss[i]), total+float64(weight)
	}
	switch kind {
	case "sum":
		return one(tensor.Scalar(T(sum)))
	case "mean":
		return one(tensor.Scalar(T(sum / total)))
	}
	return one(tensor.Of(loss, labels.Shape()...))
}

// ignoreIndex is a label that cannot occur if none is ignored.
func ignoreIndex(n *ir.Node) int { return n.Attrs.Int("ignore_index", math.MinInt64) }

func costLoss(perScore int64) func(*ir.Node, []Type, []Type) Cost {
	return func(_ *ir.Node, in, _ []Type) Cost { return Cost{FLOPs: perScore * elements(in[0])} }
}

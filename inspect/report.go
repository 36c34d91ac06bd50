package inspect

import (
	"fmt"
	"time"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A Report is what Check found.
type Report struct {
	Model string `json:"model"`
	// Runs says that the outputs could be computed. If not, Obstacles say why.
	Runs      bool       `json:"runs"`
	Obstacles []Obstacle `json:"obstacles"`
	// Nodes counts the nodes that the outputs need, Operators their kinds.
	Nodes     int    `json:"nodes"`
	Operators int    `json:"operators"`
	Made      []Made `json:"made"`
	// Executor is what ran the model before plain did.
	Executor string `json:"executor"`
	// Time and Plain are how long one run took on it and on plain, 0 if there was
	// none.
	Time  time.Duration `json:"nanoseconds"`
	Plain time.Duration `json:"plainNanoseconds"`
	// Reference are the nodes for which native has no kernel.
	Reference []Nodes `json:"reference"`
	// Random are the nodes whose results are drawn anew in each run.
	Random []Nodes `json:"random"`
	// Gradient is nil if the model does not run or holds nothing to
	// differentiate.
	Gradient *GradientPath `json:"gradient"`
	// Difference is how far the executor is from plain, nil if plain did not run.
	Difference *Difference `json:"difference"`
	// FirstNaN and FirstInf are where such numbers first come up, nil if nowhere.
	FirstNaN *Origin `json:"firstNaN"`
	FirstInf *Origin `json:"firstInf"`
}

// An Obstacle is one thing that keeps a model from running.
type Obstacle struct {
	// Kind is "operator", "weights", "input" or "run".
	Kind string `json:"kind"`
	// What is a sentence.
	What string `json:"what"`
	// Nodes are those that stand in the way.
	Nodes []string `json:"nodes,omitempty"`
}

// Nodes are nodes of one operator.
type Nodes struct {
	Op    string   `json:"op"`
	Nodes []string `json:"nodes"`
}

// A GradientPath is what lies between an input and an answer.
type GradientPath struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Missing are the nodes between them that have no gradient.
	Missing []Nodes `json:"missing"`
	// Error is why a gradient that there is cannot be taken, or empty.
	Error string `json:"error,omitempty"`
}

// A Difference compares two runs of one network.
type Difference struct {
	// Outputs is the largest difference in any output, and Largest in any value,
	// each as a share of the largest magnitude in that value. Outputs are
	// compared whole, other values by up to 1024 evenly spaced elements.
	Outputs float64 `json:"outputs"`
	Largest float64 `json:"largest"`
	// Value and Node are where it is largest; empty if there is no difference.
	Value string `json:"value"`
	Node  string `json:"node"`
	// Unequal is a value of which only one run has NaN or Inf in some place.
	Unequal string `json:"unequal,omitempty"`
}

// An Origin is the node at which numbers that are not finite come up.
type Origin struct {
	Node   string `json:"node"`
	Op     string `json:"op"`
	Output Range  `json:"output"`
	// Inputs are those that it was computed from, as far as they are numbers.
	Inputs []Range `json:"inputs"`
}

// A Range is a value with what its numbers are like.
type Range struct {
	Name string `json:"name"`
	Summary
}

func (r Range) String() string {
	text := fmt.Sprintf("%q %s", r.Name, ShapeText(r.Shape))
	if r.Finite() > 0 {
		text += fmt.Sprintf(" from %.5g to %.5g", r.Min, r.Max)
	}
	if r.NaN > 0 {
		text += fmt.Sprintf(", %d NaN", r.NaN)
	}
	if r.Inf > 0 {
		text += fmt.Sprintf(", %d Inf", r.Inf)
	}
	return text
}

// group adds a node to those of its operator.
func group(list []Nodes, n *ir.Node) []Nodes {
	name := opName(n)
	for i := range list {
		if list[i].Op == name {
			list[i].Nodes = append(list[i].Nodes, n.Name)
			return list
		}
	}
	return append(list, Nodes{name, []string{n.Name}})
}

// opName is how gradient rules name an operator.
func opName(n *ir.Node) string {
	if n.Domain == "" || n.Domain == "ai.onnx" {
		return n.Op
	}
	return n.Domain + "." + n.Op
}

package ir

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// A NodeID names a node by its place in Graph.Nodes.
type NodeID int32

// A ValueID names a value by its place in Graph.Values.
type ValueID int32

// None stands for an optional input or output that is left out, and for the
// producer of a value that no node makes.
const None = -1

// A Graph is a computation: values flow from Inputs and constants through
// Nodes to Outputs. Nodes may stand in any order in a file; Sort puts them in
// topological order, and everything after loading relies on it.
type Graph struct {
	Name    string
	Doc     string
	Nodes   []Node
	Values  []Value
	Inputs  []ValueID
	Outputs []ValueID

	// Opsets gives the version of each operator domain; "" is ai.onnx.
	Opsets map[string]int
	// Functions are operators defined by a body, keyed by FuncKey. Subgraphs and
	// bodies share the map of the graph they belong to.
	Functions map[string]*Function
	// Meta is what the file says of itself: producer, version, metadata.
	Meta map[string]string
	// Captures maps a value of a subgraph to the value of the enclosing graph
	// that it stands for. Empty for a graph that is not a subgraph.
	Captures map[ValueID]ValueID
}

// A Node is one operation.
type Node struct {
	// Name is unique in its graph. Files of old exporters leave it empty; the
	// reader then makes up a stable one.
	Name string
	// Op and Domain say what the node computes; "" is the domain of ONNX.
	Op, Domain string
	// Overload chooses among the graph's functions of one name; mostly empty.
	Overload string
	// Version is the opset version of the domain that the node was written for.
	Version int
	Attrs   Attrs
	// Inputs and Outputs may hold None where an optional one is left out.
	Inputs, Outputs []ValueID
	// Module is the dotted path of the module that the node belongs to
	// ("layer1.0.conv1"), empty at the top. See AssignModules.
	Module string
	Doc    string
}

// A Value is what flows between nodes.
type Value struct {
	Name  string
	DType tensor.DType // Invalid if not known
	// Shape is the extents as far as known; nil if not even the rank is.
	Shape Shape
	// Const holds the elements of an initializer or folded constant, else nil.
	Const *tensor.Tensor
	// Param tells a learned parameter from an incidental constant, and Buffer
	// what is learned without a gradient, such as the running mean and variance
	// of a batch normalisation. See MarkParams.
	Param, Buffer bool
	// Literal marks a constant that stands in the file as a node (ONNX
	// Constant) and not among the weights.
	Literal bool
	// Producer is the node that makes the value, None for inputs and constants.
	Producer NodeID
	// Missing marks a constant whose elements the file does not hold, such as
	// external data that is absent. The graph can be drawn and not run.
	Missing string
	// Doc is what the file says of the value, as of a graph input.
	Doc string
	// Kind tells tensors from sequences and optionals of them.
	Kind ValueKind
}

// A ValueKind is the container of a value.
type ValueKind uint8

// The kinds of values ONNX knows.
const (
	TensorKind ValueKind = iota
	SequenceKind
	OptionalKind
	MapKind
	SparseKind
)

// A Function is an operator defined by a graph of other operators.
type Function struct {
	Name, Domain, Overload string
	// Attrs names the attributes it takes; Defaults those with a default.
	Attrs    []string
	Defaults Attrs
	Body     *Graph
}

// FuncKey is the key in Graph.Functions of a function without an overload.
func FuncKey(domain, name string) string { return domain + "::" + name }

// Key is the key of the function in Graph.Functions.
func (f *Function) Key() string { return funcKey(f.Domain, f.Name, f.Overload) }

// FuncKey is the key in Graph.Functions of the function that the node calls if
// there is one.
func (n *Node) FuncKey() string { return funcKey(n.Domain, n.Op, n.Overload) }

func funcKey(domain, name, overload string) string {
	if overload == "" {
		return FuncKey(domain, name)
	}
	return FuncKey(domain, name) + "::" + overload
}

// Function returns the function that the node calls, or nil if its operator is
// not one of the graph's functions.
func (g *Graph) Function(n *Node) *Function { return g.Functions[n.FuncKey()] }

// New returns an empty graph.
func New(name string) *Graph {
	return &Graph{Name: name, Opsets: map[string]int{}, Meta: map[string]string{}}
}

// AddValue appends a value without a producer and returns its ID.
func (g *Graph) AddValue(v Value) ValueID {
	v.Producer = None
	g.Values = append(g.Values, v)
	return ValueID(len(g.Values) - 1)
}

// AddInput appends a graph input.
func (g *Graph) AddInput(name string, dtype tensor.DType, shape Shape) ValueID {
	id := g.AddValue(Value{Name: name, DType: dtype, Shape: shape})
	g.Inputs = append(g.Inputs, id)
	return id
}

// AddConst appends a constant.
func (g *Graph) AddConst(name string, t *tensor.Tensor) ValueID {
	return g.AddValue(Value{Name: name, DType: t.DType(), Shape: ShapeOf(t), Const: t})
}

// AddNode appends a node and makes it the producer of its outputs. It errs if
// an output already has a producer or is constant.
func (g *Graph) AddNode(n Node) (NodeID, error) {
	id := NodeID(len(g.Nodes))
	for _, v := range n.Outputs {
		if v == None {
			continue
		}
		if g.Values[v].Producer != None || g.Values[v].Const != nil {
			return None, fmt.Errorf("value %q has two producers", g.Values[v].Name)
		}
	}
	for _, v := range n.Outputs {
		if v != None {
			g.Values[v].Producer = id
		}
	}
	g.Nodes = append(g.Nodes, n)
	return id, nil
}

// ValueByName finds a value, or returns None.
func (g *Graph) ValueByName(name string) ValueID {
	for i := range g.Values {
		if g.Values[i].Name == name {
			return ValueID(i)
		}
	}
	return None
}

// NodeByName finds a node, or returns None.
func (g *Graph) NodeByName(name string) NodeID {
	for i := range g.Nodes {
		if g.Nodes[i].Name == name {
			return NodeID(i)
		}
	}
	return None
}

// Consumers lists, for every value, the nodes that read it, in order. A node
// whose subgraphs capture the value reads it too.
func (g *Graph) Consumers() [][]NodeID {
	uses := make([][]NodeID, len(g.Values))
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Reads() {
			if u := uses[v]; len(u) == 0 || u[len(u)-1] != NodeID(i) {
				uses[v] = append(uses[v], NodeID(i))
			}
		}
	}
	return uses
}

// Reads lists the values the node needs: its inputs without None, and what
// its subgraphs capture.
func (n *Node) Reads() []ValueID {
	var ids []ValueID
	for _, v := range n.Inputs {
		if v != None {
			ids = append(ids, v)
		}
	}
	for _, sub := range n.Subgraphs() {
		ids = append(ids, slices.Sorted(maps.Values(sub.Captures))...)
	}
	return ids
}

// Subgraphs lists the graphs among the node's attributes, such as the branches
// of If, in the order of the attributes' names.
func (n *Node) Subgraphs() []*Graph {
	var names []string // of the few attributes that hold graphs
	for name, a := range n.Attrs {
		if a.graphs() != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var subs []*Graph
	for _, name := range names {
		subs = append(subs, n.Attrs[name].graphs()...)
	}
	return subs
}

// Input returns the i-th input, or None if it is left out or beyond the list.
func (n *Node) Input(i int) ValueID { return at(n.Inputs, i) }

// Output returns the i-th output, or None if it is left out or beyond the list.
func (n *Node) Output(i int) ValueID { return at(n.Outputs, i) }

func at(ids []ValueID, i int) ValueID {
	if i < len(ids) {
		return ids[i]
	}
	return None
}

// Clone returns a copy that can be extended without changing g. Constants,
// attributes and functions are shared; they are never modified in place.
func (g *Graph) Clone() *Graph {
	c := *g
	c.Nodes = slices.Clone(g.Nodes)
	c.Values = slices.Clone(g.Values)
	c.Inputs = slices.Clone(g.Inputs)
	c.Outputs = slices.Clone(g.Outputs)
	return &c
}

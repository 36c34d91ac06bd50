package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A stage is one step of a plan: one node, or several fused ones.
type stage struct {
	node   *ir.Node   // the one that errors name
	nodes  []*ir.Node // all that it computes
	reads  []ir.ValueID
	writes []ir.ValueID
	// over lists the reads whose memory the first written value may take if
	// nothing needs them later.
	over []ir.ValueID
	// elementwise says that an element of what is written depends on no other
	// element of the reads that are as large.
	elementwise bool
	// joins says that the written value is the values read, one behind the
	// other, so that it need not be computed if they are made there.
	joins bool
	// view says that the written value is the read one under another shape.
	view bool
	// heap says that run makes tensors of its own rather than filling memory
	// that is laid out for it.
	heap bool
	// reference says that run is the reference implementation.
	reference bool
	run       func(r *run) error // nil for a view
}

// A planner turns a graph whose shapes are settled into stages.
type planner struct {
	*native
	g       *ir.Graph
	types   []op.Type
	uses    [][]ir.NodeID
	fetched []bool
	fused   []bool               // nodes that another node's stage computes
	listed  []bool               // those of them that are among their stage's nodes
	stages  []*stage             // indexed by the node at whose place they run
	moved   map[ir.ValueID]moved // values that are not made
	traces  map[*ir.Node]int     // where recurrent layers leave what their gradients need, in run.local
	// logical holds the types in the plain layout of the values that lie in the
	// blocked one.
	logical map[ir.ValueID]op.Type
	failed  bool // a blocked value has an operator that cannot have it
	locals  int  // places that stages reserved in run.local
	control *control
}

// newLocal reserves a place in run.local.
func (p *planner) newLocal() int {
	p.locals++
	return p.locals - 1
}

// newPlanner returns the planner of a graph all of whose nodes have inputs of
// settled shape.
func newPlanner(e *native, g *ir.Graph, types []op.Type) *planner {
	p := &planner{
		native: e, g: g, types: types, uses: g.Consumers(),
		fetched: make([]bool, len(g.Values)), fused: make([]bool, len(g.Nodes)), listed: make([]bool, len(g.Nodes)),
		stages: make([]*stage, len(g.Nodes)), control: newControl(e, e.limit, g),
		moved: map[ir.ValueID]moved{}, traces: map[*ir.Node]int{},
	}
	for _, v := range g.Outputs {
		p.fetched[v] = true
	}
	return p
}

// plan compiles g.
func (e *native) plan(g *ir.Graph, types []op.Type, feeds []Feed) (Program, error) {
	p := newPlanner(e, g, types)
	if b := block(p); b != nil {
		if b.lowerAll(); !b.failed {
			p = b
		}
	}
	if p.logical == nil {
		p.lowerAll()
	}
	stages := slices.DeleteFunc(p.stages, func(s *stage) bool { return s == nil || s.run == nil && !s.view })
	return newNativeProgram(p, stages, feeds)
}

func (p *planner) lowerAll() {
	for i := range p.g.Nodes {
		if !p.fused[i] {
			p.lower(ir.NodeID(i))
		}
	}
}

// lower adds the stage for a node: the native one if there is a kernel for it
// in these types, else the reference. A stage of several fused nodes runs at
// the place of the last one, when all that they read is there.
func (p *planner) lower(id ir.NodeID) {
	n := &p.g.Nodes[id]
	if p.elude(id) {
		return
	}
	table, blocked := lowerings, p.touchesBlocked(n)
	if blocked {
		table = blockedLowerings
	}
	if lower := table[opName{n.Domain, n.Op}]; lower != nil {
		if s, last := lower(p, id); s != nil {
			s.node, s.nodes = n, p.together(id, last)
			p.stages[last] = s
			return
		}
	}
	p.failed = p.failed || blocked
	p.stages[id] = p.fallback(n)
}

// together lists a node and those that its stage has taken along.
func (p *planner) together(id, last ir.NodeID) []*ir.Node {
	nodes := []*ir.Node{&p.g.Nodes[id]}
	for i := id + 1; i <= last; i++ {
		if p.fused[i] && !p.listed[i] {
			p.listed[i] = true
			nodes = append(nodes, &p.g.Nodes[i])
		}
	}
	return nodes
}

type opName struct{ domain, op string }

// A lowering makes the stage of a node and of later ones that it takes along,
// whose last one it returns too; or nil if there is no kernel for them.
type lowering func(p *planner, id ir.NodeID) (s *stage, last ir.NodeID)

// lowerings says which operators have kernels.
var lowerings map[opName]lowering

func init() { // not a literal: lowerings reach the table through the planner
	lowerings = map[opName]lowering{}
	for _, family := range []map[string]lowering{
		viewLowerings, convLowerings, matmulLowerings, unaryLowerings, binaryLowerings, reduceLowerings,
		softmaxLowerings, normLowerings, poolLowerings, moveLowerings, compareLowerings, recurrentLowerings,
		{"QuantizeLinear": lowerQuantize, "Resize": lowerResize, "Upsample": lowerResize},
	} {
		for name, l := range family {
			lowerings[opName{"", name}] = l
		}
	}
	for _, family := range []map[string]lowering{convGradLowerings, poolGradLowerings, activationGradLowerings, recurrentGradLowerings, moveGradLowerings, rowGradLowerings, headLowerings, {"SumTo": lowerSumTo, "ResizeGrad": lowerResize, "Overlay": lowerOverlay}} {
		for name, l := range family {
			lowerings[opName{op.Domain, name}] = l
		}
	}
	lowerings[opName{"com.microsoft", "Gelu"}] = lowerActivation
	lowerings[opName{"com.microsoft", "QuickGelu"}] = lowerSwish(1.702)
}

// shape returns the extents of a value, which are settled.
func (p *planner) shape(v ir.ValueID) []int {
	shape, _ := p.types[v].Shape.Ints()
	return shape
}

// isFloat reports whether the values are float32 of settled shape. Those left
// out do not matter.
func (p *planner) isFloat(ids ...ir.ValueID) bool {
	for _, v := range ids {
		if v != ir.None && (p.types[v].DType != tensor.Float32 || !settled(p.types[v])) {
			return false
		}
	}
	return true
}

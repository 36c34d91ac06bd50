package figure

// A Graph is a drawing of a network: boxes at places, edges along paths, and
// nested groups around them. Lengths are in points, x to the right and y down;
// the whole fits W×H.
type Graph struct {
	About  `json:"about"`
	W      float64      `json:"w"`
	H      float64      `json:"h"`
	Nodes  []GraphNode  `json:"nodes"`
	Edges  []GraphEdge  `json:"edges"`
	Groups []GraphGroup `json:"groups"`
	Legend []string     `json:"legend,omitempty"` // the node classes that occur, in order
	Totals []Fact       `json:"totals,omitempty"`
	// Scale says what the heat of nodes stands for; nil if they have none.
	Scale *HeatScale `json:"scale,omitempty"`
}

// A HeatScale is what the colours of heat stand for.
type HeatScale struct {
	Name     string  `json:"name"` // of the measure
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Colormap string  `json:"colormap"`
}

// NodeClasses lists the classes of nodes in the order of legends.
func NodeClasses() []string {
	return []string{
		"input", "output", "conv", "linear", "norm", "activation", "pool", "shape", "math",
		"attention", "embedding", "recurrent", "control", "group", "unknown",
	}
}

// A Box is a rectangle by its top left corner.
type Box struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
	W float64 `json:"w"`
	H float64 `json:"h"`
}

// A GraphNode is one box: an operation, an input, an output, or a folded group.
type GraphNode struct {
	ID    string `json:"id"`    // unique, stable between drawings of the same model
	Title string `json:"title"` // first line in the box: the operator
	// Lines are the further lines in the box: name, shape, counts.
	Lines []string `json:"lines,omitempty"`
	// Class is the colour family, one of NodeClasses; any other is drawn as
	// unknown.
	Class string `json:"class"`
	Group int    `json:"group"` // index into Groups, -1 at the top
	// Fold is the path of the module that this node stands for when folded;
	// adding it to the expanded ones opens it.
	Fold  string `json:"fold,omitempty"`
	Facts []Fact `json:"facts,omitempty"` // all there is to know, for the side panel
	// Heat, 0 to 1, paints the box in the colours of the graph's scale in place of
	// its class's; nil leaves it as it is.
	Heat *float64 `json:"heat,omitempty"`
	Box
}

// A GraphEdge is a value that flows from one node to another.
type GraphEdge struct {
	From  int    `json:"from"` // indices into Nodes
	To    int    `json:"to"`
	Label string `json:"label,omitempty"` // the shape
	Value string `json:"value,omitempty"` // the value's name
	// Path is a polyline of cubic Bézier pieces: a start point, then three
	// points for each piece.
	Path [][2]float64 `json:"path"`
	Back bool         `json:"back,omitempty"` // runs against the flow
	// LabelAt is the centre of the label; nil means the middle of the path.
	LabelAt *[2]float64 `json:"labelAt,omitempty"`
}

// A GraphGroup is an open module, drawn as a box around its members.
type GraphGroup struct {
	Path   string `json:"path"`  // "layer1.0"
	Title  string `json:"title"` // "0 · BasicBlock"
	Parent int    `json:"parent"`
	Facts  []Fact `json:"facts,omitempty"`
	Box
}

// Kind implements Figure.
func (*Graph) Kind() string { return "graph" }

// Arrays returns none: the numbers of a graph are in its nodes' facts.
func (*Graph) Arrays() []Array { return nil }

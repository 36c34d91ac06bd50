package layout

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// net builds graphs that look like neural networks, for tests.
type net struct {
	Graph
	names  []string
	titles []string
	groups map[string]int
}

func newNet() *net { return &net{groups: map[string]int{}} }

// group finds or makes the group of a dotted path.
func (n *net) group(path string) int {
	if path == "" {
		return None
	}
	if g, ok := n.groups[path]; ok {
		return g
	}
	parent, title := None, path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		parent, title = n.group(path[:i]), path[i+1:]
	}
	g := len(n.Groups)
	n.Groups = append(n.Groups, Group{Parent: parent, TitleW: 6.2 * float64(len(title)), TitleH: 14})
	n.titles = append(n.titles, title)
	n.groups[path] = g
	return g
}

// op adds a node fed by others.
func (n *net) op(name, group string, from ...int) int {
	v := len(n.Nodes)
	n.Nodes = append(n.Nodes, Node{W: 24 + 6.5*float64(len(name)), H: 26, Group: n.group(group)})
	if name == "+" || name == "×" {
		n.Nodes[v].W, n.Nodes[v].H = 26, 26
	}
	n.names = append(n.names, name)
	for _, u := range from {
		n.Edges = append(n.Edges, Edge{From: u, To: v})
	}
	return v
}

func resnet(blocks ...int) *net {
	n := newNet()
	x := n.op("input", "")
	for _, name := range []string{"conv 7×7", "bn", "relu", "maxpool"} {
		x = n.op(name, "", x)
	}
	for i, count := range blocks {
		for j := range count {
			path := fmt.Sprintf("layer%d.%d", i+1, j)
			y := n.op("conv1", path, x)
			y = n.op("bn1", path, y)
			y = n.op("relu", path, y)
			y = n.op("conv2", path, y)
			y = n.op("bn2", path, y)
			skip := x
			if i > 0 && j == 0 {
				skip = n.op("conv", path+".downsample", x)
				skip = n.op("bn", path+".downsample", skip)
			}
			y = n.op("+", path, y, skip)
			x = n.op("relu", path, y)
		}
	}
	x = n.op("avgpool", "", x)
	x = n.op("flatten", "", x)
	n.op("fc", "", x)
	return n
}

func inception(modules int) *net {
	n := newNet()
	x := n.op("input", "")
	x = n.op("conv 7×7", "stem", x)
	x = n.op("maxpool", "stem", x)
	for i := range modules {
		m := fmt.Sprintf("mixed_%d", i)
		a := n.op("conv 1×1", m+".branch1", x)
		b := n.op("conv 1×1", m+".branch2", x)
		b = n.op("conv 3×3", m+".branch2", b)
		c := n.op("conv 1×1", m+".branch3", x)
		c = n.op("conv 3×3", m+".branch3", c)
		c = n.op("conv 3×3", m+".branch3", c)
		d := n.op("maxpool 3×3", m+".branch4", x)
		d = n.op("conv 1×1", m+".branch4", d)
		x = n.op("concat", m, a, b, c, d)
	}
	x = n.op("avgpool", "", x)
	n.op("fc", "", x)
	return n
}

func transformer(layers int) *net {
	n := newNet()
	ids, mask := n.op("input_ids", ""), n.op("attention_mask", "")
	word := n.op("word", "embeddings", ids)
	pos := n.op("position", "embeddings")
	x := n.op("+", "embeddings", word, pos)
	x = n.op("layernorm", "embeddings", x)
	m := n.op("invert", "", mask)
	for i := range layers {
		p := fmt.Sprintf("encoder.layer%d", i)
		q := n.op("query", p+".attention.self", x)
		k := n.op("key", p+".attention.self", x)
		v := n.op("value", p+".attention.self", x)
		s := n.op("matmul", p+".attention.self", q, n.op("transpose", p+".attention.self", k))
		s = n.op("scale", p+".attention.self", s)
		s = n.op("+", p+".attention.self", s, m)
		s = n.op("softmax", p+".attention.self", s)
		s = n.op("matmul", p+".attention.self", s, v)
		y := n.op("dense", p+".attention.output", s)
		y = n.op("+", p+".attention.output", y, x)
		y = n.op("layernorm", p+".attention.output", y)
		z := n.op("dense", p+".intermediate", y)
		z = n.op("gelu", p+".intermediate", z)
		z = n.op("dense", p+".output", z)
		z = n.op("+", p+".output", z, y)
		x = n.op("layernorm", p+".output", z)
	}
	x = n.op("dense", "pooler", x)
	n.op("tanh", "pooler", x)
	return n
}

func unet(depth int) *net {
	n := newNet()
	x := n.op("input", "")
	double := func(path string, x int) int {
		x = n.op("conv 3×3", path, x)
		x = n.op("relu", path, x)
		x = n.op("conv 3×3", path, x)
		return n.op("relu", path, x)
	}
	var skips []int
	for i := range depth {
		x = double(fmt.Sprintf("enc%d", i+1), x)
		skips = append(skips, x)
		x = n.op("maxpool 2×2", "", x)
	}
	x = double("bottleneck", x)
	for i := depth - 1; i >= 0; i-- {
		path := fmt.Sprintf("dec%d", i+1)
		x = n.op("up-conv 2×2", path, x)
		x = n.op("concat", path, skips[i], x)
		x = double(path+".double", x)
	}
	n.op("conv 1×1", "", x)
	return n
}

// densenet feeds every layer of a block to all later ones.
func densenet(blocks, layers int) *net {
	n := newNet()
	x := n.op("input", "")
	for b := range blocks {
		path := fmt.Sprintf("block%d", b)
		all := []int{x}
		for i := range layers {
			at := fmt.Sprintf("%s.layer%d", path, i)
			y := n.op("concat", at, all...)
			y = n.op("bn", at, y)
			y = n.op("conv", at, y)
			all = append(all, y)
		}
		x = n.op("concat", path, all...)
		x = n.op("transition", "", x)
	}
	return n
}

// scattered uses modules twice, feeds groups both ways, and has a loop.
func scattered() *net {
	n := newNet()
	x := n.op("input", "")
	for i := range 4 {
		x = n.op("linear", fmt.Sprintf("block%d", i), x)
		x = n.op("dropout", "shared", x)
		x = n.op("relu", fmt.Sprintf("block%d", i), x)
	}
	h := n.op("cell", "rnn", x)
	g := n.op("gate", "rnn", h)
	n.Edges = append(n.Edges, Edge{From: g, To: h}, Edge{From: h, To: h}, Edge{From: h, To: h, LabelW: 40, LabelH: 14})
	y := n.op("split", "", g)
	a := n.op("×", "", y)
	n.Edges = append(n.Edges, Edge{From: y, To: a}, Edge{From: a, To: n.op("out", ""), LabelW: 60, LabelH: 16})
	return n
}

// weights is a checkpoint without a graph: groups of nodes without edges.
func weights(layers int) *net {
	n := newNet()
	n.op("embed.weight", "model")
	for i := range layers {
		p := fmt.Sprintf("model.layers.%d", i)
		for _, m := range []string{"attn.q", "attn.k", "attn.v", "attn.o", "mlp.up", "mlp.down"} {
			n.op("weight", p+"."+m)
			n.op("bias", p+"."+m)
		}
		n.op("weight", p+".norm")
	}
	return n
}

// diffusion is a U-Net whose blocks all take the same time embedding, with
// cross attention to a text.
func diffusion(depth int) *net {
	n := newNet()
	x, t, text := n.op("latent", ""), n.op("timestep", ""), n.op("text", "")
	t = n.op("sinusoid", "time_embed", t)
	t = n.op("linear", "time_embed", t)
	t = n.op("silu", "time_embed", t)
	block := func(path string, x int) int {
		y := n.op("groupnorm", path+".res", x)
		y = n.op("conv", path+".res", y)
		y = n.op("+", path+".res", y, n.op("linear", path+".res", t))
		y = n.op("conv", path+".res", y)
		y = n.op("+", path+".res", y, x)
		q := n.op("q", path+".attn", y)
		k, v := n.op("k", path+".attn", text), n.op("v", path+".attn", text)
		return n.op("+", path+".attn", n.op("attend", path+".attn", q, k, v), y)
	}
	var skips []int
	x = n.op("conv_in", "", x)
	for i := range depth {
		x = block(fmt.Sprintf("down%d", i), x)
		skips = append(skips, x)
		x = n.op("downsample", fmt.Sprintf("down%d", i), x)
	}
	x = block("mid", x)
	for i := depth - 1; i >= 0; i-- {
		path := fmt.Sprintf("up%d", i)
		x = n.op("upsample", path, x)
		x = n.op("concat", path, x, skips[i])
		x = block(path, x)
	}
	n.op("conv_out", "", x)
	return n
}

// pyramid is a feature pyramid with heads, and experts behind a router.
func pyramid() *net {
	n := newNet()
	x := n.op("image", "")
	var levels []int
	for i := range 4 {
		x = n.op("conv", fmt.Sprintf("backbone.stage%d", i), x)
		x = n.op("relu", fmt.Sprintf("backbone.stage%d", i), x)
		levels = append(levels, x)
	}
	top := n.op("lateral", "neck", levels[3])
	outs := []int{top}
	for i := 2; i >= 0; i-- {
		lateral := n.op("lateral", "neck", levels[i])
		top = n.op("+", "neck", n.op("upsample", "neck", top), lateral)
		outs = append(outs, top)
	}
	for i, o := range outs {
		p := fmt.Sprintf("head%d", 3-i)
		y := n.op("conv", p, o)
		n.op("boxes", p, n.op("conv", p+".box", y))
		n.op("classes", p, n.op("conv", p+".cls", y))
	}
	r := n.op("router", "moe", outs[0])
	var experts []int
	for i := range 8 {
		e := n.op("up", fmt.Sprintf("moe.expert%d", i), r)
		experts = append(experts, n.op("down", fmt.Sprintf("moe.expert%d", i), n.op("gelu", fmt.Sprintf("moe.expert%d", i), e)))
	}
	n.op("combine", "moe", experts...)
	return n
}

// labelled puts a label on every edge.
func labelled(n *net) *net {
	for i := range n.Edges {
		n.Edges[i].LabelW, n.Edges[i].LabelH = 56, 13
	}
	return n
}

// tangle is a graph of random edges between nodes in random groups.
func tangle(nodes, edges, groups int) (Graph, Options) {
	r := rand.New(rand.NewPCG(1, 9))
	var g Graph
	for i := range groups {
		g.Groups = append(g.Groups, Group{Parent: r.IntN(i+1) - 1, TitleW: 50, TitleH: 14})
	}
	for range nodes {
		g.Nodes = append(g.Nodes, Node{W: 20 + 60*r.Float64(), H: 25, Group: r.IntN(groups+1) - 1})
	}
	for range edges {
		g.Edges = append(g.Edges, Edge{From: r.IntN(nodes), To: r.IntN(nodes)})
	}
	return g, Options{}.withDefaults()
}

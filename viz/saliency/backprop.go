package saliency

import (
	"context"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/cam"
)

// guidedBackprop is the gradient where rectifiers let back only what is
// positive, where they let something through. arXiv 1412.6806, section 3.4.
func guidedBackprop(ctx context.Context, p *probe) ([]float32, error) {
	return p.rectified(ctx, "guided", func(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		dx, err := plain(g, n, dy)
		if err == nil && dx[0] != ir.None {
			dx[0] = g.Op("Relu", nil, dx[0])
		}
		return dx, err
	})
}

// deconvnet is the gradient where rectifiers let back only what is positive,
// whatever they let through. arXiv 1311.2901, section 2.1.
func deconvnet(ctx context.Context, p *probe) ([]float32, error) {
	return p.rectified(ctx, "deconvnet", func(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := nothing(n)
		out[0] = g.Op("Relu", nil, dy[0])
		return out, nil
	})
}

// rectified is the gradient by another rule for rectifiers.
func (p *probe) rectified(ctx context.Context, name string, rule op.GradFunc) ([]float32, error) {
	rectifiers := 0
	for i := range p.Model.Net.Nodes {
		switch p.Model.Net.Nodes[i].Op {
		case "Relu", "Clip", "FusedConv":
			rectifiers++
		}
	}
	if rectifiers == 0 {
		p.warn("%s has no ReLU, so %s is no more than its gradient.", p.Model.Name, p.title)
	}
	clip := func(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		if !clipsAtZero(g, n) {
			return plain(g, n, dy)
		}
		return rule(g, n, dy)
	}
	rules := autodiff.Rules{"Relu": rule, "Clip": clip}
	grads, err := p.GradientBy(ctx, rules, name, p.target, nil, p.Main)
	if err != nil {
		return nil, err
	}
	return grads[0].F32(), nil
}

// clipsAtZero reports whether a Clip is a rectifier, as ReLU6 is.
func clipsAtZero(g *op.Grad, n *ir.Node) bool {
	if low := n.Input(1); low != ir.None {
		if t := g.Type(low).Value; t != nil && t.Len() == 1 {
			v, err := t.Floats()
			return err == nil && v[0] == 0
		}
		return false
	}
	return n.Attrs.Has("min") && n.Attrs.Float("min", -1) == 0
}

// plain applies an operator's own gradient rule.
func plain(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	o := op.Lookup(n.Domain, n.Op)
	if o == nil || o.Grad == nil {
		return nil, &autodiff.NoRuleError{Node: n.Name, Op: opName(n)}
	}
	return o.Grad(g, n, dy)
}

func nothing(n *ir.Node) []ir.ValueID {
	out := make([]ir.ValueID, len(n.Inputs))
	for i := range out {
		out[i] = ir.None
	}
	return out
}

// opName is what autodiff.Rules calls a node's operator.
func opName(n *ir.Node) string {
	if n.Domain == "" || n.Domain == "ai.onnx" {
		return n.Op
	}
	return n.Domain + "." + n.Op
}

// guidedGradCAM is guided backpropagation where Grad-CAM of the last layer with
// maps is, enlarged to the picture. arXiv 1610.02391, section 3.2.
func guidedGradCAM(ctx context.Context, p *probe) ([]float32, error) {
	heat, layer, err := cam.GradCAM(ctx, p.Model, p.Input, p.target)
	if err != nil {
		return nil, err
	}
	p.fact("layer", "%s", layer)
	guided, err := guidedBackprop(ctx, p)
	if err != nil {
		return nil, err
	}
	planes := p.Planes()
	return masked(guided, heat.EnlargeTo(planes), planes), nil
}

// masked multiplies every channel with a field.
func masked(values []float32, f attribution.Field, planes model.Grid) []float32 {
	for i, v := range f.Values {
		for c := range planes.Channels {
			values[planes.At(c, i/f.W, i%f.W)] *= v
		}
	}
	return values
}

package cam

import (
	"context"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// leGrad: the mean over blocks, heads and queries of ReLU(∂s/∂A), A being the
// attention probabilities of a block and s the class's score if the network
// stopped there: what its head makes of the mean of the block's tokens. arXiv
// 2404.03214, section 3.2. It reads all blocks, whichever layer is asked for.
func leGrad(ctx context.Context, p *probe) (attribution.Field, error) {
	blocks, err := p.attentionBlocks()
	if err != nil {
		return attribution.Field{}, err
	}
	fetch := []ir.ValueID{}
	for _, b := range blocks.list {
		fetch = append(fetch, b.out)
	}
	outs, err := blocks.session.Run(ctx, p.Feeds(), fetch...)
	if err != nil {
		return attribution.Field{}, err
	}
	last := outs[len(outs)-1].Shape()
	grid := p.Grid(blocks.last())
	total := make([]float32, grid.Places())
	for i, b := range blocks.list {
		slope, err := p.slopeOfMean(ctx, blocks, meanToken(outs[i], grid), last)
		if err != nil {
			return attribution.Field{}, err
		}
		feeds := p.Feeds()
		if i > 0 { // nothing before the block runs again
			feeds[blocks.list[i-1].out] = outs[i-1]
		}
		of := exec.GradientOf{Y: b.out, Seed: spread(slope, outs[i].Shape(), grid), Wrt: []ir.ValueID{b.probabilities}}
		grads, _, err := blocks.session.Gradient(ctx, feeds, of)
		if err != nil {
			return attribution.Field{}, err
		}
		if keys := grads[0].Dim(-1); keys != outs[i].Len()/grid.Channels {
			return attribution.Field{}, viz.Userf("LeGrad reads attention over all tokens, and that of %s is over %d of %d; use gradcam", p.Model.Name, keys, outs[i].Len()/grid.Channels)
		}
		addKeys(total, grads[0], grid, float32(len(blocks.list)))
		p.progress(i+1, len(blocks.list))
	}
	return attribution.OnGrid(grid, total), nil
}

// slopeOfMean is the derivative of the target by the mean token, were that what
// all tokens of the last block are.
func (p *probe) slopeOfMean(ctx context.Context, blocks *attentionBlocks, mean []float32, shape []int) ([]float32, error) {
	last, grid := blocks.last(), p.Grid(blocks.last())
	same := tensor.New(tensor.Float32, shape...)
	for i := range same.F32() {
		same.F32()[i] = mean[i/grid.DC%grid.Channels]
	}
	feeds := p.Feeds()
	feeds[last] = same
	out, err := blocks.session.Run(ctx, feeds, p.target.Value)
	if err != nil {
		return nil, err
	}
	seed := tensor.New(tensor.Float32, out[0].Shape()...)
	copy(seed.F32(), p.target.Slope(out[0].F32()))
	grads, _, err := blocks.session.Gradient(ctx, feeds, exec.GradientOf{Y: p.target.Value, Seed: seed, Wrt: []ir.ValueID{last}})
	if err != nil {
		return nil, err
	}
	slope := make([]float32, grid.Channels)
	for i, g := range grads[0].F32() {
		slope[i/grid.DC%grid.Channels] += g
	}
	return slope, nil
}

// meanToken is the mean over all tokens, those of no place included.
func meanToken(x *tensor.Tensor, g model.Grid) []float32 {
	mean, n := make([]float32, g.Channels), float32(x.Len()/g.Channels)
	for i, v := range x.F32() {
		mean[i/g.DC%g.Channels] += v / n
	}
	return mean
}

// spread gives every token its part of the slope of their mean.
func spread(slope []float32, shape []int, g model.Grid) *tensor.Tensor {
	out := tensor.New(tensor.Float32, shape...)
	n := float32(out.Len() / g.Channels)
	for i := range out.F32() {
		out.F32()[i] = slope[i/g.DC%g.Channels] / n
	}
	return out
}

// addKeys adds, for the key of each place, the mean positive gradient over heads
// and queries, one of so many blocks.
func addKeys(total []float32, grads *tensor.Tensor, g model.Grid, blocks float32) {
	keys := grads.Dim(-1)
	rows := float32(grads.Len() / keys)
	for i, v := range grads.F32() {
		if place := i%keys - g.Lead; v > 0 && place >= 0 && place < len(total) {
			total[place] += v / rows / blocks
		}
	}
}

// attentionBlocks are those of a vision transformer, in order.
type attentionBlocks struct {
	session *exec.Session
	list    []attentionBlock
}

// An attentionBlock is one attention, and the tokens as its block leaves them.
type attentionBlock struct{ probabilities, out ir.ValueID }

func (b *attentionBlocks) last() ir.ValueID { return b.list[len(b.list)-1].out }

// attentionBlocks finds the attentions over all tokens and behind each the last
// residual sum before the next one. Operators that hold all of an attention are
// written out first.
func (p *probe) attentionBlocks() (*attentionBlocks, error) {
	g, session, err := p.Model.WrittenOut()
	if err != nil {
		return nil, err
	}
	out := &attentionBlocks{session: session}
	needed := g.Needed([]ir.ValueID{p.target.Value}, nil)
	var found []model.Attention
	for _, a := range model.Attentions(g) {
		if needed[a.Node] && a.Probabilities != ir.None {
			found = append(found, a)
		}
	}
	for i, a := range found {
		end := p.target.Value
		if i+1 < len(found) {
			end = found[i+1].Probabilities
		}
		sum := p.residual(g, a, end)
		if sum == ir.None {
			return nil, viz.Userf("LeGrad reads the attention of vision transformers, and behind %q of %s there is no sum of tokens that lie on a grid; use gradcam", g.Nodes[a.Node].Name, p.Model.Name)
		}
		out.list = append(out.list, attentionBlock{a.Probabilities, sum})
	}
	if len(out.list) == 0 {
		return nil, viz.Userf("LeGrad reads the attention of vision transformers, and %s has none; use gradcam", p.Model.Name)
	}
	return out, nil
}

// residual returns the last sum of two values on one grid of tokens between an
// attention and what follows it.
func (p *probe) residual(g *ir.Graph, a model.Attention, end ir.ValueID) ir.ValueID {
	before := g.Needed([]ir.ValueID{end}, nil)
	for i := int(g.Values[end].Producer); i > int(a.Node); i-- {
		n := &g.Nodes[i]
		if !before[i] || n.Op != "Add" || g.Values[n.Inputs[0]].Const != nil || g.Values[n.Inputs[1]].Const != nil {
			continue
		}
		x, ok := p.Spatial(n.Inputs[0])
		y, also := p.Spatial(n.Inputs[1])
		if ok && also && x == y {
			return n.Output(0)
		}
	}
	return ir.None
}

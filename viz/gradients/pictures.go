package gradients

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// Pictures are samples that are read and prepared when their turn comes.
type pictures struct {
	model  *model.Model
	images []viz.Image
	labels []int  // by image, −1 where it is not known
	how    string // the labels were found
	skip   func(image int, why error)
}

func newPictures(in *viz.Input, m *model.Model) (*pictures, error) {
	if m.Prep == nil {
		return nil, viz.Userf("%s takes no picture: none of its inputs has the shape of one; give arrays in a .npz file", m.Name)
	}
	p := &pictures{model: m, images: in.Images, skip: in.Skip}
	return p, p.findLabels(in.Classes)
}

// findLabels makes classes of the labels: by the model's names or by number, or
// else, where the data has as many classes as the model, by their order, which
// is that of torchvision's ImageFolder and of Keras. Without any label the
// network's own answer stands for the truth.
func (p *pictures) findLabels(order []string) error {
	p.labels = make([]int, len(p.images))
	known, unknown := 0, ""
	for i, img := range p.images {
		p.labels[i] = -1
		if img.Label == "" {
			continue
		}
		if class, err := p.model.Class(img.Label); err == nil {
			p.labels[i] = class
			known++
		} else {
			unknown = img.Label
		}
	}
	switch {
	case unknown == "" && known == 0:
		return nil
	case unknown == "":
		p.how = "by the names of the classes"
		if _, err := strconv.Atoi(p.images[slices.IndexFunc(p.labels, func(l int) bool { return l >= 0 })].Label); err == nil {
			p.how = "by their numbers"
		}
		return nil
	case len(order) > 0 && len(order) == p.model.Classes():
		p.how = fmt.Sprintf("by the order of the %d folders' names", len(order))
		for i, img := range p.images {
			p.labels[i] = slices.Index(order, img.Label)
		}
		return nil
	}
	_, err := p.model.Class(unknown)
	return viz.Userf("the label %q of a picture is no class of %s: %w", unknown, p.model.Name, err)
}

func (p *pictures) len() int { return len(p.images) }

// labelled reports whether any label is known.
func (p *pictures) labelled() bool { return p.how != "" }

// readAhead is how many pictures are opened and prepared at the same time.
const readAhead = 4

func (p *pictures) read(ctx context.Context, which []int, form truthForm) (*batch, error) {
	var inputs []*tensor.Tensor
	var lost error
	var labels []int64
	next := 0
	for x, err := range data.Ahead(ctx, len(which), readAhead, func(ctx context.Context, k int) (*tensor.Tensor, error) { return p.prepare(ctx, which[k]) }) {
		i := which[next]
		next++
		if err != nil {
			p.skip(i, err)
			lost = err
			continue
		}
		inputs, labels = append(inputs, x), append(labels, int64(p.labels[i]))
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if len(inputs) == 0 {
		return &batch{lost: lost}, nil
	}
	x, err := stack(inputs)
	if err != nil {
		return nil, err
	}
	b := &batch{feeds: map[ir.ValueID]*tensor.Tensor{p.model.Input: x}, n: len(inputs)}
	if form == asTarget {
		return b, nil
	}
	if !p.labelled() {
		if labels, err = p.answers(ctx, x); err != nil {
			return nil, err
		}
	}
	b.truth = truthOf(labels, p.model.Classes(), form)
	return b, nil
}

func (p *pictures) prepare(ctx context.Context, i int) (*tensor.Tensor, error) {
	of := p.images[i]
	if p.labels[i] < 0 && p.labelled() {
		return nil, fmt.Errorf("%s has no label", of.Name)
	}
	if of.Picture == nil {
		return nil, fmt.Errorf("%s is no picture", of.Name)
	}
	img, err := of.Picture(ctx)
	if err != nil {
		return nil, err
	}
	if img == nil || img.W < 1 || img.H < 1 {
		return nil, fmt.Errorf("%s has no pixels", of.Name)
	}
	ready, err := p.model.Prep.Prepare(img)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", of.Name, err)
	}
	return ready.Tensor, nil
}

// answers are the classes that the network itself gives.
func (p *pictures) answers(ctx context.Context, x *tensor.Tensor) ([]int64, error) {
	labels := make([]int64, x.Dim(0))
	if p.model.Head == nil {
		return labels, nil // the loss does not ask for them
	}
	out, err := p.model.Session().Run(ctx, map[ir.ValueID]*tensor.Tensor{p.model.Input: x}, p.model.Head.Logits)
	if err != nil {
		return nil, err
	}
	classes := p.model.Classes()
	if out[0].Len() != len(labels)*classes {
		return nil, viz.Userf("%s answers %d pictures with %s, not with %d scores each", p.model.Name, len(labels), out[0], classes)
	}
	for i := range labels {
		row := out[0].F32()[i*classes : (i+1)*classes]
		best := 0
		for c, v := range row {
			if v > row[best] {
				best = c
			}
		}
		labels[i] = int64(best)
		if classes == 1 && row[0] > 0 {
			labels[i] = 1
		}
	}
	return labels, nil
}

func (p *pictures) describe(add func(name, value string)) {
	if p.how != "" {
		add("labels", p.how)
	}
}

// stack joins inputs of one sample each along the batch.
func stack(inputs []*tensor.Tensor) (*tensor.Tensor, error) {
	shape := slices.Clone(inputs[0].Shape())
	shape[0] = len(inputs)
	if len(inputs) == 1 {
		return inputs[0], nil
	}
	out := tensor.New(inputs[0].DType(), shape...)
	row := inputs[0].Len()
	for i, x := range inputs {
		if x.Len() != row {
			return nil, viz.Userf("the samples differ in shape: %v and %v", inputs[0].Shape(), x.Shape())
		}
		out.CopyRange(i*row, x, 0, row)
	}
	return out, nil
}

package ort

import "github.com/tomo-viz/tomo/nn/ir"

// An axis is how a kernel slides along one spatial axis for known extents:
// output o reads the inputs o·stride - before + k·dilation for k below kernel.
type axis struct {
	kernel, stride, dilation int
	before, after            int // padding; negative padding crops
	in, out                  int
}

// window reads the geometry of a convolution or pooling from its attributes,
// which are sound: types were inferred by them.
func window(n *ir.Node, kernel, in, out []int) []axis {
	axes := make([]axis, len(kernel))
	strides, dilations, pads := n.Attrs.Ints("strides"), n.Attrs.Ints("dilations"), n.Attrs.Ints("pads")
	auto := n.Attrs.Str("auto_pad", "NOTSET")
	for i, k := range kernel {
		a := axis{kernel: k, stride: 1, dilation: 1, in: in[i], out: out[i]}
		if strides != nil {
			a.stride = strides[i]
		}
		if dilations != nil {
			a.dilation = dilations[i]
		}
		total := max((a.out-1)*a.stride+a.span()-a.in, 0)
		switch {
		case auto == "SAME_UPPER":
			a.before, a.after = total/2, total-total/2
		case auto == "SAME_LOWER":
			a.before, a.after = total-total/2, total/2
		case auto != "VALID" && pads != nil:
			a.before, a.after = pads[i], pads[len(kernel)+i]
		}
		axes[i] = a
	}
	return axes
}

// span is how many inputs the kernel covers, gaps included.
func (a axis) span() int { return (a.kernel-1)*a.dilation + 1 }

// reach is how many inputs, padding included, the outputs read.
func (a axis) reach() int { return (a.out-1)*a.stride + a.span() }

// count returns how many inputs output o reads.
func (a axis) count(o int) int {
	n := 0
	for k := range a.kernel {
		if i := o*a.stride - a.before + k*a.dilation; i >= 0 && i < a.in {
			n++
		}
	}
	return n
}

// each lists a property of all axes.
func each(axes []axis, f func(axis) int) []int {
	out := make([]int, len(axes))
	for i, a := range axes {
		out[i] = f(a)
	}
	return out
}

// sliding spells strides and dilations as attributes.
func sliding(axes []axis, group int) ir.Attrs {
	return ir.Pairs(
		"strides", each(axes, func(a axis) int { return a.stride }),
		"dilations", each(axes, func(a axis) int { return a.dilation }),
		"group", group)
}

// spread is the convolution with w, of shape [M,C/group,kernel...], run
// backwards: what output elements send to the inputs they read.
func (l *lowering) spread(dy, w ir.ValueID, group int, axes []axis) ir.ValueID {
	attrs, rank := sliding(axes, group), len(axes)
	pads, extra := make([]int, 2*rank), make([]int, rank)
	crop := make([]int, 2*(rank+2)) // what pads cannot say
	for i, a := range axes {
		after := a.reach() - a.before - a.in
		switch {
		case a.before >= 0 && after >= 0:
			pads[i], pads[rank+i] = a.before, after
		case a.before >= 0 && -after < a.stride:
			pads[i], extra[i] = a.before, -after
		default:
			crop[2+i], crop[rank+4+i] = -a.before, -after
		}
	}
	attrs["pads"], attrs["output_padding"] = ir.Pairs("", pads)[""], ir.Pairs("", extra)[""]
	dx := l.Op("ConvTranspose", attrs, dy, w)
	return l.pad(dx, crop...)
}

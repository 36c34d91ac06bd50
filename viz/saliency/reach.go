package saliency

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A reach is the part of a map that differs from the clean picture's for each of
// many patches, along one axis: size places from at[i] on for the i-th position
// of the patch, of length in all. The size is the same for all positions, and no
// part lies outside.
type reach struct {
	size, length int
	at           []int
}

// whole reports whether everything may differ.
func (r reach) whole() bool { return r.size >= r.length }

// cover returns the smallest reach that holds, for every position, the places
// from first to last, of which those outside are dropped.
func cover(length int, first, last []int) reach {
	out := reach{size: 1, length: length, at: make([]int, len(first))}
	for i := range first {
		first[i], last[i] = max(first[i], 0), min(last[i], length-1)
		out.size = max(out.size, last[i]-first[i]+1)
	}
	for i := range first {
		out.at[i] = max(0, min(first[i], length-out.size))
	}
	return out
}

// join covers two reaches of one map.
func (r reach) join(s reach) reach {
	first, last := make([]int, len(r.at)), make([]int, len(r.at))
	for i := range r.at {
		first[i] = min(r.at[i], s.at[i])
		last[i] = max(r.at[i]+r.size, s.at[i]+s.size) - 1
	}
	return cover(r.length, first, last)
}

// A slide is how a convolution or pooling goes along one axis.
type slide struct{ kernel, stride, dilation, pad int }

// span is how many places one result reads from end to end.
func (s slide) span() int { return s.dilation*(s.kernel-1) + 1 }

// through returns what of the results, length in all, reads from what differs.
func (s slide) through(r reach, length int) reach {
	first, last := make([]int, len(r.at)), make([]int, len(r.at))
	for i, at := range r.at {
		first[i] = ceilDiv(at+s.pad-s.span()+1, s.stride)
		last[i] = floorDiv(at+r.size-1+s.pad, s.stride)
	}
	return cover(length, first, last)
}

// reads returns the window that results read: its size, and where it begins,
// which may lie outside.
func (s slide) reads(r reach) (size int, at []int) {
	at = make([]int, len(r.at))
	for i, o := range r.at {
		at[i] = o*s.stride - s.pad
	}
	return (r.size-1)*s.stride + s.span(), at
}

func floorDiv(a, b int) int { return int(math.Floor(float64(a) / float64(b))) }
func ceilDiv(a, b int) int  { return int(math.Ceil(float64(a) / float64(b))) }

// slides reads how a node goes along height and width; false if it is no
// convolution or pooling of that kind.
func slides(n *ir.Node, kernel, in, out []int) (s [2]slide, ok bool) {
	if len(kernel) != 2 {
		return s, false
	}
	strides, dilations, pads := n.Attrs.Ints("strides"), n.Attrs.Ints("dilations"), n.Attrs.Ints("pads")
	for i := range s {
		s[i] = slide{kernel[i], 1, 1, 0}
		if len(strides) == 2 {
			s[i].stride = strides[i]
		}
		if len(dilations) == 2 {
			s[i].dilation = dilations[i]
		}
		total := max((out[i]-1)*s[i].stride+s[i].span()-in[i], 0)
		switch n.Attrs.Str("auto_pad", "NOTSET") {
		case "SAME_UPPER":
			s[i].pad = total / 2
		case "SAME_LOWER":
			s[i].pad = total - total/2
		case "NOTSET", "":
			if len(pads) == 4 {
				s[i].pad = pads[i]
			}
		}
		ok = s[i].stride > 0 && s[i].dilation > 0
		if !ok {
			break
		}
	}
	return s, ok
}

package zoo

import "github.com/tomo-viz/tomo/nn/ir"

func maxPool(kernel, stride, pad int) block {
	return operator("MaxPool", slidingAttrs(kernel, stride, pad))
}

// maxPoolCeil lets the last window reach over the edge.
func maxPoolCeil(kernel, stride int) block {
	attrs := slidingAttrs(kernel, stride, 0)
	attrs["ceil_mode"] = ir.Attr{Value: int64(1)}
	return operator("MaxPool", attrs)
}

// averagePool counts the padding's zeros, as PyTorch does.
func averagePool(kernel, stride, pad int) block {
	attrs := slidingAttrs(kernel, stride, pad)
	attrs["count_include_pad"] = ir.Attr{Value: int64(1)}
	return operator("AveragePool", attrs)
}

func globalAveragePool(b *builder, x signal) signal {
	return operator("GlobalAveragePool", nil)(b, x)
}

// slidingAttrs are of a square window.
func slidingAttrs(kernel, stride, pad int) ir.Attrs {
	return ir.Pairs("kernel_shape", []int{kernel, kernel}, "strides", []int{stride, stride}, "pads", []int{pad, pad, pad, pad})
}

package zoo

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
)

// UNet builds a network that segments pictures, with four steps down and up
// again: 7,763,041 parameters. It is the variant for brain scans of Buda et al.
// (doi 10.1016/j.compbiomed.2019.05.002), known from PyTorch's hub: half the
// channels of the paper, padded convolutions with batch normalization, and one
// map of probabilities of the size of the picture. Height and width are multiples
// of 16.
func UNet(seed uint64) *ir.Graph {
	return network("unet", seed, func(b *builder) {
		const widest = 512
		x := b.picture(256)
		var skipped []signal
		for level, width := 1, widest/16; width < widest; level, width = level+1, 2*width {
			x = child(fmt.Sprint("encoder", level), doubleConv(fmt.Sprint("enc", level), width))(b, x)
			skipped = append(skipped, x)
			x = child(fmt.Sprint("pool", level), maxPool(2, 2, 0))(b, x)
		}
		x = child("bottleneck", doubleConv("bottleneck", widest))(b, x)
		for level := len(skipped); level > 0; level-- {
			skip := skipped[level-1]
			x = child(fmt.Sprint("upconv", level), upConv(skip.channels))(b, x)
			x = b.join(x, skip)
			x = child(fmt.Sprint("decoder", level), doubleConv(fmt.Sprint("dec", level), skip.channels))(b, x)
		}
		x = child("conv", conv(convolution{Out: 1, Kernel: 1, Bias: true}))(b, x)
		b.output("output", sigmoid(b, x).value)
	})
}

// doubleConv is two 3×3 convolutions, with the names that begin with stage.
func doubleConv(stage string, width int) block {
	var parts []block
	for i := 1; i <= 2; i++ {
		parts = append(parts,
			child(fmt.Sprint(stage, "conv", i), conv(convolution{Out: width, Kernel: 3})),
			child(fmt.Sprint(stage, "norm", i), batchNorm),
			child(fmt.Sprint(stage, "relu", i), relu),
		)
	}
	return sequence(parts...)
}

// upConv doubles height and width by a transposed convolution whose kernels do
// not overlap.
func upConv(out int) block {
	return func(b *builder, x signal) signal {
		w := b.normal("weight", 1/math.Sqrt(float64(x.channels)*x.power()), x.channels, out, 2, 2)
		return standard(b.op("ConvTranspose", slidingAttrs(2, 2, 0), x.value, w, b.bias(out)), out)
	}
}

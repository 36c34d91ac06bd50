package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// pool stands for a max pooling in the rows of VGG.
const pool = 0

// The columns A and D of table 1.
var (
	vggA = []int{64, pool, 128, pool, 256, 256, pool, 512, 512, pool, 512, 512, pool}
	vggD = []int{64, 64, pool, 128, 128, pool, 256, 256, 256, pool, 512, 512, 512, pool, 512, 512, 512, pool}
)

// VGG11 builds the network of 11 layers: 132,863,336 parameters.
func VGG11(seed uint64) *ir.Graph { return vgg("vgg11", seed, side, 4096, vggA) }

// VGG16 builds the network of 16 layers: 138,357,544 parameters.
func VGG16(seed uint64) *ir.Graph { return vgg("vgg16", seed, side, 4096, vggD) }

func vggArchitecture(name string, build func(uint64) *ir.Graph, rows []int) Architecture {
	small := func(seed uint64) *ir.Graph { return vgg(name+"_small", seed, 32, 128, rows) }
	return Architecture{name, "Simonyan and Zisserman, arXiv 1409.1556, table 1", Network{build, pictures(side)}, Network{small, pictures(32)}}
}

// vgg has 3×3 convolutions, and hidden units in each of two dense layers. Their
// number of inputs settles the size of the pictures: torchvision's pooling of
// other ones to 7×7 does nothing to those of 224×224.
func vgg(name string, seed uint64, side, hidden int, rows []int) *ir.Graph {
	var features []block
	pooled := side
	for _, width := range rows {
		if width == pool {
			features = append(features, maxPool(2, 2, 0))
			pooled /= 2
		} else {
			features = append(features, conv(convolution{Out: width, Kernel: 3, Bias: true}), relu)
		}
	}
	return classifier(name, seed, side, sequence(
		child("features", numbered(features...)),
		flattenPlanes(pooled*pooled),
		child("classifier", numbered(linear(hidden), relu, nil, linear(hidden), relu, nil, linear(classes))), // the dropouts are gone
	))
}

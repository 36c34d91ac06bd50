// Package zoo builds the standard architectures of the field, with weights
// drawn from a seed: the layers, names and parameter counts are those of the
// published networks, and only the training is missing. Modules and parameters
// are called what the library calls them that each network is best known from
// ("layer1.0.conv1.weight" in torchvision), and batch normalizations are kept
// with their running statistics.
//
// An architecture is written with the combinators of kit.go and the layers of
// layers.go, and reads like its definition in the paper.
package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// An Architecture is a network that the package can build.
type Architecture struct {
	Name string
	// Source is the paper that defines it.
	Source string
	// Network is the one that was published, with inputs of the size that it is
	// measured with.
	Network
	// Small has the same layers and takes few operations: the network on small
	// inputs, or one that is less deep and wide. Tests run it on the reference.
	Small Network
}

// Architectures lists what can be built.
func Architectures() []Architecture {
	return []Architecture{
		ofPictures("resnet18", "He et al., arXiv 1512.03385, table 1", ResNet18, 64),
		ofPictures("resnet50", "He et al., arXiv 1512.03385, table 1", ResNet50, 64),
		ofPictures("mobilenet_v2", "Sandler et al., arXiv 1801.04381, table 2", MobileNetV2, 64),
		ofPictures("mobilenet_v3_large", "Howard et al., arXiv 1905.02244, table 1", MobileNetV3Large, 64),
		ofPictures("mobilenet_v3_small", "Howard et al., arXiv 1905.02244, table 2", MobileNetV3Small, 64),
		ofPictures("squeezenet1_1", "Iandola et al., arXiv 1602.07360, release 1.1", SqueezeNet11, 64),
		ofPictures("efficientnet_b0", "Tan and Le, arXiv 1905.11946, table 1", EfficientNetB0, 64),
		ofPictures("convnext_tiny", "Liu et al., arXiv 2201.03545, table 9", ConvNeXtTiny, 48),
		ofPictures("densenet121", "Huang et al., arXiv 1608.06993, table 1", DenseNet121, 64),
		ofPictures("googlenet", "Szegedy et al., arXiv 1409.4842, table 1", GoogLeNet, 64),
		{
			"inception_v3", "Szegedy et al., arXiv 1512.00567, table 1",
			Network{InceptionV3, pictures(299)}, Network{InceptionV3, pictures(107)},
		},
		ofPictures("shufflenet_v2_x1_0", "Ma et al., arXiv 1807.11164, table 5", ShuffleNetV2, 64),
		vggArchitecture("vgg11", VGG11, vggA),
		vggArchitecture("vgg16", VGG16, vggD),
		{
			"unet", "Ronneberger et al., arXiv 1505.04597, figure 1, with the layers of Buda et al.",
			Network{UNet, pictures(256)}, Network{UNet, pictures(32)},
		},
		{
			"yolov8n", "Jocher et al., Ultralytics YOLOv8 (2023), yolov8.yaml at scale n",
			Network{YOLOv8n, pictures(640)},
			Network{func(seed uint64) *ir.Graph { return yolo("yolov8n_small", seed, 64) }, pictures(64)},
		},
		vitArchitecture("vit_b_16", "Dosovitskiy et al., arXiv 2010.11929, table 1", ViTB16, torchvisionViT),
		vitArchitecture("deit_tiny", "Touvron et al., arXiv 2012.12877, table 1", DeiTTiny, timmViT),
		swinArchitecture(),
		bertArchitecture("bert_base", "Devlin et al., arXiv 1810.04805, section 3", BERTBase),
		bertArchitecture("minilm", "Wang et al., arXiv 2002.10957; layers of BERT, arXiv 1810.04805", MiniLM),
		gpt2Architecture(),
		llamaArchitecture(),
		taggerArchitecture("lstm_tagger", "Huang et al., arXiv 1508.01991, section 2.2", "lstm", LSTMTagger, lstm),
		taggerArchitecture("gru_tagger", "Cho et al., arXiv 1406.1078, section 2.3, in the tagger of arXiv 1508.01991", "gru", GRUTagger, gru),
	}
}

// ofPictures is an architecture for pictures of 224×224, which also takes
// smaller ones.
func ofPictures(name, source string, build func(uint64) *ir.Graph, small int) Architecture {
	return Architecture{name, source, Network{build, pictures(side)}, Network{build, pictures(small)}}
}

// pictures is one input of square RGB pictures.
func pictures(side int) []Input { return []Input{{Shape: []int{0, 3, side, side}}} }

// classes is how many ImageNet has, and side the height and width of its
// pictures for most networks.
const (
	classes = 1000
	side    = 224
)

// classifier builds a network of pictures with the given height and width.
func classifier(name string, seed uint64, side int, body block) *ir.Graph {
	return network(name, seed, func(b *builder) {
		b.output("output", body(b, b.picture(side)).value)
	})
}

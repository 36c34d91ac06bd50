package onnx_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The numbers of parameters that the makers of these networks publish, and for
// those with batch normalisation of buffers.
func TestPublishedCounts(t *testing.T) {
	for _, tc := range []struct {
		file            string
		params, buffers int
	}{
		{"data/models/onnx/squeezenet1.1_fp16.onnx", 1_235_496, 0}, // torchvision
		// torchvision's 3,504,872, with 17,056 biases for the 2 × 17,056 numbers of
		// the batch normalisations folded into the convolutions.
		{"data/models/onnx/mobilenet_v2_imagenet_int8_qdq.onnx", 3_504_872 - 17_056, 0},
		// Convolutions 1-64 (5×5), 64-64, 64-32 and 32-9 (3×3) with biases, from
		// PyTorch's super-resolution tutorial, and image processing around them.
		{"data/models/onnx/superres_opset18_prepost.onnx", 59_657, 0},
		// The MNIST network of CNTK: convolutions 1-8 and 8-16 (5×5), 256-10.
		{"data/models/onnx/mnist-8.onnx", 8*25 + 8 + 16*8*25 + 16 + 256*10 + 10, 0},
		// PyTorch's own ResNet-20 for CIFAR with 1×1 shortcuts: 2,752 for two of them
		// on top of the 269,722 of He et al. (arXiv 1512.03385, table 6: 0.27M).
		{"golden/landscape/resnet20_seed3.onnx", 272_474, 1_568},
	} {
		g, err := onnx.Open(shared.Path(t, tc.file))
		must(t, err)
		if params, buffers := ir.CountParams(g); params != tc.params || buffers != tc.buffers {
			t.Errorf("%s: %d parameters and %d buffers, want %d and %d", tc.file, params, buffers, tc.params, tc.buffers)
		}
	}
}

// Networks of the ONNX suite whose weights are made by ConstantOfShape; put back
// in place they are the published networks.
func TestPublishedCountsLight(t *testing.T) {
	want := map[string]int{
		"light_resnet50.onnx":     25_557_032,  // torchvision, Keras
		"light_vgg19.onnx":        143_667_240, // arXiv 1409.1556, table 2: 144M
		"light_squeezenet.onnx":   1_235_496,
		"light_bvlc_alexnet.onnx": 60_965_224, // the BVLC model zoo
	}
	untar(t, shared.Path(t, "data/onnx-backend.tar.zst"), func(name string, data []byte) {
		count, ok := want[path.Base(name)]
		if !ok {
			return
		}
		delete(want, path.Base(name))
		g, err := onnx.Decode(data, "")
		must(t, err)
		putBack(g)
		ir.MarkParams(g)
		if params, _ := ir.CountParams(g); params != count {
			t.Errorf("%s: %d parameters, want %d", name, params, count)
		}
	})
	if len(want) > 0 {
		t.Errorf("not in the archive: %v", slices.Collect(maps.Keys(want)))
	}
}

// putBack makes weights, absent ones, of what ConstantOfShape nodes make.
func putBack(g *ir.Graph) {
	kept := g.Nodes[:0]
	for _, n := range g.Nodes {
		if n.Op != "ConstantOfShape" {
			kept = append(kept, n)
			continue
		}
		dims, _ := g.Values[n.Inputs[0]].Const.Ints()
		v := &g.Values[n.Outputs[0]]
		v.Producer, v.Missing, v.Shape, v.DType = ir.None, "left out", ir.Dims(dims...), tensor.Float32
	}
	g.Nodes = kept
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Outputs {
			g.Values[v].Producer = ir.NodeID(i)
		}
	}
}

// PyTorch's own list of the parameters: the keys of their recorded gradients.
func TestParamsAreThoseOfPyTorch(t *testing.T) {
	for _, tc := range []struct{ model, params string }{
		{"golden/tinyresnet/tinyresnet_op13.onnx", "golden/tinyresnet/param_grads_ce.npz"},
		{"golden/tinyvit/tinyvit_op13.onnx", "golden/tinyvit/param_grads_ce.npz"},
		{"golden/tinyvit/tinyvit_op17.onnx", "golden/tinyvit/param_grads_ce.npz"},
		{"golden/tinybert/tinybert_op13.onnx", "golden/tinybert/param_grads_ce.npz"},
		{"golden/landscape/resnet20_seed3.onnx", "golden/landscape/dx.npz"},
	} {
		g, err := onnx.Open(shared.Path(t, tc.model))
		must(t, err)
		want, err := tensor.OpenNPZ(shared.Path(t, tc.params))
		must(t, err)
		count := 0
		for _, p := range want {
			count += p.Len()
		}
		if params, _ := ir.CountParams(g); params != count {
			t.Errorf("%s: %d parameters, want %d", tc.model, params, count)
		}
		for i := range g.Values {
			v := &g.Values[i]
			p := want[v.Name]
			switch {
			case v.Param && p == nil && !strings.HasPrefix(v.Name, "onnx::"):
				t.Errorf("%s: %q is no parameter", tc.model, v.Name)
			case p != nil && (!v.Param || !slices.Equal(p.Shape(), v.Const.Shape())):
				t.Errorf("%s: %q is %v, and a parameter of shape %v", tc.model, v.Name, v, p.Shape())
			}
			if v.Buffer != (strings.HasSuffix(v.Name, ".running_mean") || strings.HasSuffix(v.Name, ".running_var")) {
				t.Errorf("%s: %q is a buffer: %v", tc.model, v.Name, v.Buffer)
			}
		}
	}
}

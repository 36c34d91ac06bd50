package ir_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// chain is a graph of nodes one behind the other, "op name weights...".
func chain(nodes ...string) *ir.Graph {
	g := ir.New("chain")
	last := g.AddInput("x", tensor.Float32, nil)
	for i, spec := range nodes {
		parts := strings.Fields(spec)
		n := ir.Node{Op: parts[0], Name: parts[1], Inputs: []ir.ValueID{last}}
		for _, w := range parts[2:] {
			n.Inputs = append(n.Inputs, g.AddConst(w, tensor.New(tensor.Float32, 8, 8)))
		}
		last = g.AddValue(ir.Value{Name: fmt.Sprint("v", i)})
		n.Outputs = []ir.ValueID{last}
		if _, err := g.AddNode(n); err != nil {
			panic(err)
		}
	}
	g.Outputs = []ir.ValueID{last}
	return g
}

func TestAssignModules(t *testing.T) {
	for _, tc := range []struct{ name, nodes, want string }{
		{"torch.onnx", `Conv /layer1/layer1.0/conv1/Conv; Add /layer1/layer1.0/Add; Relu /layer1/layer1.0/relu/Relu_1; Flatten /Flatten; Gemm /fc/Gemm`,
			"layer1.0.conv1; layer1.0; layer1.0.relu; ; fc"},
		{"torch.onnx, Hugging Face", `MatMul /bert/encoder/layer.0/attention/self/query/MatMul`, "bert.encoder.layer.0.attention.self.query"},
		{"torch.onnx, Sequential", `Mul /1/1.0/1.0.0/fn/fn.1/Mul; Conv /0/projection/Conv`, "1.0.0.fn.1; 0.projection"},
		{"put into a branch", `Relu If_0_else_branch__Inline_0__/encoder/0/activation/Relu`, "encoder.0.activation"},
		{"torch.onnx before 1.12", `Conv Conv_0 conv1.weight conv1.bias; Relu Relu_1; Conv Conv_2 layer1.0.conv1.weight; Relu Relu_3; Conv Conv_4 layer1.0.conv2.weight; Relu Relu_5`,
			"conv1; ; layer1.0.conv1; layer1.0; layer1.0.conv2; "},
		{"torch.export", `Conv node_conv2d layer1.0.conv1.weight; Add node_add val_12; Relu node_relu`, "layer1.0.conv1; ; "},
		{"numbers for names", `Conv Conv_0 48 49; Relu Relu_1; Conv Conv_2 51 52`, "; ; "},
		{"folded weights", `Conv Conv_0 onnx::Conv_117; Conv Conv_1 onnx::Conv_120`, "; "},
		{"TensorFlow", `Conv model/block1/conv/Conv2D; Add model/block1/conv/BiasAdd; Relu model/block1/relu/Relu__12; Reshape model/flatten/Reshape; MatMul model/dense_1/MatMul`,
			"block1.conv; block1.conv; block1.relu; flatten; dense_1"},
		{"TensorFlow, saved model", `Conv StatefulPartitionedCall/net/conv/Conv2D; Mul StatefulPartitionedCall/net/bn/batchnorm/mul_1; MatMul StatefulPartitionedCall/net/head/dense/Tensordot/MatMul`,
			"conv; bn; head.dense"},
		{"Keras 3 by tf2onnx", `Conv net/conv2d_1/BiasAdd net/conv2d_1/convolution/ReadVariableOp:0; Conv Conv__110 net/conv2d_2/convolution/merged_input:0 net/batch_normalization_1/batchnorm/sub:0; Conv net/depthwise_conv2d/depthwise net/depthwise_conv2d/depthwise/ReadVariableOp:0`,
			"conv2d_1; conv2d_2; depthwise_conv2d"},
		{"TensorFlow Lite", `Conv m/conv_a/Conv2D;m/conv_a/BiasAdd;m/relu/Relu; Conv m/conv_b/Conv2D;m/conv_b/BiasAdd`, "conv_a; conv_b"},
		{"Keras' ResNet", `Conv resnet50/conv2_block1_1_conv/Conv2D; BatchNormalization resnet50/conv2_block1_1_bn/FusedBatchNormV3; MaxPool resnet50/pool1_pool/MaxPool`,
			"conv2.block1.1.conv; conv2.block1.1.bn; pool1_pool"},
		{"Keras' MobileNet", `Conv block_1_expand block_1_expand/kernel:0; BatchNormalization block_1_expand_BN block_1_expand_BN/gamma:0 block_1_expand_BN/beta:0`,
			"block_1.expand; block_1.expand_BN"},
		{"keras2onnx", `MatMul dense_2 dense_2/kernel:0; Add Add dense_2/bias:0; Sigmoid Sigmoid`, "dense_2; dense_2; "},
		{"MXNet", `BatchNormalization bn_data bn_data_gamma bn_data_beta; Conv stage1_unit1_conv1 stage1_unit1_conv1_weight; Relu stage1_unit1_relu1; Conv conv0 conv0_weight`,
			"bn_data; stage1.unit1.conv1; stage1.unit1.relu1; conv0"},
		{"Caffe2", `Conv Conv_0 conv1_w_0 conv1_b_0; Relu Relu_0; Conv Conv_1 fire2/squeeze1x1_w_0 fire2/squeeze1x1_b_0; Relu Relu_1; Conv Conv_2 fire2/expand1x1_w_0`,
			"conv1; ; fire2.squeeze1x1; fire2; fire2.expand1x1"},
		{"PaddlePaddle", `Conv p2o.Conv.0 conv2d_10.w_0; Add p2o.Add.1 p2o.helper.constant.14; Relu p2o.Relu.0`, "conv2d_10; ; "},
		{"quantized by ONNX Runtime", `DequantizeLinear features.0.0.weight_DequantizeLinear features.0.0.weight_quantized`, "features.0.0"},
		{"CNTK", `Conv Convolution28 Parameter5; Add Plus30 Parameter6; Relu ReLU32`, "; ; "},
	} {
		// TensorFlow Lite has semicolons in names.
		var nodes []string
		for _, spec := range strings.Split(tc.nodes, "; ") {
			nodes = append(nodes, strings.TrimSpace(spec))
		}
		g := chain(nodes...)
		ir.AssignModules(g)
		var got []string
		for i := range g.Nodes {
			got = append(got, g.Nodes[i].Module)
		}
		if s := strings.Join(got, "; "); s != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, s, tc.want)
		}
	}
}

// What the file said stays.
func TestAssignModulesKeeps(t *testing.T) {
	g := chain("Conv /a/Conv", "Relu /b/Relu", "Relu r")
	g.Nodes[0].Module = "from.metadata"
	ir.AssignModules(g)
	if g.Nodes[0].Module != "from.metadata" || g.Nodes[1].Module != "b" {
		t.Errorf("modules %q and %q", g.Nodes[0].Module, g.Nodes[1].Module)
	}
}

// resnet is a ResNet of basic blocks as PyTorch before 1.12 exported it: weights
// with their names, nodes without, weights left out.
type resnet struct {
	g      *ir.Graph
	last   ir.ValueID
	width  int
	module []string // of each node, in truth
}

func (r *resnet) node(op, module string, in ...ir.ValueID) {
	name := fmt.Sprintf("%s_%d", op, len(r.g.Nodes))
	out := r.g.AddValue(ir.Value{Name: name + "_out"})
	if _, err := r.g.AddNode(ir.Node{Name: name, Op: op, Inputs: in, Outputs: []ir.ValueID{out}}); err != nil {
		panic(err)
	}
	r.last, r.module = out, append(r.module, module)
}

func (r *resnet) weight(name string, dims ...int) ir.ValueID {
	return r.g.AddValue(ir.Value{Name: name, DType: tensor.Float32, Shape: ir.Dims(dims...), Missing: "left out"})
}

func (r *resnet) conv(conv, bn string, from, to, kernel int) {
	r.node("Conv", conv, r.last, r.weight(conv+".weight", to, from, kernel, kernel))
	in := []ir.ValueID{r.last}
	for _, p := range []string{"weight", "bias", "running_mean", "running_var"} {
		in = append(in, r.weight(bn+"."+p, to))
	}
	r.node("BatchNormalization", bn, in...)
	r.width = to
}

func (r *resnet) block(name string, to int) {
	start, from := r.last, r.width
	r.conv(name+".conv1", name+".bn1", from, to, 3)
	r.node("Relu", name+".relu", r.last)
	r.conv(name+".conv2", name+".bn2", to, to, 3)
	end := r.last
	if from != to {
		r.last = start
		r.conv(name+".downsample.0", name+".downsample.1", from, to, 1)
		start = r.last
	}
	r.node("Add", name, end, start)
	r.node("Relu", name+".relu", r.last)
}

func newResNet18() *resnet {
	r := &resnet{g: ir.New("resnet18"), width: 3}
	r.last = r.g.AddInput("x", tensor.Float32, ir.Dims(1, 3, 224, 224))
	r.conv("conv1", "bn1", 3, 64, 7)
	r.node("Relu", "relu", r.last)
	r.node("MaxPool", "maxpool", r.last)
	for stage, width := range []int{64, 128, 256, 512} {
		for unit := range 2 {
			r.block(fmt.Sprintf("layer%d.%d", stage+1, unit), width)
		}
	}
	r.node("GlobalAveragePool", "avgpool", r.last)
	r.node("Flatten", "", r.last)
	r.node("Gemm", "fc", r.last, r.weight("fc.weight", 1000, 512), r.weight("fc.bias", 1000))
	r.g.Outputs = []ir.ValueID{r.last}
	return r
}

// A node is never put into a module that it is not in, and those of the blocks
// are found.
func TestModulesOfUnnamedResNet(t *testing.T) {
	r := newResNet18()
	ir.AssignModules(r.g)
	for i, truth := range r.module {
		n := &r.g.Nodes[i]
		if n.Module != "" && n.Module != truth && !strings.HasPrefix(truth, n.Module+".") {
			t.Errorf("%s is put into %q and lies in %q", n.Name, n.Module, truth)
		}
		if block := strings.Split(truth+"..", "."); strings.HasPrefix(truth, "layer") && !strings.HasPrefix(n.Module, block[0]+"."+block[1]) {
			t.Errorf("%s is put into %q, and its block is %s.%s", n.Name, n.Module, block[0], block[1])
		}
	}
}

// torchvision's ResNet-18 has 11,689,512 parameters and 9,600 buffers without
// the counters of batches.
func TestCountParams(t *testing.T) {
	r := newResNet18()
	ir.MarkParams(r.g)
	if params, buffers := ir.CountParams(r.g); params != 11_689_512 || buffers != 9_600 {
		t.Errorf("%d parameters and %d buffers", params, buffers)
	}
}

// Names in files agree with names of weights: where a node has both, as in
// exports since PyTorch 1.12 with unfolded weights, they must be the same.
func TestModulesAgreeWithWeights(t *testing.T) {
	for _, file := range []string{
		"golden/tinyresnet/tinyresnet_op13.onnx", "golden/tinyvit/tinyvit_op17.onnx", "golden/tinybert/tinybert_op13.onnx",
		"golden/landscape/resnet20_seed3.onnx", "data/models/onnx/vit_cifar10_pgd_2_3_16.onnx", "data/text/tiny_gpt_nextnode.onnx",
	} {
		g, err := onnx.Open(shared.Path(t, file))
		if err != nil {
			t.Fatal(err)
		}
		checked := 0
		for i := range g.Nodes {
			n := &g.Nodes[i]
			for _, v := range n.Inputs {
				if v == ir.None || !g.Values[v].Param || strings.Contains(g.Values[v].Name, "::") {
					continue
				}
				name := g.Values[v].Name
				if owner := name[:max(strings.LastIndex(name, "."), 0)]; owner != n.Module {
					t.Errorf("%s: node %q lies in %q and reads %q", file, n.Name, n.Module, name)
				}
				checked++
			}
		}
		if checked < 10 {
			t.Errorf("%s: only %d parameters with names", file, checked)
		}
	}
}

package ir

import (
	"regexp"
	"strings"
)

// Exporters write the module path of a node into its name, each in its way:
//
//	/layer1/layer1.0/conv1/Conv        torch.onnx since PyTorch 1.12
//	model/block1/conv/Conv2D           TensorFlow and Keras
//	stage1_unit1_conv1                 MXNet, and Keras for its own networks
//
// and that of a parameter into the parameter's:
//
//	layer1.0.conv1.weight              PyTorch
//	conv2d_10.w_0                      PaddlePaddle
//	model/conv/kernel:0                Keras
//	stage1_unit1_conv1_weight          MXNet
//	fire7/squeeze1x1_w_0               Caffe2

// torchScope reads the path from a node's name of torch.onnx. Each part names a
// module by its attribute in the one around it, but an element of a list or of a
// Sequential with the name of the list: "layer1.0" in "layer1".
func torchScope(name string) (path string, ok bool) {
	if i := strings.Index(name, "__Inline_"); i >= 0 { // a model put into another one
		if j := strings.Index(name[i:], "/"); j >= 0 {
			name = name[i+j:]
		}
	}
	parts := strings.Split(name, "/")
	if parts[0] != "" || len(parts) < 2 {
		return "", false
	}
	var modules []string
	for _, part := range parts[1 : len(parts)-1] {
		if last := len(modules) - 1; last >= 0 && strings.HasPrefix(part, modules[last]+".") {
			modules[last] = part
		} else if part != "" {
			modules = append(modules, part)
		}
	}
	return strings.Join(modules, "."), true
}

// scopeCount matches the number that makes a scope unique.
var scopeCount = regexp.MustCompile(`_\d+(\.|$)`)

// tensorFlowScope reads the parts of the path from a node's name of TensorFlow.
// The last part is the operation, unless a converter left it out.
func tensorFlowScope(name string) (parts []string, ok bool) {
	name, _, _ = strings.Cut(name, ";") // TensorFlow Lite joins the names of what it fuses
	name = converterNumber.ReplaceAllString(name, "")
	if !strings.Contains(name, "/") || strings.HasPrefix(name, "/") {
		return nil, false
	}
	parts = strings.Split(name, "/")
	for len(parts) > 0 && (parts[0] == "" || strings.Contains(parts[0], "PartitionedCall")) {
		parts = parts[1:]
	}
	parts = withoutOp(parts)
	return parts, len(parts) > 0
}

// withoutOp drops what a path says of the operation itself: "ReadVariableOp" of
// "BiasAdd" of the layer, or "mul_1" of the scope "batchnorm" of the layer.
func withoutOp(parts []string) []string {
	n := len(parts)
	for n > 0 && variable.MatchString(parts[n-1]) {
		n--
	}
	if n > 0 && tensorFlowOp.MatchString(parts[n-1]) {
		n--
	}
	for n > 1 && opScope.MatchString(parts[n-1]) {
		n--
	}
	return parts[:n]
}

var (
	// converterNumber is what tf2onnx puts behind a name to make it unique.
	converterNumber = regexp.MustCompile(`(__\d+|:\d+)+$`)
	// tensorFlowOp matches the name that an operation has within its layer: that
	// of its type, or one that the library or Keras gives it.
	tensorFlowOp = regexp.MustCompile(`^([A-Z]\w*|(convolution|depthwise|conv_transpose|add|sub|mul|truediv|div|pow|neg|strided_slice|concat|stack|unstack|transpose|reshape|split|mean|variance|matmul|zeros|ones|range)(_\d+)?)$`)
	// opScope matches the scopes that the library opens within a layer.
	opScope = regexp.MustCompile(`^(batchnorm|moments|Tensordot|while|cond|body)(_\d+)?$`)
)

// grouped splits a name whose parts are joined by underscores where they are
// numbered containers: "stage1_unit1_conv1" is "stage1.unit1.conv1". Names
// without a container, such as "conv2d_1", stay whole.
func grouped(name string) string {
	parts := strings.Split(name, "_")
	if len(parts) > 2 && countedWord.MatchString(parts[0]) && isNumber(parts[1]) { // Keras: "block_1_expand"
		parts = append([]string{parts[0] + "_" + parts[1]}, parts[2:]...)
	}
	n, holds := 0, false
	for n < len(parts)-1 && numbered.MatchString(parts[n]) {
		holds = holds || container.MatchString(parts[n])
		n++
	}
	if !holds {
		return name
	}
	return strings.Join(parts[:n], ".") + "." + strings.Join(parts[n:], "_")
}

var (
	numbered    = regexp.MustCompile(`^([A-Za-z]+_?)?\d+[a-z]?$`)
	container   = regexp.MustCompile(`^(stage|unit|block|layer|group|fire|inception|mixed|res|dense|bottleneck|branch|cell|encoder|decoder|transformer|head|level)_?\d+[a-z]?$`)
	countedWord = regexp.MustCompile(`^(stage|unit|block|layer|group|cell|encoder|decoder|level)$`)
)

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// weightModule reads the path of the module that a parameter belongs to from the
// parameter's name. node is the name of a node that reads it; it tells what
// cannot be told from a name alone.
func weightModule(name, node string) (path string, ok bool) {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "ConvBnFusion_W_"), "ConvBnFusion_BN_B_") // ONNX Runtime's optimiser
	if i := strings.Index(name, "__Inline_"); i >= 0 {
		name = name[i+len("__Inline_"):]
		name = name[strings.Index(name, "__")+1:]
		name = strings.TrimLeft(name, "_")
	}
	name = converterNumber.ReplaceAllString(name, "")
	switch {
	case strings.Contains(name, "::") || strings.HasPrefix(name, "/") || incidental.MatchString(name):
		return "", false
	case strings.Contains(name, "/"):
		return slashedWeight(name, node)
	case strings.Contains(name, "."):
		path = name[:strings.LastIndex(name, ".")]
		return path, dotted.MatchString(name)
	}
	return underscoredWeight(name, node)
}

var (
	incidental = regexp.MustCompile(`(?i)constant|helper|const_fold|(^|[./_])(tmp|val)_\d+|lifted_tensor`)
	dotted     = regexp.MustCompile(`^[\w-]+(\.[\w-]+)*\.[A-Za-z_]\w*$`)
	// variable matches what Keras and TensorFlow call the parameters of a layer.
	variable = regexp.MustCompile(`^(kernel|bias|gamma|beta|alpha|weights?|biases|embeddings|recurrent_kernel|depthwise_kernel|pointwise_kernel|depthwise_weights|moving_mean|moving_variance|ReadVariableOp\w*|merged_input|resource|read|shape|perm|axis|paddings)$`)
	// suffix matches what MXNet, Caffe2 and others put behind a layer's name.
	suffix = regexp.MustCompile(`_(weight|bias|gamma|beta|kernel|moving_mean|moving_var|running_mean|running_var|[wbs]_\d+|rm_\d+|riv_\d+|mean_\d+)$`)
)

func slashedWeight(name, node string) (path string, ok bool) {
	parts := strings.Split(name, "/")
	last := parts[len(parts)-1]
	if variable.MatchString(last) {
		parts = withoutOp(parts)
	} else if parts[len(parts)-1], ok = underscoredWeight(last, node[strings.LastIndex(node, "/")+1:]); !ok {
		return "", false
	}
	return joinGrouped(parts), len(parts) > 0
}

func underscoredWeight(name, node string) (path string, ok bool) {
	if node != "" && strings.HasPrefix(name, node+"_") {
		return grouped(node), true
	}
	at := suffix.FindStringIndex(name)
	if at == nil {
		return "", false
	}
	return grouped(name[:at[0]]), true
}

// joinGrouped joins the parts of a path, each split where it is grouped.
func joinGrouped(parts []string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = grouped(p)
	}
	return strings.Join(out, ".")
}

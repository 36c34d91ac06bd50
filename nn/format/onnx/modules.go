package onnx

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
)

// moduleOf reads the path of the module from the metadata that PyTorch's
// exporter (torch.onnx with dynamo=True) writes to nodes: the list of scopes,
// outermost first, in Python's spelling, the last of which is the operation
// itself: "[”, 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d_1']". Where that
// is absent, the namespace has them with their classes: ": Net/layer1:
// Sequential/conv2d_1: aten.conv2d.default".
func moduleOf(props []*onnxpb.StringStringEntryProto) string {
	module := ""
	for _, e := range props {
		switch e.GetKey() {
		case "pkg.torch.onnx.name_scopes":
			return lastButOne(pyStrings(e.GetValue()))
		case "namespace", "pkg.torch.onnx.namespace":
			scope := lastButOne(strings.Split(e.GetValue(), "/"))
			module, _, _ = strings.Cut(scope, ": ")
		}
	}
	return module
}

func lastButOne(list []string) string {
	if len(list) < 2 {
		return ""
	}
	return list[len(list)-2]
}

// pyStrings reads Python's spelling of a list of strings; nil if it is not one.
func pyStrings(s string) []string {
	s, ok := strings.CutPrefix(strings.TrimSpace(s), "[")
	if !ok {
		return nil
	}
	var out []string
	for {
		s = strings.TrimLeft(s, ", ")
		if s == "" || s[0] != '\'' && s[0] != '"' {
			return out
		}
		text, rest, ok := strings.Cut(s[1:], s[:1])
		if !ok {
			return out
		}
		out, s = append(out, text), rest
	}
}

package onnx

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
)

// moduleOf reads the path of the module from the metadata that PyTorch's
// exporter (torch.onnx with dynamo=True) writes to nodes: the list of scopes,
// outermost first, in Python's spelling, the last of which is the operation
// itself: "[”, 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d_1']".
func moduleOf(props []*onnxpb.StringStringEntryProto) string {
	for _, e := range props {
		if e.GetKey() != "pkg.torch.onnx.name_scopes" {
			continue
		}
		if scopes := pyStrings(e.GetValue()); len(scopes) >= 2 {
			return scopes[len(scopes)-2]
		}
	}
	return ""
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

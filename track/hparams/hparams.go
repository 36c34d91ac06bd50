// Package hparams reads what a training was configured with from a YAML file,
// as Lightning (hparams.yaml) and ultralytics (args.yaml) write it beside their
// logs.
package hparams

import (
	"fmt"
	"math"

	"go.yaml.in/yaml/v3"
)

// maxDepth bounds mappings and lists within each other, and maxSettings how many
// settings there are.
const (
	maxDepth    = 32
	maxSettings = 10_000
)

// Parse returns the settings of a document: nil, bool, float64, int64, string or
// a list of them under their names, those of a mapping within a mapping joined
// by slashes. Objects of Python are the mapping of their fields; nothing is ever
// made of them. Aliases are left out, so that a small file stays small.
func Parse(document []byte) (map[string]any, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	out := map[string]any{}
	if len(root.Content) == 0 {
		return out, nil
	}
	if root.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("it is no mapping of names to values")
	}
	return out, collect(out, "", root.Content[0], 0)
}

func collect(out map[string]any, name string, n *yaml.Node, depth int) error {
	if depth > maxDepth || len(out) > maxSettings {
		return fmt.Errorf("it has more than %d values, or %d within each other", maxSettings, maxDepth)
	}
	if n.Kind != yaml.MappingNode {
		if v, ok := value(n, depth); ok {
			out[name] = v
		}
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if name != "" {
			key = name + "/" + key
		}
		if key == "" {
			continue
		}
		if err := collect(out, key, n.Content[i+1], depth+1); err != nil {
			return err
		}
	}
	return nil
}

// value is that of a scalar or a list; false for what stands for another.
func value(n *yaml.Node, depth int) (any, bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		return scalar(n), true
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			if v, ok := value(item, depth+1); ok && depth < maxDepth {
				list = append(list, v)
			}
		}
		return list, true
	case yaml.MappingNode: // within a list
		inner := map[string]any{}
		return inner, depth < maxDepth && collect(inner, "", n, depth+1) == nil
	}
	return nil, false
}

func scalar(n *yaml.Node) any {
	var v any
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
		if n.Decode(&v) != nil {
			return n.Value
		}
	default:
		return n.Value
	}
	switch x := v.(type) {
	case bool:
		return x
	case int:
		return int64(x)
	case float64:
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			return x
		}
	}
	return n.Value
}

package tfgraph

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// parseKeras reads what a Keras model's to_json() gives, of Keras 1 to 3.
func parseKeras(text []byte) (*Outline, error) {
	var model map[string]any
	if err := json.Unmarshal(text, &model); err != nil {
		return nil, fmt.Errorf("it is no JSON of a Keras model: %w", err)
	}
	out := &Outline{}
	top := out.layer(model, "", 0)
	if top == nil {
		return nil, fmt.Errorf("it is no JSON of a Keras model: it has no class_name")
	}
	out.Nodes-- // the model itself
	out.Parts = []*Part{top}
	return out, nil
}

// layer reads a layer, or a model with its layers; nil is neither.
func (o *Outline) layer(l map[string]any, outer string, depth int) *Part {
	class, ok := l["class_name"].(string)
	if !ok || depth > maxDepth {
		return nil
	}
	o.Nodes++
	if o.Nodes-o.Left > maxParts {
		o.Left++
		return nil
	}
	config, _ := l["config"].(map[string]any)
	p := &Part{Op: class, Path: outer}
	p.Name, _ = config["name"].(string)
	if p.Name == "" {
		p.Name, _ = l["name"].(string)
	}
	if p.Path != "" {
		p.Path += "/"
	}
	p.Path += p.Name
	p.Shape, p.Detail = kerasShape(config), kerasSettings(config)
	p.From = history(l["inbound_nodes"], nil, 0)
	inner, _ := config["layers"].([]any)
	if list, ok := l["config"].([]any); ok { // Sequential of Keras 1
		inner = list
	}
	for _, key := range []string{"layer", "forward_layer", "backward_layer", "cell"} { // of wrappers
		inner = append(slices.Clip(inner), config[key])
	}
	for _, e := range inner {
		if l, ok := e.(map[string]any); ok {
			if c := o.layer(l, p.Path, depth+1); c != nil {
				p.Parts = append(p.Parts, c)
				p.Nodes += 1 + c.Nodes
			}
		}
	}
	return p
}

func kerasShape(config map[string]any) string {
	for _, key := range []string{"batch_shape", "batch_input_shape"} {
		if list, ok := config[key].([]any); ok {
			var extents []string
			for _, e := range list {
				text := "?"
				if v, ok := e.(float64); ok {
					text = number(v)
				}
				extents = append(extents, text)
			}
			return shapeText(extents)
		}
	}
	return ""
}

// kerasPlain are settings that say nothing, or what the part says already.
var kerasPlain = []string{"name", "dtype", "class_name", "data_format"}

func kerasSettings(config map[string]any) string {
	set := map[string]string{}
	for key, value := range config {
		if slices.Contains(kerasPlain, key) || strings.Contains(key, "shape") {
			continue
		}
		switch v := value.(type) {
		case string:
			if key != "activation" || v != "linear" { // which is none
				set[key] = v
			}
		case float64:
			set[key] = number(v)
		case []any:
			if text, ok := numbers(v); ok {
				set[key] = text
			}
		}
	}
	return settings(set)
}

func numbers(list []any) (string, bool) {
	var words []string
	for _, e := range list {
		v, ok := e.(float64)
		if !ok {
			return "", false
		}
		words = append(words, number(v))
	}
	return strings.Join(words, " "), len(words) > 0
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// history finds the layers that a layer takes from: whatever form the calls of a
// Keras version have, a tensor in it is [layer, call, output, ...].
func history(value any, found []string, depth int) []string {
	if depth > maxDepth || len(found) == maxFrom {
		return found
	}
	switch v := value.(type) {
	case []any:
		if len(v) >= 3 {
			name, isName := v[0].(string)
			_, isCall := v[1].(float64)
			if isName && isCall {
				if !slices.Contains(found, name) {
					found = append(found, name)
				}
				return found
			}
		}
		for _, e := range v {
			found = history(e, found, depth+1)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			found = history(v[key], found, depth+1)
		}
	}
	return found
}

package tfgraph

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

func message(fields ...[]byte) (out []byte) {
	for _, f := range fields {
		out = append(out, f...)
	}
	return out
}

func sub(number protowire.Number, body []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), body)
}

func text(number protowire.Number, s string) []byte { return sub(number, []byte(s)) }

func word(number protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), uint64(v))
}

func attr(name string, value []byte) []byte {
	return sub(nodeAttr, message(text(attrName, name), sub(attrValue, value)))
}

func extents(sizes ...int64) (out []byte) {
	for _, v := range sizes {
		out = append(out, sub(shapeDim, word(dimSize, v))...)
	}
	return out
}

func TestGraphDef(t *testing.T) {
	def := message(
		sub(graphNode, message(text(nodeName, "x"), text(nodeOp, "Placeholder"), attr("shape", sub(valueShape, extents(-1, 28))))),
		sub(graphNode, message(text(nodeName, "net/conv/Conv2D"), text(nodeOp, "Conv2D"), text(nodeInput, "x"), text(nodeInput, "net/conv/w"),
			attr("padding", text(valueText, "SAME")), attr("strides", sub(valueList, sub(listInt, []byte{1, 2, 2, 1}))),
			attr("_output_shapes", sub(valueList, sub(listShape, extents(-1, 14, 8)))), attr("_class", text(valueText, "hidden")), attr("attr", text(valueText, "{ value : 2}")))),
		sub(graphNode, message(text(nodeName, "net/conv/w"), text(nodeOp, "Const"), attr("value", sub(valueTensor, sub(tensorShape, extents(3, 3)))))),
		sub(graphLibrary, sub(libraryFunction, message(sub(functionSignature, text(signatureName, "body")), sub(functionDef, message(text(nodeName, "add"), text(nodeOp, "AddV2")))))),
	)
	o, err := Parse(def)
	if err != nil || o.Nodes != 4 || o.Left != 0 || len(o.Parts) != 3 {
		t.Fatalf("%+v, %v", o, err)
	}
	if x := o.Parts[0]; x.Op != "Placeholder" || x.Shape != "?×28" {
		t.Errorf("%+v", x)
	}
	net := o.Parts[1]
	if net.Name != "net/conv" || net.Nodes != 2 || len(net.Parts) != 2 {
		t.Fatalf("%+v", net)
	}
	conv := net.Parts[0]
	if conv.Name != "Conv2D" || conv.Shape != "?×14×8" || conv.Detail != "padding SAME, strides 1 2 2 1, value : 2" || strings.Join(conv.From, " ") != "x net/conv/w" || conv.Path != "net/conv/Conv2D" {
		t.Errorf("%+v", conv)
	}
	if w := net.Parts[1]; w.Shape != "3×3" {
		t.Errorf("%+v", w)
	}
	if f := o.Parts[2]; f.Name != "body" || f.Nodes != 1 || f.Parts[0].Op != "AddV2" {
		t.Errorf("%+v", f)
	}
}

// TestKeras reads how three versions of Keras say what a layer takes from.
func TestKeras(t *testing.T) {
	for name, inbound := range map[string]string{
		"Keras 2": `[[["a", 0, 0, {}], ["b", 0, 0, {}]]]`,
		"Keras 3": `[{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 4], "keras_history": ["a", 0, 0]}}, {"class_name": "__keras_tensor__", "config": {"keras_history": ["b", 0, 0]}}], "kwargs": {}}]`,
	} {
		o, err := Parse([]byte(`{"class_name": "Functional", "config": {"name": "m", "layers": [
			{"class_name": "InputLayer", "config": {"name": "a", "batch_shape": [null, 4]}},
			{"class_name": "Add", "config": {"name": "sum", "dtype": "float32", "trainable": true}, "inbound_nodes": ` + inbound + `},
			{"class_name": "Bidirectional", "config": {"name": "both", "layer": {"class_name": "LSTM", "config": {"name": "lstm", "units": 8}}}}]}}`))
		if err != nil || o.Nodes != 4 || len(o.Parts) != 1 {
			t.Fatalf("%s: %+v, %v", name, o, err)
		}
		m := o.Parts[0]
		if m.Op != "Functional" || m.Nodes != 4 || m.Parts[0].Shape != "?×4" || strings.Join(m.Parts[1].From, " ") != "a b" {
			t.Errorf("%s: %+v", name, m)
		}
		if inner := m.Parts[2].Parts[0]; inner.Op != "LSTM" || inner.Detail != "units 8" || inner.Path != "m/both/lstm" {
			t.Errorf("%s: %+v", name, inner)
		}
	}
}

// TestBounds: what is no graph is told, and what is too large is cut.
func TestBounds(t *testing.T) {
	for _, body := range []string{"{", "{}", `{"class_name": 3}`, "\x0a\xff", "\xff\xff\xff"} {
		if o, err := Parse([]byte(body)); err == nil {
			t.Errorf("%q is read as %+v", body, o)
		}
	}
	deep := strings.Repeat(`{"class_name":"Model","config":{"layers":[`, 1000) + strings.Repeat(`]}}`, 1000)
	if o, err := Parse([]byte(deep)); err != nil || o.Nodes > maxDepth+1 {
		t.Errorf("models in models: %+v, %v", o, err)
	}
	var def []byte
	for range maxParts + 7 {
		def = append(def, sub(graphNode, message(text(nodeName, strings.Repeat("a/", 1000)), text(nodeOp, "NoOp")))...)
	}
	o, err := Parse(def)
	if err != nil || o.Nodes != maxParts+7 || o.Left != 7+maxDepth { // the names around them are parts as well
		t.Fatalf("%d nodes, %d left out, %v", o.Nodes, o.Left, err)
	}
	if _, err := json.Marshal(o); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"class_name":"Sequential","config":[{"class_name":"Dense","config":{"units":3}}]}`))
	f.Add(sub(graphNode, message(text(nodeName, "a/b"), text(nodeOp, "Add"), attr("n", word(valueInt, -5)))))
	f.Fuzz(func(t *testing.T, body []byte) {
		if o, err := Parse(body); err == nil && o.Left > o.Nodes {
			t.Errorf("%+v", o)
		}
	})
}

// TestBeginsAsJSON has a first node of 123 bytes, whose length is a brace.
func TestBeginsAsJSON(t *testing.T) {
	node := message(text(nodeOp, "Add"), text(nodeName, strings.Repeat("n", 116)))
	if len(node) != '{' {
		t.Fatal(len(node))
	}
	if o, err := Parse(sub(graphNode, node)); err != nil || len(o.Parts) != 1 {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestNoNodes has a list of parts, which the page counts.
func TestNoNodes(t *testing.T) {
	o, err := Parse(nil)
	if err != nil || o.Parts == nil {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestDeepNames bounds the names between operators as well.
func TestDeepNames(t *testing.T) {
	var def []byte
	for i := range 2000 {
		name := strings.Repeat("/x", maxDepth-2)
		def = append(def, sub(graphNode, message(text(nodeName, strconv.Itoa(i)+name), text(nodeOp, "Add")))...)
	}
	o, err := Parse(def)
	if want := 2000 - (maxParts+maxDepth-2)/(maxDepth-1); err != nil || o.Nodes != 2000 || o.Left != want {
		t.Errorf("%d of %d left out, want %d; %v", o.Left, o.Nodes, want, err)
	}
}

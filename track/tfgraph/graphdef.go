package tfgraph

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/track/protofield"
)

// Fields of GraphDef, NodeDef, AttrValue and what lies in them
// (tensorflow/core/framework/{graph,node_def,attr_value,function}.proto).
const (
	graphNode, graphLibrary                         = 1, 2
	libraryFunction, functionSignature, functionDef = 1, 1, 3
	signatureName                                   = 1

	nodeName, nodeOp, nodeInput, nodeAttr                 = 1, 2, 3, 5
	attrName, attrValue                                   = 1, 2
	valueList, valueText, valueInt, valueFloat, valueBool = 1, 2, 3, 4, 5
	valueShape, valueTensor                               = 7, 8
	listInt, listShape                                    = 3, 7
	tensorShape                                           = 2
	shapeDim, shapeUnknown, dimSize                       = 2, 3, 1
)

func parseGraphDef(body []byte) (*Outline, error) {
	out := &Outline{}
	var nodes []node
	var functions []*Part
	err := protofield.Each(body, func(f *protofield.Field) (err error) {
		switch f.Number {
		case graphNode:
			nodes, err = appendNode(nodes, f.Bytes)
		case graphLibrary:
			functions, err = out.library(f.Bytes)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("it is no graph of TensorFlow: %w", err)
	}
	out.Parts = append(out.grow(nodes), functions...)
	return out, nil
}

// library reads the functions that operators call by their names.
func (o *Outline) library(data []byte) (parts []*Part, err error) {
	err = protofield.Each(data, func(f *protofield.Field) error {
		if f.Number != libraryFunction {
			return nil
		}
		name, nodes := "", []node(nil)
		err := protofield.Each(f.Bytes, func(f *protofield.Field) (err error) {
			switch f.Number {
			case functionSignature:
				return protofield.Each(f.Bytes, func(f *protofield.Field) error {
					if f.Number == signatureName {
						name = f.Text()
					}
					return nil
				})
			case functionDef:
				nodes, err = appendNode(nodes, f.Bytes)
			}
			return err
		})
		if inner := o.grow(nodes); len(inner) > 0 {
			p := &Part{Name: name, Path: name, Parts: inner}
			for _, c := range inner {
				if p.Nodes += c.Nodes; c.Op != "" {
					p.Nodes++
				}
			}
			parts = append(parts, p)
		}
		return err
	})
	return parts, err
}

func appendNode(nodes []node, data []byte) ([]node, error) {
	n, set := node{}, map[string]string{}
	err := protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case nodeName:
			n.name = f.Text()
		case nodeOp:
			n.op = f.Text()
		case nodeInput:
			if len(n.from) < maxFrom {
				n.from = append(n.from, f.Text())
			}
		case nodeAttr:
			return n.attr(f.Bytes, set)
		}
		return nil
	})
	n.detail = settings(set)
	return append(nodes, n), err
}

// attr takes a setting. The shapes of what is put out are one that TensorFlow
// and PyTorch add.
func (n *node) attr(data []byte, set map[string]string) error {
	name, value := "", []byte(nil)
	err := protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case attrName:
			name = f.Text()
		case attrValue:
			value = f.Bytes
		}
		return nil
	})
	if err != nil {
		return err
	}
	return protofield.Each(value, func(f *protofield.Field) (err error) {
		text := ""
		switch f.Number {
		case valueList:
			var shapes []string
			if text, shapes, err = list(f.Bytes); name == "_output_shapes" && len(shapes) > 0 {
				n.shape = shapes[0]
			}
		case valueText:
			text = strings.TrimSpace(f.Text())
			if name == "attr" { // all that PyTorch tells, as "{stride: [1, 1]}"
				name, text = "", strings.Trim(text, "{} ")
			}
		case valueInt:
			if f.Word != 0 { // as most masks are
				text = strconv.FormatInt(int64(f.Word), 10)
			}
		case valueFloat:
			text = strconv.FormatFloat(float64(math.Float32frombits(uint32(f.Word))), 'g', -1, 32)
		case valueBool:
			text = map[bool]string{true: "yes"}[f.Word != 0]
		case valueShape:
			if n.shape == "" && name == "shape" {
				n.shape, err = shape(f.Bytes)
			}
		case valueTensor:
			if n.shape == "" && name == "value" {
				n.shape, err = shapeOfTensor(f.Bytes)
			}
		}
		if text != "" && !strings.HasPrefix(name, "_") {
			set[name] = text
		}
		return err
	})
}

func shapeOfTensor(data []byte) (text string, err error) {
	err = protofield.Each(data, func(f *protofield.Field) (err error) {
		if f.Number == tensorShape {
			text, err = shape(f.Bytes)
		}
		return err
	})
	return text, err
}

// list reads whole numbers and shapes.
func list(data []byte) (numbers string, shapes []string, err error) {
	const most = 8 // numbers that are written
	var words []string
	err = protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case listInt:
			packed := f.Bytes
			if packed == nil {
				packed = protowire.AppendVarint(nil, f.Word)
			}
			for len(packed) > 0 && len(words) < most {
				v, n := protowire.ConsumeVarint(packed)
				if n < 0 {
					return protowire.ParseError(n)
				}
				words, packed = append(words, strconv.FormatInt(int64(v), 10)), packed[n:]
			}
		case listShape:
			if len(shapes) > 0 {
				return nil
			}
			text, err := shape(f.Bytes)
			shapes = append(shapes, text)
			return err
		}
		return nil
	})
	return strings.Join(words, " "), shapes, err
}

func shape(data []byte) (string, error) {
	const most = 16 // extents that are written
	var extents []string
	unknown := false
	err := protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case shapeUnknown:
			unknown = f.Word != 0
		case shapeDim:
			size := int64(0)
			err := protofield.Each(f.Bytes, func(f *protofield.Field) error {
				if f.Number == dimSize {
					size = int64(f.Word)
				}
				return nil
			})
			text := "?"
			if size >= 0 {
				text = strconv.FormatInt(size, 10)
			}
			if len(extents) < most {
				extents = append(extents, text)
			}
			return err
		}
		return nil
	})
	if unknown {
		return "", err
	}
	return shapeText(extents), err
}

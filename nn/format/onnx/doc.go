// Package onnx reads ONNX files of every IR version and opset into ir.Graph.
//
// Initializers become constants and are no graph inputs, also where the file
// lists them as inputs. Constant nodes are folded into the values they make.
// Weights in external files are read from the model's own folder and nowhere
// else; if such a file is absent, the value says why in Missing and the graph
// can still be drawn. The element bytes of a weight go straight from the file
// to where they stay, so reading takes little more memory than the file's size.
//
// What the file says of itself is in Graph.Meta, under the keys
//
//	format              "onnx"
//	ir_version          the version of the file layout, such as "8"
//	producer_name       what wrote the file, such as "pytorch"
//	producer_version
//	domain              the model's name space, such as "com.example.vision"
//	model_version
//	metadata.<key>      the model's own metadata
//	graph.<key>         the graph's own metadata
//	denotation.<value>  what an input or output stands for, such as "IMAGE"
//	denotation.<value>.<axis>  what an axis of it is, such as "DATA_CHANNEL"
//	training            "yes" if the file also says how to train the model
//
// absent where the file says nothing. Graph.Doc is the model's description, or
// else the graph's.
//
// The reference is the ONNX IR specification (github.com/onnx/onnx, docs/IR.md)
// up to IR version 14.
package onnx

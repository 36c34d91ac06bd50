// Package ort runs graphs on ONNX Runtime, whose shared library it loads while
// the program runs, without cgo. The library is not part of Tomo: it is found
// where the user says (Options.Library, TOMO_ORT) or where the system keeps
// libraries, and New says how to get it where it is absent.
//
// A program is made of the part of the graph that the question needs, with the
// shapes settled and what they make constant folded. Gradient operators, which
// ONNX does not have, are lowered to ONNX operators for these shapes (lower.go
// and the files of the families); one that has no lowering is named by an
// UnsupportedError. The whole is brought to one version of the operator set
// (opset.go), written as an ONNX model and handed over.
//
// The C API is https://onnxruntime.ai/docs/api/c, OrtApi of version 17.
package ort

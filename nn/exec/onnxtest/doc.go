// Package onnxtest runs the backend tests of the ONNX project: models of one
// operator or a few, with inputs and the outputs they must have.
package onnxtest

// Package onnxpb holds the protocol-buffer messages of ONNX files.
// onnx.pb.go is made from onnx.proto by protoc and committed, so that building
// needs neither.
package onnxpb

//go:generate sh -c "protoc --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) --go_out=paths=source_relative:../../../.. --proto_path=../../../.. nn/format/onnx/onnxpb/onnx.proto"

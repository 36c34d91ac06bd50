// Package op says what each operator means: how it infers the types of its
// outputs, computes them, what its gradient is and what it costs. One file
// holds one family of operators, and one Op value everything about one.
//
// The operators are those of ONNX in all versions of their opsets (a rule
// reads Node.Version where the versions differ), and a few of the domain
// "tomo" that gradient rules emit because ONNX has no short spelling for them,
// such as the gradients of convolution and pooling.
//
// Eval is the reference: plain Go, one operator at a time, in the element type
// of its inputs. nn/exec has executors that are faster and are tested against
// it.
package op

// Package ir is the graph that every model file becomes: nodes, values, shapes
// with symbolic dimensions, attributes, and the module hierarchy. It knows no
// kernel and no file format; nn/op says what an operation means, nn/exec runs
// graphs, nn/autodiff extends them with gradients.
//
// Nodes and values are held in slices and named by index (NodeID, ValueID), so
// a graph is copied, compared and annotated with plain slices beside it. A
// value has exactly one producer: a node's output, or none for the graph's
// inputs and for constants.
package ir

// Package tfgraph reads the graphs of computation that trainings log beside
// their curves, as an outline: GraphDef messages, which TensorFlow and PyTorch
// write (tensorflow/core/framework/graph.proto), and the JSON of Keras models.
package tfgraph

// Package train trains graphs with the engine's own gradients: mini-batches of
// labelled samples, an optimizer, and progress for whoever watches.
package train

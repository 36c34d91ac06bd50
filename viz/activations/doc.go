// Package activations shows what the layers of a network put out, for one
// picture or over a collection.
//
// Whatever a layer puts out is read as channels over places (model.Grid), so
// that convolutions, tokens and vectors are treated alike; a channel is also
// called a unit. Each view is one line of the table in views.go and a collector:
// it is given what the layers put out for one picture after another, and makes
// a figure of what it has seen so far. Only collectors hold anything, so that a
// folder of a thousand pictures takes no more memory than a few.
package activations

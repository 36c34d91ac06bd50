// Package autodiff extends a graph with one that computes gradients: reverse
// mode over the rules of nn/op, each of which emits ordinary nodes. So an
// executor runs a gradient as it runs a model, a gradient can be fetched along
// with any other value, and a gradient graph can be extended again for second
// derivatives.
//
// Rules replace the gradient of an operator by name; guided backpropagation and
// the like are that and no special executor.
package autodiff

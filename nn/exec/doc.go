// Package exec runs graphs. An Executor compiles a graph for the values that
// are fed and fetched, any values, including intermediate ones and gradients,
// into a Program for fixed shapes. A Session keeps the programs of one graph,
// so that asking again costs nothing but the run.
//
// Two executors are here: Plain runs one operator at a time on the reference
// of nn/op; Native compiles a plan and is the default. Control flow (If, Loop,
// Scan) is run by this package for both: a branch or a body is a graph, which
// the same executor compiles.
//
// # How a plan is made
//
// Prepare cuts the graph to what the question needs, inlines functions and
// takes the branches that are known. Shapes are then inferred for the feeds and
// what they make constant is folded (nn/pass). Where an operator's output shape
// depends on elements, a stagedProgram plans what comes before and compiles the
// rest when the shapes are there.
//
// A planner turns nodes into stages by the table of lowerings: one file per
// family of kernels, each of which may take along the nodes behind it whose
// values nobody else reads (a convolution with its normalisation, sum and
// activation). What has no lowering, for its operator, its element types
// (everything but float32) or its shapes, is run by the reference.
//
// A layout then gives float32 values places in one arena, by when they live;
// element-wise stages write over operands that die, and the parts of a
// concatenation are made where they belong. What is fetched gets memory of its
// own, so that the caller may keep it. Weights are packed in the order of the
// kernels once and shared by the plans that use them (packs).
package exec

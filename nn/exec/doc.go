// Package exec runs graphs. An Executor compiles a graph for the values that
// are fed and fetched, any values, including intermediate ones and gradients,
// into a Program for fixed shapes. A Session keeps the programs of one graph,
// so that asking again costs nothing but the run.
//
// Two executors are here: Plain runs one operator at a time on the reference
// of nn/op; Native compiles a plan with packed weights, fused epilogues and
// reused memory, and is the default.
package exec

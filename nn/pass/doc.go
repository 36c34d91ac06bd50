// Package pass looks at whole graphs and rewrites them without changing what
// they compute: Infer works out the types of all values, Extract keeps what a
// question needs, Inline replaces calls of functions by their bodies, Fold
// computes what is the same in every run, and Bypass removes operators that do
// nothing.
//
// A pass returns a new graph and leaves its argument alone. Every value keeps
// its ValueID, so a value of the user's graph is found in the rewritten one;
// new values are appended. Nodes must be sorted (ir.Graph.Sort) and stay so.
package pass

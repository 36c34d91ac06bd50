// Package arch draws a network's architecture: operators as boxes in layers,
// modules as nested boxes that open and fold, with shapes, parameters and
// cost; or the same as a table.
//
// The steps, one file each: survey.go asks what each node makes and costs,
// plumbing.go which are worth showing, weights.go what they hold; modules.go
// finds the tree of modules, and flow.go what the data flow says against it;
// choose.go decides which modules are open, and steps.go what is drawn together
// where that is not enough; draw.go and edges.go make boxes and lines of what
// is left, names.go says what they are called, place.go lays them out; table.go
// writes the tree as rows.
package arch

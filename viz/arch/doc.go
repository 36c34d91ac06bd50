// Package arch draws a network's architecture: operators as boxes in layers,
// modules as nested boxes that open and fold, with shapes, parameters and
// cost; or the same as a table.
//
// The steps, one file each: survey.go asks what each node makes, holds and
// costs; modules.go finds the tree of modules; choose.go decides which are
// open; draw.go makes boxes and edges of what is left and lays them out;
// table.go writes the tree as rows.
package arch

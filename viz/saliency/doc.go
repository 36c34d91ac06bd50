// Package saliency shows what of an input an answer rests on: attribution maps
// over pictures, signals, volumes and other arrays, and tables of features and of
// tokens.
//
// Each method gives every number of the input, or every place, a share in the
// score of one class. Some read gradients, of the input or of variations of it;
// some send the score back by rules of their own; some ask the network what it
// makes of the input with parts of it hidden. See variants.go for the table of
// them.
package saliency

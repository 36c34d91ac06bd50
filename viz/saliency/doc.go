// Package saliency shows which pixels an answer rests on: attribution maps over
// the input picture.
//
// Each method gives every number of the prepared picture, or every pixel, a
// share in the score of one class. Some read gradients, of the picture or of
// variations of it; some send the score back by rules of their own; some ask the
// network what it makes of the picture with parts of it hidden. See variants.go
// for the table of them.
package saliency

// Package cam shows where a network looks: class activation maps over the
// input picture.
//
// A layer's output A is a stack of C small maps. Each method weighs them by
// what they say about one class and adds them up; the result is enlarged and
// laid over the picture. Most variants are pure functions of A and of the
// gradient of the class's score with respect to A; the others, probes, run the
// network again. See variants.go for the table of them.
package cam

// Package lab makes pictures whose truth is known, and small networks trained
// on them in half a minute: what techniques show of these networks can be held
// against what is really there. `tomo demo` opens them.
//
// The pictures are shapes on textured grounds. The honest network learns to
// name the shape. The cheater is taught on pictures in which a small mark in
// a corner betrays the class while the shape says nothing; it names the mark.
//
// A Deep network is there for its gradients, which vanish, explode or are sound by
// the way its weights are drawn.
package lab

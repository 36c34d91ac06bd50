// Package query is a small language for conditions on runs:
//
//	lr < 0.01 and (optimizer = adam or name ~ "^trial") and not val/loss.min > 0.4
//
// A comparison has a key on its left: anything that who asks knows by name. On its
// right is a number, a word, or a text in quotes; keys with blanks or signs in
// them are put in quotes, too. The signs are = != < <= > >= and ~, which takes a
// regular expression. Numbers are compared by value where both sides are numbers,
// else as texts. A key that a run does not have makes its comparison false, but
// for !=.
package query

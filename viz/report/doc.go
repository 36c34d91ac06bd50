// Package report explains one answer of a network to a reader who did not train
// it: what the network says, where it looks by several methods, whether they
// agree, what tests of the maps say, and when to distrust them, in words.
package report

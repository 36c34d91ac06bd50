// Package inspect answers plain questions about a model: what are its values
// for this input, does it run and where does it go wrong, and what takes the
// time. The verbs run, check and profile are printed from it.
package inspect

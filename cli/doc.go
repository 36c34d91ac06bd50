// Package cli is Tomo's command line: a verb for each technique, derived from
// its description, and one file for each verb that is none. Every verb's file
// has the same parts: the command, its options, and the function that runs it.
package cli

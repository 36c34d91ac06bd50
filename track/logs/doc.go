// Package logs finds the logs of trainings below folders and keeps all they
// hold in stores of package track, which everything else reads.
//
// A library has one store for each path it was opened with: an index, kept in
// the user's cache folder between starts, so that only what was written since
// is read. A file that grows is read on from where it ended, one that was
// replaced from its beginning. What cannot be read is reported, once, and keeps
// nothing else from being read.
//
// Each format of logs is one value of the table in format.go. Its reader knows
// nothing of stores: it hands what a file holds to a Sink.
package logs

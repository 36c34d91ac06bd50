// Package track keeps the runs of trainings: their configurations, tags,
// metrics of any length, histograms, images and texts, in one SQLite file.
//
// What Log has returned without an error survives a crash of the program and
// of the machine. It is written to a journal in the file and synchronized with
// it, together with what else waits at that moment; the columns and the pyramids
// of the metrics (package series) are brought up to date now and then, from
// memory, and the journal is cut in the same transaction. Memory holds the ends
// of the metrics that are being written, and no more.
package track

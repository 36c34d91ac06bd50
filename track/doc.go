// Package track keeps the runs of trainings: their configurations, tags,
// metrics of any length, histograms, images and texts, in one SQLite file.
//
// What Log has returned without an error survives a crash of the program and
// of the machine. One goroutine writes, and takes all that waits into one
// transaction: chunks of points that are full go where they stay, compressed and
// under their pyramids (package series), and the points behind them into a
// journal, which is brought into chunks now and then, from memory, and emptied in
// the same transaction. Memory holds the ends of the metrics that are being
// written, and no more. Import takes the same way in larger pieces, with what an
// importer must remember.
package track

// Package textlog reads what trainings log as text: tables of delimited cells
// (Keras' CSVLogger, Lightning's metrics.csv, ultralytics' results.csv, fastai's
// history.csv, baselines' progress.csv and monitor.csv, whatever is like them),
// and JSON objects, one a line.
//
// Both are rows of numbers by names at a step. Which separator, which columns
// hold the step, the time and the split, and which cells are numbers, is told
// from the file; role.go and cell.go have the rules. Names are kept as they are.
//
// A file that is being written ends in the midst of a line; that is no fault,
// and reading goes on when there is more, also from a State that was kept. What
// is wrong in a line costs that line.
package textlog

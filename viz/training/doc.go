// Package training shows how trainings went: curves of any number of runs,
// tables, what was logged by step, and verdicts.
//
// Each view is one line of the table in views.go. What is computed lies in packages
// of its own: role tells what a metric measures, curve samples, smooths and aligns
// metrics, findings judges runs.
package training

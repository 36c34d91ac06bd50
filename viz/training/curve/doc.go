// Package curve is what charts and verdicts compute from the metrics of runs:
// samples at the resolution of a chart, exact smoothing, one metric against
// another, means over several runs.
package curve

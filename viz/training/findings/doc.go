// Package findings judges trainings by their metrics: overfitting, divergence,
// plateaus, spikes, values that are not finite, the end of the learning rate's
// warm-up, and where one may stop early.
//
// Every detector is a function of one or two Series that returns what it found
// with the numbers it rests on. All compare levels, which are means over many
// points, with the noise of single points, which is measured by what neighbours
// differ (Noise): a finding must stand out of the noise and be large enough to
// matter. The constants that say how far are named beside each detector, and
// tests over synthetic trainings of known truth count false alarms and misses.
package findings

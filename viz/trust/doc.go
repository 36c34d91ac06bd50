// Package trust says how far a map of evidence may be believed. It measures
// maps by what the literature asks of them: that the answer falls where the heat
// is taken away, that heat lies on what is known to matter, that it changes
// little with noise and much with the weights. Techniques that make maps hand
// over their methods, and get a comparison or the words for a report.
package trust

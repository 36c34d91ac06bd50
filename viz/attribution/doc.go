// Package attribution holds what the techniques share that explain one answer
// of a network: the answer itself, what of it is explained (a Target), how the
// network is asked again about variations of the picture, and when a map of
// evidence says nothing.
package attribution

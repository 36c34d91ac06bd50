// Package gradients shows how the gradient flows through a network while it
// learns, and says in words what is wrong with it.
//
// What is looked at is a history: for each parameter, in the order of the
// network, what is known of it at each of several moments. Moments are batches of
// labelled data that the network is given, checkpoints of a training, or steps of
// one that was logged; each source (batches.go, checkpoints.go, logged.go) makes a
// history, and views (views.go) and rules (rules.go) look at histories and know no
// sources.
package gradients

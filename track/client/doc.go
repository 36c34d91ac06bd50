// Package client logs a training to a Tomo server while it runs.
//
// What is logged is buffered, sent in batches in the background, and sent again,
// with growing pauses, while the server cannot be reached or has no room; a batch
// whose answer was lost is not kept twice. Memory is bounded: a training that
// logs faster than the server takes in waits, or drops points and is told, as it
// likes.
package client

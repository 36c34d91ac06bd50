// Package tfevents reads TensorBoard's event files: records of a length, a
// checksum and a protocol buffer of type tensorflow.Event, as the summary
// writers of TensorFlow 1 and 2, Keras, PyTorch and tensorboardX write them.
//
// A file that is being written ends in the midst of a record; that is no fault,
// and Next can be called again when the file has grown.
package tfevents

// Package wandb reads the files that the client of Weights & Biases writes on the
// machine that trains, run-ID.wandb in wandb/run-* and wandb/offline-run-*: a log
// in the format of LevelDB's, with a checksum of another kind, of protocol
// buffers of type wandb_internal.Record. Clients from 0.10
// to 0.31 write the same but for dictionaries, see items.
//
// A file that is being written, or whose writer was killed, ends in the midst of
// a record; that is no fault, and Next can be called again when it has grown. A
// damaged record costs what is left of its block of 32 KiB.
package wandb

// Command logs measures the reading of TensorBoard's event files beside
// TensorBoard's data server, which is written in Rust.
//
//	go run ./bench/logs -peer SERVER
//
// SERVER is the program in the Python package tensorboard-data-server
// (tensorboard_data_server.server_binary()). Both read a generated file of
// scalars, 1 GiB unless -mib says otherwise, with the checksums of all records
// verified: the server as TensorBoard starts it, keeping a sample of each curve,
// and Tomo into an empty index, keeping every point. Then Tomo opens the file
// again from its index, and a log of 12,345 tags for the first time and again.
// The times are those of new processes, from their start to their saying that
// all is read. The file is written below the system's temporary folder, and
// deleted.
package main

// Command bench measures Tomo beside ONNX Runtime and PyTorch: how long a
// network takes forward, with the gradient of its input, and with those of all
// its parameters; how much memory a process takes that does only that, and how
// long until its first result. `make bench` runs it; the flags go into ARGS:
//
//	make bench                                          # everything, some ten minutes
//	make bench ARGS="-networks resnet18 -batches 1 -rounds 5 -parts time"
//	make bench ARGS="-engines tomo,ort -tasks forward"  # without PyTorch
//	make bench BENCH_PYTHON=/usr/bin/python3            # PyTorch from there
//
// Rows go to .bench/bench.json and are all written as a table to .bench/bench.md;
// a run replaces the rows that it measures and keeps the others.
//
// # What makes the figures comparable
//
//   - Every engine gets the same network, weights, input and seed gradient, and
//     what it computes is compared first: it must agree with Tomo's to 1e-4 of the
//     largest element of each array, for gradients to what rounding makes of them
//     (agree.go). What does not agree is not timed.
//   - The engines take turns, A B C B C A C A B, in one run with the same number
//     of threads. A turn is some 0.1 s of runs; a figure is the median over the
//     rounds, beside the minimum.
//   - Each engine is a process of its own, stopped while it is not its turn: its
//     threads cannot spin into the turn of another. Turns during which other
//     processes use the machine are taken again.
//   - ONNX Runtime runs Tomo's gradient graphs, since it has no gradients. PyTorch
//     runs eagerly, in inference mode where no gradient is wanted, with normal and
//     with channels-last memory, and the faster of the two counts.
//   - Batch normalizations use their running statistics, also under gradients.
//
// The table shows the machine's peak of fused multiply-adds, measured in the
// same run, and what share of it Tomo reaches.
package main

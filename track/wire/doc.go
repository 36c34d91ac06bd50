// Package wire is how a batch of points goes to a server over HTTP: as JSON, for
// people and scripts, and as columns of numbers, for speed.
//
// # JSON
//
// Content-Type: application/json. Every part may be missing:
//
//	{
//	  "id": "a7f3-12",                      // kept once under this ID, however often it is sent
//	  "rows": [                             // values at a step
//	    {"step": 10, "time": 1700000000.25, "values": {"loss/train": 0.71, "lr": 0.001}}
//	  ],
//	  "metrics": [                          // or columns
//	    {"name": "loss/val", "steps": [10, 20], "values": [0.9, 0.8], "times": [1700000000, 1700000060]}
//	  ],
//	  "config": {"batch_size": 32},         // any JSON
//	  "tags": {"host": "gpu-3"},
//	  "records": [
//	    {"kind": "text", "name": "sample", "step": 10, "text": "Once upon a time"},
//	    {"kind": "histogram", "name": "weights", "step": 10, "histogram": {"edges": [-1, 0, 1], "counts": [3, 5]}},
//	    {"kind": "image", "name": "input", "step": 10, "body": "iVBORw0KGgo…"}   // base64
//	  ]
//	}
//
// Times are in seconds since 1970; what has none has that of its arrival.
// Numbers may be NaN, Infinity and -Infinity, bare as Python writes them or as
// texts; null is NaN, but no step. A batch has at most 65,536 metrics, whichever
// way it is sent.
//
// # Columns
//
// Content-Type: application/x-tomo-batch. Numbers are little-endian; a uvarint
// is that of Protocol Buffers and Go's encoding/binary:
//
//	"tomo" 0x01
//	uvarint, bytes            the batch's ID, its length first
//	uvarint                   how many metrics follow; of each:
//	  uvarint, bytes            its name
//	  uvarint n                 how many points
//	  byte                      1: n times follow; 2: steps are consecutive; 3: both
//	  float64 × n               steps; with bit 2 only the first one
//	  int64 × n                 with bit 1, times in microseconds since 1970, 0 for that of arrival
//	  float64 × n               values
//	uvarint, bytes            the rest of the batch as the JSON above, or nothing
package wire

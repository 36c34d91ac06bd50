// Package ingest takes runs of trainings over HTTP: it is the API that scripts
// send to while they train.
//
//	POST /api/runs             make a run, or go on with one: a wire.Run as JSON;
//	                           answers {"id": …}
//	POST /api/runs/{id}/batch  log a batch: JSON or columns, see package wire;
//	                           answers {"points": …, "records": …}
//	POST /api/runs/{id}/cut    take back what was logged from a step on: a wire.Cut
//	POST /api/runs/{id}/end    say what became of the run: a wire.End
//
// An answer of 200 means that all of it is on disk, and survives a crash of the
// program and of the machine; any other that nothing of it is kept. A batch with
// an ID can be sent again after an answer was lost: it is kept once.
//
// Errors are {"error": text, "kind": …} and say what is wrong and where:
//
//	400 user      it is refused as it is, and always will be
//	404 notfound  there is no such run
//	413 user      it is longer than Options.MaxBody
//	415 user      its Content-Type is neither JSON nor columns
//	429 busy      so much is being taken in that there was no room within
//	              Options.Patience; Retry-After says when to try again
//	503 busy      the server is closing
//	507 full      there is no room on the disk; it may be sent again
//	500 bug
//
// So a client sends again, unchanged, what failed with 429 or from 500 on, and
// slows down: requests wait while the store is busy, which is the backpressure.
package ingest

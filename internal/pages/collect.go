package pages

import (
	"os"
	"runtime/debug"
	"sync/atomic"
)

// Go collects garbage when the heap has doubled, because looking for it costs as
// much as there are pointers to follow. Arrays have none: beside a gigabyte of
// weights and results, a second one of dead results would be kept to save a few
// milliseconds. A process that makes this many bytes of large arrays therefore
// collects when its heap has grown by a quarter, unless GOGC says otherwise.
const (
	many    = 1 << 30
	percent = 25
)

var made atomic.Int64 // bytes of large arrays, up to many

// account counts a large array.
func account(size int64) {
	if made.Load() >= many {
		return
	}
	if now := made.Add(size); now >= many && now-size < many && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

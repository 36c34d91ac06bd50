package pages

import (
	"os"
	"runtime/debug"
	"sync/atomic"
)

// Go collects garbage when the heap has doubled, because looking for it costs as
// much as there are pointers to follow. Arrays have none: beside a gigabyte of
// weights and results, a second one of dead results would be kept to save a few
// milliseconds. A process that makes this many bytes of large arrays should
// collect when its heap has grown by a quarter.
const (
	many    = 1 << 30
	percent = 25
)

var (
	made   atomic.Int64 // bytes of large arrays, up to many
	frugal atomic.Bool
)

// CollectSooner lets this process collect garbage sooner once it makes many large
// arrays, unless GOGC says how it shall. It is for programs, before they begin:
// the setting is the whole process's, which a library leaves alone.
func CollectSooner() { frugal.Store(os.Getenv("GOGC") == "") }

// account counts a large array.
func account(size int64) {
	if !frugal.Load() || made.Load() >= many {
		return
	}
	if now := made.Add(size); now >= many && now-size < many {
		debug.SetGCPercent(percent)
	}
}

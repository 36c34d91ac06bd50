package pages

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// large is the size of a large page where a small one has 4 KiB. Elsewhere large
// ones are larger than what is taken here.
const large = 2 << 20

var small = os.Getpagesize() == 4<<10

// advise asks for large pages for all that a slice of the given size at p
// touches. The pages at its ends hold other things of Go's heap, which comes in
// multiples of a large page. It is advice: where it fails nothing is lost.
func advise(p unsafe.Pointer, size uintptr) {
	if !small {
		return
	}
	before := uintptr(p) % large
	length := (before + size + large - 1) / large * large
	// Not by unix.Madvise: no slice may reach beyond what was allocated.
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(p)-before, length, unix.MADV_HUGEPAGE)
}

// Package pages makes large slices that are quick to touch for the first time.
//
// The system gives a process memory when it is first touched, 4 KiB at a time by
// default, which for the weights of a network takes longer than reading them
// does. In pages of 2 MiB it takes a few hundredths of that, and the processor
// finds its way about in them faster. Linux uses them where it is asked to
// (madvise(2), MADV_HUGEPAGE); other systems decide on their own.
package pages

import (
	"strings"
	"unsafe"
)

// least is from how many bytes on large pages are asked for.
const least = 256 << 10

// Make returns a slice of n zeros, as make does.
func Make[T any](n int) []T {
	s := make([]T, n)
	var zero T
	if size := uintptr(n) * unsafe.Sizeof(zero); size >= least {
		account(int64(size))
		advise(unsafe.Pointer(unsafe.SliceData(s)), size)
	}
	return s
}

// Dirty is Make for numbers that are all written before they are read: they are
// whatever lay in the memory before. Go clears large slices on one thread, which
// for results of a network's size takes longer than computing some of them.
func Dirty[T Number](n int) []T {
	size := n * int(unsafe.Sizeof(T(0)))
	if size < least {
		return make([]T, n)
	}
	account(int64(size))
	var b strings.Builder // whose memory Go does not clear
	b.Grow(size)
	b.WriteByte(0) // so that there is a string to point to
	p := unsafe.Pointer(unsafe.StringData(b.String()))
	advise(p, uintptr(size))
	return unsafe.Slice((*T)(p), n)
}

// A Number is an element that any bits make.
type Number interface{ ~float32 | ~float64 }

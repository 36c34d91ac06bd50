// Package pages makes large slices that are quick to touch for the first time.
//
// The system gives a process memory when it is first touched, 4 KiB at a time by
// default, which for the weights of a network takes longer than reading them
// does. In pages of 2 MiB it takes a few hundredths of that, and the processor
// finds its way about in them faster. Linux uses them where it is asked to
// (madvise(2), MADV_HUGEPAGE); other systems decide on their own.
package pages

import "unsafe"

// least is from how many bytes on large pages are asked for.
const least = 256 << 10

// Make returns a slice of n zeros, as make does.
func Make[T any](n int) []T {
	s := make([]T, n)
	var zero T
	if size := uintptr(n) * unsafe.Sizeof(zero); size >= least {
		advise(unsafe.Pointer(unsafe.SliceData(s)), size)
	}
	return s
}

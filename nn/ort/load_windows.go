//go:build !noort && (amd64 || arm64)

package ort

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// load loads a shared library and returns the address of its entry point. What
// it needs is looked for in its own folder and the system's, never in the
// working folder, and neither is a library that is named without a folder.
func load(path string) (uintptr, error) {
	flags := uintptr(windows.LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
	if isPath(path) {
		flags |= windows.LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR
	}
	handle, err := windows.LoadLibraryEx(path, 0, flags)
	if err != nil {
		return 0, err
	}
	return windows.GetProcAddress(handle, entryPoint)
}

//go:uintptrescapes
func call(f uintptr, args ...uintptr) uintptr {
	r, _, _ := syscall.SyscallN(f, args...)
	return r
}

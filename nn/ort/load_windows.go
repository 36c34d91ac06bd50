//go:build !noort && (amd64 || arm64)

package ort

import "syscall"

// load loads a shared library and returns the address of its entry point.
func load(path string) (uintptr, error) {
	handle, err := syscall.LoadLibrary(path)
	if err != nil {
		return 0, err
	}
	return syscall.GetProcAddress(handle, entryPoint)
}

//go:uintptrescapes
func call(f uintptr, args ...uintptr) uintptr {
	r, _, _ := syscall.SyscallN(f, args...)
	return r
}

//go:build !noort && (linux || darwin) && (amd64 || arm64)

package ort

import "github.com/ebitengine/purego"

// load loads a shared library and returns the address of its entry point.
func load(path string) (uintptr, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return 0, err
	}
	return purego.Dlsym(handle, entryPoint)
}

//go:uintptrescapes
func call(f uintptr, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(f, args...)
	return r
}

//go:build !amd64 && !arm64

package kernel

// spinPause does nothing where the processor has no hint for waiting loops.
func spinPause() {}

//go:build amd64 || arm64

package kernel

// spinPause tells the processor that the thread waits in a loop.
func spinPause()

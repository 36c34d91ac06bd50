//go:build !linux && !darwin && !windows

package exec

// machineMemory returns 0: unknown.
func machineMemory() int64 { return 0 }

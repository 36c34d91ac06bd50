package main

import (
	"fmt"
	"os"
	"strings"
)

// peakMemory reads the most bytes of memory that a process has held at a time;
// 0 where the system has no /proc. What wait4 tells would not do: Linux counts
// into it what the parent held when it started the process.
func peakMemory(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ticks are the units of processor time in /proc, a second's worth (proc(5);
// it is 100 on every Linux that Go runs on).
const ticks = 100

// A usage is how much processor time was used since the machine started, in
// seconds: by all processes and the host's other machines, and by this process
// and one child. It stays zero where there is no /proc.
type usage struct{ all, own float64 }

func (c *child) usage() usage {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return usage{}
	}
	first, _, _ := strings.Cut(string(text), "\n")
	// cpu user nice system idle iowait irq softirq steal ...
	f := strings.Fields(first)
	all := 0.0
	for i, field := range f {
		if i > 0 && i <= 8 && i != 4 && i != 5 {
			n, _ := strconv.ParseFloat(field, 64)
			all += n
		}
	}
	return usage{all / ticks, processTime("self") + processTime(strconv.Itoa(c.cmd.Process.Pid))}
}

// others is what neither this process nor the child used since before.
func (u usage) others(before usage) float64 { return (u.all - before.all) - (u.own - before.own) }

// processTime is what a process has used of processors, in seconds.
func processTime(pid string) float64 {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0
	}
	// The name in parentheses may hold spaces; the 14th and 15th field are what
	// is looked for, and the third is the first behind the name.
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	var user, system float64
	_, _ = fmt.Sscan(f[11], &user)
	_, _ = fmt.Sscan(f[12], &system)
	return (user + system) / ticks
}

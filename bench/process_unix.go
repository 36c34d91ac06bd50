//go:build unix

package main

import (
	"os"
	"syscall"
)

// stop takes the processor from all threads of a process, resume gives it back.
func stop(p *os.Process) error   { return p.Signal(syscall.SIGSTOP) }
func resume(p *os.Process) error { return p.Signal(syscall.SIGCONT) }

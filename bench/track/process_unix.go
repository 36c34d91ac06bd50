//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// endTogether makes a process and all that it starts end together: MLflow's server
// starts more than a dozen.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}

// endRest ends what is left of them.
func endRest(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// readByPeer is the time in which TensorBoard's data server reads a folder, from
// the start of the process to the message that it has.
func readByPeer(ctx context.Context, server, dir string) (time.Duration, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := exec.CommandContext(ctx, server, "--logdir", dir, "--checksum", "--reload", "once", "--port", "0", "-v")
	said, err := cmd.StderrPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { stop(); _ = cmd.Wait() }()
	var last string
	for lines := bufio.NewScanner(said); lines.Scan(); {
		last = lines.Text()
		if strings.Contains(last, "Finished load cycle") {
			return time.Since(began), nil
		}
	}
	return 0, errors.Join(ctx.Err(), fmt.Errorf("the server never said that it has read all; its last words: %s", last))
}

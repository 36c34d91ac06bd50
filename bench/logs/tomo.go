package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/tomo-viz/tomo/track/logs"
)

// counts is what a library holds.
type counts struct {
	Tags   int
	Points int64
}

// readByTomo is the time in which a process opens a folder with an index and
// lists all its tags, from its start to its answer.
func readByTomo(ctx context.Context, dir, index string, want counts) (time.Duration, error) {
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, program, "-open", dir, "-index", index)
	cmd.Stderr = os.Stderr
	said, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	var got counts
	err = json.NewDecoder(said).Decode(&got)
	took := time.Since(began)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		return 0, err
	}
	if got != want {
		return 0, fmt.Errorf("read %+v, and %+v were written", got, want)
	}
	return took, nil
}

// openFolder is what that process does.
func openFolder(ctx context.Context, dir, index string) (err error) {
	l, err := logs.Open(ctx, []string{dir}, logs.Options{Folder: index, Warn: func(err error) { fmt.Fprintln(os.Stderr, err) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	runs, err := l.Runs(ctx)
	if err != nil {
		return err
	}
	var c counts
	for _, r := range runs {
		curves, err := r.Store.Curves(ctx, r.Run)
		if err != nil {
			return err
		}
		c.Tags += len(curves)
		for _, curve := range curves {
			c.Points += curve.Points
		}
	}
	return json.NewEncoder(os.Stdout).Encode(c)
}

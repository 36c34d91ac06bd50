//go:build unix

package logs

import (
	"context"
	"path/filepath"
	"testing"
)

// TestPipeBeside reads nothing of a pipe where a logger's settings would be.
func TestPipeBeside(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a", "metrics.csv"), []byte("step,loss\n1,1\n2,2\n"))
	makePipe(t, filepath.Join(root, "a", "hparams.yaml"))
	warned := 0
	l, err := Open(context.Background(), []string{root}, Options{Folder: t.TempDir(), Warn: func(error) { warned++ }})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, l)
	if got := stepsOf(pointsOf(t, runNamed(t, l, "a"), "loss")); got != "1-2" || warned != 1 {
		t.Errorf("steps %s, and %d warnings", got, warned)
	}
}

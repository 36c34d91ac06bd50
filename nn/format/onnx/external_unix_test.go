//go:build unix

package onnx_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tomo-viz/tomo/nn/format/onnx"
)

// Opening a pipe would wait for somebody to write to it.
func TestPipeRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644))
	if _, err := onnx.Open(filepath.Join(dir, "pipe")); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a pipe as a model: %v", err)
	}
	if _, err := onnx.Open(openWith(t, dir, external("w", "location", "pipe"))); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a pipe as weights: %v", err)
	}
}

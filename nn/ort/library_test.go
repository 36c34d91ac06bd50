package ort_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ort"
)

// fetched is where "make ort" puts the library.
const fetched = "../../.ort"

// library returns what to give as Options.Library, or skips the test.
// TOMO_ORT=required makes it fail instead.
func library(t testing.TB) string {
	t.Helper()
	given := os.Getenv(ort.Env)
	if given != "" && given != "required" {
		return given
	}
	if _, err := os.Stat(fetched); err == nil {
		return fetched
	}
	if given == "required" {
		t.Fatal("ONNX Runtime is required here and absent; run make ort")
	}
	t.Skip("ONNX Runtime is absent; make ort fetches it")
	return ""
}

func newORT(t testing.TB, threads int) exec.Executor {
	t.Helper()
	e, err := ort.New(ort.Options{Library: library(t), Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestAbsent expects a sentence that says how to get the library.
func TestAbsent(t *testing.T) {
	empty := t.TempDir()
	text := filepath.Join(empty, "notes.txt")
	if err := os.WriteFile(text, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(empty, "nowhere.so"), empty, text} {
		_, err := ort.New(ort.Options{Library: path})
		var missing *ort.MissingError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "onnxruntime-node") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestChoose knows the executors by name.
func TestChoose(t *testing.T) {
	for _, name := range []string{"", "native", "plain"} {
		if e, err := ort.Choose(name, ort.Options{}); err != nil || name != "" && e.Name() != name {
			t.Errorf("%q: %v, %v", name, e, err)
		}
	}
	if _, err := ort.Choose("tpu", ort.Options{}); err == nil || !strings.Contains(err.Error(), "ort") {
		t.Errorf("tpu: %v", err)
	}
	lib := ort.Options{Library: library(t)}
	for _, name := range []string{"ort", "ort:cpu"} {
		if e, err := ort.Choose(name, lib); err != nil || e.Name() != "ort" {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
	_, err := ort.Choose("ort:abacus", lib)
	if err == nil || !strings.Contains(err.Error(), "abacus") || !strings.Contains(err.Error(), "cpu") {
		t.Errorf("ort:abacus: %v", err)
	} else {
		t.Log(err)
	}
}

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/viz/all"
)

// TestPagesAreFresh fails when a page says something else than its technique,
// or stands for one that is gone.
func TestPagesAreFresh(t *testing.T) {
	const dir = "../../docs/techniques"
	want := pages(all.Methods())
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != text {
			t.Errorf("docs/techniques/%s is stale; run `make generate`", name)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, known := want[f.Name()]; !known {
			t.Errorf("docs/techniques/%s belongs to no technique; delete it", f.Name())
		}
	}
}

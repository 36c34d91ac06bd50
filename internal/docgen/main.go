// Command docgen writes the page of each technique in docs/techniques from the
// technique itself, so that there is no second wording. `make generate` runs
// it; a test fails when a page is stale.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tomo-viz/tomo/viz/all"
)

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

// write makes the pages anew in a folder.
func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range pages(all.Methods()) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

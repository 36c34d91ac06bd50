// Package shared finds the reference data that tests compare with: real
// models, photos and logs, and outputs recorded from other implementations.
//
// The data is large and under other people's licences, so it lies in a folder
// "shared" beside the checkout and is never part of it. The environment
// variable TOMO_SHARED names another place. A test that asks for a file that is
// not there is skipped, with a reason; where both CI=true and
// TOMO_SHARED_REQUIRED=1 are set it fails instead, so that a build machine that
// lost its data does not look green.
package shared

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of the file at rel, slash-separated and relative to
// the reference-data folder, such as "data/photos/puppies.jpg".
func Path(t testing.TB, rel string) string {
	t.Helper()
	return find(t, rel, "file", func(info fs.FileInfo) bool { return !info.IsDir() })
}

// Dir returns the path of the folder at rel, slash-separated and relative to
// the reference-data folder; Dir(t, ".") is the folder itself.
func Dir(t testing.TB, rel string) string {
	t.Helper()
	return find(t, rel, "folder", fs.FileInfo.IsDir)
}

// find returns the path of rel when it is there and of the wanted kind; it
// ends the test otherwise.
func find(t testing.TB, rel, kind string, wanted func(fs.FileInfo) bool) string {
	t.Helper()
	if !filepath.IsLocal(filepath.FromSlash(rel)) {
		t.Fatalf("shared: %q must be a path inside the reference-data folder", rel)
	}
	root, err := root()
	if err != nil {
		absent(t, err.Error())
		return ""
	}
	path := filepath.Join(root, filepath.FromSlash(rel))
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		absent(t, fmt.Sprintf("no %s %s in %s", kind, rel, root))
	case err != nil:
		t.Fatalf("shared: %v", err)
	case !wanted(info):
		t.Fatalf("shared: %s is not a %s", path, kind)
	}
	return path
}

// root returns the reference-data folder without looking whether it exists.
func root() (string, error) {
	if dir := os.Getenv("TOMO_SHARED"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := module()
	return filepath.Join(filepath.Dir(dir), "shared"), err
}

// module returns the folder of the checkout.
func module() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}

// absent ends a test whose reference data is not on this machine.
func absent(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" && os.Getenv("TOMO_SHARED_REQUIRED") == "1" {
		t.Fatalf("reference data required but absent: %s", reason)
	}
	t.Skipf("reference data absent: %s (set TOMO_SHARED to its folder)", reason)
}

package ort

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Env is the environment variable that says where the library is.
const Env = "TOMO_ORT"

// candidates lists what to load, in order: paths of files that look right, or
// names that the system looks up in its own places.
func candidates(given string) ([]string, error) {
	if given == "" {
		given = os.Getenv(Env)
	}
	if given == "" {
		return systemNames(), nil
	}
	given, err := filepath.Abs(given) // a name without a folder is no name to look up
	if err != nil {
		return nil, &MissingError{[]string{given}, err.Error()}
	}
	info, err := os.Stat(given)
	if err != nil {
		return nil, &MissingError{[]string{given}, "there is no such file"}
	}
	if !info.IsDir() {
		return []string{given}, nil
	}
	found := below(given)
	if len(found) == 0 {
		return nil, &MissingError{[]string{given}, fmt.Sprintf("no file below that folder is a library for %s/%s", runtime.GOOS, runtime.GOARCH)}
	}
	return found, nil
}

// systemNames are what distributions and package managers call the library, and
// where that is safer paths: dlopen of macOS would look in the working folder.
func systemNames() []string {
	switch runtime.GOOS {
	case "darwin":
		return []string{"/opt/homebrew/lib/libonnxruntime.dylib", "/usr/local/lib/libonnxruntime.dylib", "/opt/local/lib/libonnxruntime.dylib"}
	case "windows":
		return []string{"onnxruntime.dll"}
	}
	return []string{"libonnxruntime.so.1", "libonnxruntime.so"}
}

// maxEntries bounds the search of a folder.
const maxEntries = 100_000

// below finds libraries in a folder, those for this platform alone if folders
// on the way are named after platforms as in onnxruntime-node.
func below(folder string) []string {
	var found []string
	left := maxEntries
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if left--; left < 0 {
			return fs.SkipAll
		}
		if err != nil {
			return nil // what cannot be read is not looked at
		}
		if rel, _ := filepath.Rel(folder, path); isLibrary(d.Name()) && !d.IsDir() && suits(rel) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

func isLibrary(name string) bool {
	switch runtime.GOOS {
	case "darwin":
		return strings.HasPrefix(name, "libonnxruntime.") && strings.HasSuffix(name, ".dylib")
	case "windows":
		return strings.EqualFold(name, "onnxruntime.dll")
	}
	return name == "libonnxruntime.so" || strings.HasPrefix(name, "libonnxruntime.so.")
}

// suits reports whether a path does not name another platform.
func suits(rel string) bool {
	systems := map[string]string{"linux": "linux", "darwin": "darwin", "win32": "windows"}
	machines := map[string]string{"x64": "amd64", "arm64": "arm64"}
	for _, part := range strings.Split(filepath.ToSlash(filepath.Dir(rel)), "/") {
		if s, ok := systems[part]; ok && s != runtime.GOOS {
			return false
		}
		if m, ok := machines[part]; ok && m != runtime.GOARCH {
			return false
		}
	}
	return true
}

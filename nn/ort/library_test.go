package ort_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ort"
)

func newORT(t testing.TB, threads int) exec.Executor {
	t.Helper()
	e, err := ort.New(ort.Options{Library: shared.ORT(t), Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestAbsent expects a sentence that says how to get the library.
func TestAbsent(t *testing.T) {
	empty := t.TempDir()
	for _, path := range []string{filepath.Join(empty, "nowhere.so"), empty} {
		_, err := ort.New(ort.Options{Library: path})
		var missing *ort.MissingError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "onnxruntime-node") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestUnfit asserts that a file that is not the library is refused, and by
// which words, whatever it is.
func TestUnfit(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the files are those of Linux")
	}
	whole := libraryFile(t)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"text":       {[]byte("no library"), "no shared library"},
		"empty":      {nil, "no shared library"},
		"header":     {read(t, whole)[:64], "cut short"},
		"cut":        {read(t, whole)[:1<<20], "cut short"},
		"stripped":   {withoutSections(read(t, whole)[:1<<20]), "cut short"},                            // the loader would crash on this one
		"machine":    {patched(read(t, whole), 18, 0xf3, 0), "no shared library for " + runtime.GOARCH}, // RISC-V
		"class":      {patched(read(t, whole), 4, 1), "no shared library"},                              // 32 bits
		"executable": {patched(read(t, whole), 16, 2, 0), "no shared library"},
		"nameless":   {bytes.ReplaceAll(read(t, whole), []byte("\x00OrtGetApiBase\x00"), []byte("\x00OrtGetApiBass\x00")), "another library"},
	} {
		path := filepath.Join(t.TempDir(), name+".so")
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ort.New(ort.Options{Library: path})
		var unfit *ort.LibraryError
		if !errors.As(err, &unfit) || unfit.Path != path || !strings.Contains(unfit.Why, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, path := range []string{os.DevNull} {
		if _, err := ort.New(ort.Options{Library: path}); err == nil {
			t.Errorf("%s serves", path)
		}
	}
}

// libraryFile is the file itself.
func libraryFile(t *testing.T) string {
	t.Helper()
	given := shared.ORT(t)
	var found string
	err := filepath.WalkDir(given, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasPrefix(d.Name(), "libonnxruntime.so") {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		t.Skipf("no library below %s (%v)", given, err)
	}
	return found
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func patched(raw []byte, at int, with ...byte) []byte {
	raw = slices.Clone(raw)
	copy(raw[at:], with)
	return raw
}

// withoutSections drops the table of sections from the header of an ELF file.
func withoutSections(raw []byte) []byte {
	return patched(patched(raw, 0x28, make([]byte, 8)...), 0x3a, make([]byte, 6)...)
}

// TestFolder finds the library below a folder, and passes by those of other
// platforms and those that are broken.
func TestFolder(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the files are those of Linux")
	}
	whole, dir := libraryFile(t), t.TempDir()
	machine := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if machine == "" {
		machine = runtime.GOARCH
	}
	for _, sub := range []string{"darwin/" + machine, "linux/" + machine, "linux/mips"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "linux", machine, "libonnxruntime.so"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ort.New(ort.Options{Library: dir}); err == nil {
		t.Error("an empty file serves")
	}
	if err := os.Symlink(whole, filepath.Join(dir, "linux", machine, "libonnxruntime.so.1")); err != nil {
		t.Fatal(err)
	}
	if _, err := ort.New(ort.Options{Library: dir}); err != nil {
		t.Error(err)
	}
}

// TestChoose knows the executors by name.
func TestChoose(t *testing.T) {
	for _, k := range ort.Kinds(ort.Options{Library: "/nowhere"}) {
		e, err := ort.Choose(k.Name, ort.Options{Library: "/nowhere"})
		var missing *ort.MissingError
		if k.Name == "ort" && !errors.As(err, &missing) || k.Name != "ort" && (err != nil || e.Name() != k.Name) {
			t.Errorf("%q: %v, %v", k.Name, e, err)
		}
	}
	if e, err := ort.Choose("", ort.Options{}); err != nil || e.Name() != exec.Default().Name() {
		t.Errorf("by default %v, %v", e, err)
	}
	for _, name := range []string{"tpu", "native:cuda", "ort2"} {
		if _, err := ort.Choose(name, ort.Options{}); err == nil || !strings.Contains(err.Error(), "native, plain, ort") {
			t.Errorf("%s: %v", name, err)
		}
	}
	lib := ort.Options{Library: shared.ORT(t)}
	for _, name := range []string{"ort", "ort:cpu", "ort:CPU"} {
		if e, err := ort.Choose(name, lib); err != nil || e.Name() != "ort" {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
	if _, err := ort.Choose("ort:abacus", lib); err == nil || !strings.Contains(err.Error(), "abacus") || !strings.Contains(err.Error(), "cpu") {
		t.Errorf("ort:abacus: %v", err)
	}
	if list, err := ort.Providers(lib.Library); err != nil || !slices.Contains(list, "cpu") {
		t.Errorf("providers %v, %v", list, err)
	}
}

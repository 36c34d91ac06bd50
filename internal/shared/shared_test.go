package shared

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// recorder is a testing.TB that notes how a test was ended instead of ending
// the one it runs in.
type recorder struct {
	testing.TB
	ended, reason string
}

func (r *recorder) Helper() {}

func (r *recorder) Skipf(format string, args ...any) { r.end("skip", format) }

func (r *recorder) Fatalf(format string, args ...any) { r.end("fail", format) }

func (r *recorder) end(how, reason string) {
	r.ended, r.reason = how, reason
	runtime.Goexit()
}

// outcome runs ask as a test of its own and returns what it returned and how
// it was ended ("" when it was not).
func outcome(t *testing.T, ask func(testing.TB) string) (path string, r *recorder) {
	r = &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		path = ask(r)
	}()
	<-done
	return path, r
}

func TestFindsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TOMO_SHARED", dir)
	file := filepath.Join(dir, "data", "a.txt")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := Path(t, "data/a.txt"); got != file {
		t.Errorf("Path = %q, want %q", got, file)
	}
	if got := Dir(t, "data"); got != filepath.Dir(file) {
		t.Errorf("Dir = %q, want %q", got, filepath.Dir(file))
	}
}

func TestAbsentEndsTheTest(t *testing.T) {
	present := func(t *testing.T) string {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "data"), 0o755); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, tc := range []struct {
		name, ci, required, want string
		ask                      func(testing.TB) string
	}{
		{"skipped", "", "", "skip", func(t testing.TB) string { return Path(t, "absent") }},
		{"skipped on a build machine that needs no data", "true", "", "skip", func(t testing.TB) string { return Path(t, "absent") }},
		{"skipped off a build machine", "", "1", "skip", func(t testing.TB) string { return Dir(t, "absent") }},
		{"failed where required", "true", "1", "fail", func(t testing.TB) string { return Path(t, "absent") }},
		{"a folder is no file", "", "", "fail", func(t testing.TB) string { return Path(t, "data") }},
		{"outside", "", "", "fail", func(t testing.TB) string { return Path(t, "../x") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("TOMO_SHARED", present(t))
			t.Setenv("CI", tc.ci)
			t.Setenv("TOMO_SHARED_REQUIRED", tc.required)
			if _, r := outcome(t, tc.ask); r.ended != tc.want {
				t.Errorf("ended %q (%s), want %q", r.ended, r.reason, tc.want)
			}
		})
	}
}

func TestRootLiesBesideTheModule(t *testing.T) {
	t.Setenv("TOMO_SHARED", "")
	root, err := root()
	if err != nil {
		t.Fatal(err)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	module := strings.TrimSuffix(wd, filepath.Join("internal", "shared"))
	if want := filepath.Join(filepath.Dir(filepath.Clean(module)), "shared"); root != want {
		t.Errorf("root = %q, want %q", root, want)
	}
}

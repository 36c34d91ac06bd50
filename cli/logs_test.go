package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track"
)

// storeOf writes a file of runs of these titles.
func storeOf(t *testing.T, titles ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "runs.db")
	s, err := track.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range titles {
		if _, err := s.CreateRun(t.Context(), track.Run{Title: title, Project: "trial"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// quietly is a program that keeps its indexes in a folder of the test.
func quietly(t *testing.T) *program {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return &program{stderr: io.Discard}
}

// TestOpenRuns chooses among the runs of several files.
func TestOpenRuns(t *testing.T) {
	p := quietly(t)
	paths := []string{storeOf(t, "adam", "sgd"), storeOf(t, "adamw")}
	for _, tt := range []struct {
		patterns []string
		want     string
	}{
		{nil, "sgd adam adamw"},
		{[]string{"^adam"}, "adam adamw"},
		{[]string{"sgd", "w$"}, "sgd adamw"},
		{[]string{"trial"}, "sgd adam adamw"},
	} {
		o := logOptions{patterns: tt.patterns}
		runs, closeRuns, err := p.openRuns(t.Context(), &o, paths)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range runs {
			got = append(got, r.Name())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q finds %q, want %s", tt.patterns, got, tt.want)
		}
		closeRuns() // or the next open is refused
	}
}

// TestOpenRunsByName finds runs in the file that the server keeps, beside those of
// paths.
func TestOpenRunsByName(t *testing.T) {
	p := quietly(t)
	kept := storeOf(t, "adamw", "sgd")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"adamw"}, "adamw"},
		{[]string{storeOf(t, "adam", "sgd"), "adamw"}, "sgd adam adamw"},
	} {
		runs, closeRuns, err := p.openRuns(t.Context(), &logOptions{file: kept}, tt.args)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range runs {
			got = append(got, r.Name())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q finds %q, want %s", tt.args, got, tt.want)
		}
		if id := runs[len(runs)-1].Run.ID; len(tt.args) == 1 {
			closeRuns()
			if runs, closeRuns, err = p.openRuns(t.Context(), &logOptions{file: kept}, []string{id[:8]}); err != nil || len(runs) != 1 {
				t.Fatalf("%s: %d runs, %v", id, len(runs), err)
			}
		}
		closeRuns()
	}
}

func TestOpenRunsRefuses(t *testing.T) {
	p := quietly(t)
	path := storeOf(t, "adam")
	odd := filepath.Join(t.TempDir(), "photo.png")
	if err := os.WriteFile(odd, []byte("\x89PNG\r\n\x1a\n, and then something that is no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	for what, tt := range map[string]struct {
		path, pattern, want string
	}{
		"an absent file":    {path + "x", "", "no such file"},
		"an absent run":     {"absent", "", "no file or folder absent"},
		"a broken pattern":  {path, "(", "regular expression"},
		"nobody's name":     {path, "sgd", "none of the 1 runs"},
		"a file of no runs": {odd, "", "no run"},
	} {
		o := logOptions{}
		if tt.pattern != "" {
			o.patterns = []string{tt.pattern}
		}
		if _, _, err := p.openRuns(t.Context(), &o, []string{tt.path}); !fault.IsUser(err) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestNamesAreOfTheServersFile looks up no name among the runs of a path, though
// the server's file is empty.
func TestNamesAreOfTheServersFile(t *testing.T) {
	p := quietly(t)
	_, _, err := p.openRuns(t.Context(), &logOptions{file: storeOf(t)}, []string{storeOf(t, "adam", "sgd"), "sgd"})
	if err == nil || !strings.Contains(err.Error(), "no run of that ID or title") {
		t.Errorf("a name that the server's file does not have: %v", err)
	}
}

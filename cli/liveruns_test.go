package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/fault"
)

// TestLiveRuns opens the default file where data belong, goes on without it
// while another program has it, and insists on one that was named.
func TestLiveRuns(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", home)
	var warned []string
	warn := func(text string) { warned = append(warned, text) }
	first, err := (&liveRuns{}).open(t.Context(), warn)
	if err != nil || first == nil || len(warned) > 0 {
		t.Fatalf("%v, %v, %v", first, err, warned)
	}
	defer first.Close()
	file := filepath.Join(home, "tomo", "runs.db")
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	if again, err := (&liveRuns{}).open(t.Context(), warn); again != nil || err != nil || len(warned) != 1 || !strings.Contains(warned[0], "another program") {
		t.Errorf("a second server: %v, %v, %v", again, err, warned)
	}
	if _, err := (&liveRuns{file: file}).open(t.Context(), warn); !fault.IsUser(err) || !strings.Contains(err.Error(), "--runs") {
		t.Errorf("a file that was named: %v", err)
	}
	noStore := filepath.Join(home, "text")
	if err := os.WriteFile(noStore, []byte(strings.Repeat("no store ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (&liveRuns{file: noStore}).open(t.Context(), warn); !fault.IsUser(err) {
		t.Errorf("a file that is no store: %v", err)
	}
	if s, err := (&liveRuns{file: "none"}).open(t.Context(), warn); s != nil || err != nil || len(warned) != 1 {
		t.Errorf("none: %v, %v, %v", s, err, warned)
	}
}

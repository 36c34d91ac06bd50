//go:build unix

package logs

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/track"
)

const outsiderEnv = "TOMO_TEST_OUTSIDER" // the file that another program opens

// TestOutsider is that program: it reads a file as sqlite3 does, and closes it.
func TestOutsider(t *testing.T) {
	path := os.Getenv(outsiderEnv)
	if path == "" {
		t.Skip("it is run by others")
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := 0
	if err := db.QueryRow("SELECT count(*) FROM run").Scan(&n); err != nil || n != 1 {
		t.Fatalf("%d runs, %v", n, err)
	}
}

// TestClaimed looks for logs where this process has stores open, one of them also
// by the name of a log: the locks on them stay, so that another program that
// closes the file does not take its write-ahead log away.
func TestClaimed(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	write(t, filepath.Join(dir, "a", eventName), file(ramp(0, 3, 1)...))
	var paths []string
	for _, name := range []string{"runs.db", "theirs.db"} {
		path := filepath.Join(dir, name)
		s, err := track.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		r, err := s.CreateRun(ctx, track.Run{Project: "p"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Log(ctx, r, &track.Batch{Tags: map[string]string{"a": "b"}}); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	for _, name := range []string{"linked.csv", "linked.tfevents.1"} {
		if err := os.Link(paths[1], filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	l, err := Open(ctx, []string{dir}, Options{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, l)
	if _, _, err := l.update(ctx, (*root).look); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		outsider := exec.Command(os.Args[0], "-test.run=^TestOutsider$")
		outsider.Env = append(os.Environ(), outsiderEnv+"="+path)
		if out, err := outsider.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if _, err := os.Stat(path + "-wal"); err != nil {
			t.Errorf("the locks on %s are gone: %v", filepath.Base(path), err)
		}
	}
}

//go:build linux || darwin

package logs

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tomo-viz/tomo/track"
)

const outsiderEnv = "TOMO_TEST_OUTSIDER" // the file that another program opens

// TestOutsider is that program: it asks whether the bytes are locked that SQLite
// locks of a file that is open (https://www.sqlite.org/src/file/src/os.h).
func TestOutsider(t *testing.T) {
	path := os.Getenv(outsiderEnv)
	if path == "" {
		t.Skip("it is run by others")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 1 << 30, Len: 512}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil || lock.Type == syscall.F_UNLCK {
		t.Errorf("%s is not locked, %v", path, err)
	}
}

// TestClaimed looks for logs where this process has stores open, one of them also
// by the name of a log: the locks on them stay, without which another program
// that closes the file takes its write-ahead log away.
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
			t.Errorf("%v: %s", err, out)
		}
	}
}

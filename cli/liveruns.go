package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track"
)

// liveRuns says which file the server keeps the runs in that trainings send it.
type liveRuns struct{ file string }

// noRuns is given instead of a file for a server that keeps none.
const noRuns = "none"

func (l *liveRuns) add(flags *pflag.FlagSet) {
	flags.StringVar(&l.file, "runs", "", "file that keeps the runs which trainings send here, or none; the default is in the user's data folder")
}

// open opens the file, nil if there is to be none. One that was named and cannot
// be had is an error; of the default a word is said, and the server does without:
// most often another server has it, to which trainings send.
func (l *liveRuns) open(ctx context.Context, warn func(string)) (*track.Store, error) {
	if l.file == noRuns {
		return nil, nil
	}
	file := l.path()
	store, err := track.Open(ctx, file)
	if err == nil {
		return store, nil
	}
	reason := fmt.Sprintf("%s cannot be opened: %v", file, err)
	if errors.Is(err, track.ErrInUse) {
		reason = file + " is open in another program, such as another server"
	}
	if l.file != "" {
		return nil, fault.Userf("%s; name another file with --runs, or none", reason)
	}
	warn(reason + ". This server keeps no runs; name another file with --runs.")
	return nil, nil
}

func (l *liveRuns) path() string { return cmp.Or(l.file, ownRuns()) }

// ownRuns is the file in which a server keeps runs if none is named.
func ownRuns() string { return filepath.Join(dataFolder(), "tomo", "runs.db") }

// dataFolder is where programs keep what their user made with them.
func dataFolder() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return os.TempDir()
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support")
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return dir
		}
		return filepath.Join(home, "AppData", "Local")
	}
	return filepath.Join(home, ".local", "share")
}

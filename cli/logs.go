package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/logs"
	"github.com/tomo-viz/tomo/viz"
)

// logOptions say which runs of those found are meant.
type logOptions struct {
	patterns []string
	file     string
}

func (o *logOptions) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&o.patterns, "run", nil, "only runs with an ID, a title or a project that this regular expression finds; may be repeated")
	flags.StringVar(&o.file, "runs", "", "file of runs in which IDs and titles are looked up; the default is the one that the server keeps")
}

// openRuns opens the runs at paths: logs, folders of them, files of runs. What is
// no path is the ID or the title of a run that a server keeps. What cannot be read
// is reported and passed over. The runs are closed by the function that it
// returns.
func (p *program) openRuns(ctx context.Context, o *logOptions, args []string) (runs []viz.Run, closeRuns func(), err error) {
	chosen, err := o.chooser()
	if err != nil {
		return nil, nil, err
	}
	paths, names := pathsAndNames(args)
	file := ""
	if len(names) > 0 {
		file = cmp.Or(o.file, ownRuns())
		if _, err := os.Stat(file); err != nil {
			return nil, nil, fault.Userf("there is no file or folder %s, and no file of runs, %s, in which it might be the ID of one", names[0], file)
		}
		paths = append(paths, file)
	}
	library, err := logs.Open(ctx, paths, logs.Options{Warn: func(err error) {
		fmt.Fprintln(p.stderr, "tomo: skipped:", printable(err.Error()))
	}})
	if err != nil {
		return nil, nil, fault.AsUser(err)
	}
	if left := library.LeftOut(); len(left) > 0 && !p.quiet {
		fmt.Fprintln(p.stderr, "tomo: in the logs, but not shown:", printable(numbered(left)))
	}
	if runs, err = choose(ctx, library, names, file, chosen); err != nil {
		library.Close()
		return nil, nil, err
	}
	return runs, func() { library.Close() }, nil
}

// numbered lists things with their numbers, by name: "3 of audio, 12 of mesh".
func numbered(things map[string]int64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(things)) {
		parts = append(parts, fmt.Sprintf("%d of %s", things[name], name))
	}
	return strings.Join(parts, ", ")
}

// pathsAndNames tells files and folders from names of runs.
func pathsAndNames(args []string) (paths, names []string) {
	for _, arg := range args {
		if _, err := os.Stat(arg); err != nil && !strings.ContainsRune(arg, os.PathSeparator) {
			names = append(names, arg)
		} else {
			paths = append(paths, arg)
		}
	}
	return paths, names
}

// choose takes the runs that are meant: those of a file that are named and, from
// the other paths, those chosen.
func choose(ctx context.Context, library *logs.Library, names []string, file string, chosen func(*track.Run) bool) ([]viz.Run, error) {
	found, err := library.Runs(ctx)
	if err != nil {
		return nil, err
	}
	named := map[string]bool{}
	lookedUp := map[*track.Store]bool{} // whether names are, of each store
	var out []viz.Run
	for _, r := range found {
		own, known := lookedUp[r.Store]
		if !known {
			own = len(names) > 0 && isSameFile(r.Store.Path(), file)
			lookedUp[r.Store] = own
		}
		wanted := !own && chosen(r.Run)
		for _, name := range names {
			if own && isCalled(r.Run, name) {
				wanted, named[name] = true, true
			}
		}
		if wanted {
			out = append(out, viz.Run(r))
		}
	}
	for _, name := range names {
		if !named[name] {
			return nil, fault.Userf("there is no file or folder %s, and no run of that ID or title", name)
		}
	}
	switch {
	case len(found) == 0:
		return nil, fault.Userf("there is no run here: no log of a known format, and no file of runs")
	case len(out) == 0:
		return nil, fault.Userf("none of the %d runs is called so", len(found))
	}
	return out, nil
}

func isSameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// leastID is how much of an ID names a run.
const leastID = 6

func isCalled(r *track.Run, name string) bool {
	return r.Title == name || r.ID == name || len(name) >= leastID && strings.HasPrefix(r.ID, name)
}

// chooser tells runs that one of the patterns names, or all without any.
func (o *logOptions) chooser() (func(*track.Run) bool, error) {
	var patterns []*regexp.Regexp
	for _, text := range o.patterns {
		p, err := regexp.Compile(text)
		if err != nil {
			return nil, fault.Userf("--run %s is no regular expression: %w", text, err)
		}
		patterns = append(patterns, p)
	}
	return func(r *track.Run) bool {
		for _, p := range patterns {
			if p.MatchString(r.ID) || p.MatchString(r.Title) || p.MatchString(r.Project) {
				return true
			}
		}
		return len(patterns) == 0
	}, nil
}

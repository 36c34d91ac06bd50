package cli

import (
	"context"
	"fmt"
	"regexp"

	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/logs"
	"github.com/tomo-viz/tomo/viz"
)

// logOptions say which runs of those found are meant.
type logOptions struct {
	patterns []string
}

func (o *logOptions) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&o.patterns, "run", nil, "only runs with an ID, a title or a project that this regular expression finds; may be repeated")
}

// openRuns opens the runs at paths: logs, folders of them, files of runs. What
// cannot be read is reported and passed over. The runs are closed by the function
// that it returns.
func (p *program) openRuns(ctx context.Context, o *logOptions, paths []string) (runs []viz.Run, closeRuns func(), err error) {
	chosen, err := o.chooser()
	if err != nil {
		return nil, nil, err
	}
	library, err := logs.Open(ctx, paths, logs.Options{Warn: func(err error) {
		fmt.Fprintln(p.stderr, "tomo: skipped:", printable(err.Error()))
	}})
	if err != nil {
		return nil, nil, fault.AsUser(err)
	}
	found, err := library.Runs(ctx)
	for _, r := range found {
		if chosen(r.Run) {
			runs = append(runs, viz.Run{Store: r.Store, Run: r.Run})
		}
	}
	switch {
	case err != nil:
	case len(found) == 0:
		err = fault.Userf("there is no run in %q: no log of a known format, and no file of runs", paths)
	case len(runs) == 0:
		err = fault.Userf("none of the %d runs is called so: %q", len(found), o.patterns)
	}
	if err != nil {
		library.Close()
		return nil, nil, err
	}
	return runs, func() { library.Close() }, nil
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

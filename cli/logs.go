package cli

import (
	"context"
	"os"
	"regexp"

	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
)

// logOptions say which runs of those found are meant.
type logOptions struct {
	patterns []string
}

func (o *logOptions) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&o.patterns, "run", nil, "only runs with an ID, a title or a project that this regular expression finds; may be repeated")
}

// open opens the runs at paths. They are closed by the function that it
// returns.
func (o *logOptions) open(ctx context.Context, paths []string) (runs []viz.Run, closeRuns func(), err error) {
	chosen, err := o.chooser()
	if err != nil {
		return nil, nil, err
	}
	var stores []*track.Store
	closeAll := func() {
		for _, s := range stores {
			s.Close()
		}
	}
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	found := 0
	for _, path := range paths {
		store, err := openStore(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		stores = append(stores, store)
		list, err := store.Runs(ctx, "")
		if err != nil {
			return nil, nil, err
		}
		found += len(list)
		for _, r := range list {
			if chosen(r) {
				runs = append(runs, viz.Run{Store: store, Run: r})
			}
		}
	}
	if len(runs) == 0 && found > 0 {
		return nil, nil, fault.Userf("none of the %d runs is called so: %q", found, o.patterns)
	}
	return runs, closeAll, nil
}

func openStore(ctx context.Context, path string) (*track.Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fault.AsUser(err)
	}
	store, err := track.Open(ctx, path)
	return store, fault.AsUser(err)
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

package logs

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/tomo-viz/tomo/track"
)

// Update reads what has been written since the last time, and returns the runs
// that have grown. Only a cancelled ctx, and an index that cannot be written, are
// errors; what was read before them stays.
func (l *Library) Update(ctx context.Context) (grown []Run, err error) {
	l.updating.Lock()
	defer l.updating.Unlock()
	for _, r := range l.roots {
		runs, err := r.update(ctx)
		grown = append(grown, runs...)
		if err != nil {
			return grown, err
		}
	}
	l.count()
	return grown, nil
}

// count sums up what was left out of all runs.
func (l *Library) count() {
	sum := map[string]int64{}
	for _, r := range l.roots {
		for _, run := range r.runs {
			for what, n := range run.state.LeftOut {
				sum[what] += n
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leftOut = sum
}

func (r *root) update(ctx context.Context) ([]Run, error) {
	files, err := r.scanner.scan(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		r.lib.warnOnce(fmt.Errorf("%s: %w", r.path, err))
	}
	groups := r.group(ctx, files)
	if len(groups) > 0 {
		if err := r.open(ctx); err != nil {
			return nil, err
		}
	}
	if r.index == nil {
		return nil, nil
	}
	grown, readErr := r.read(ctx, groups)
	if readErr == nil && len(grown) > 0 {
		readErr = r.inherit(ctx)
	}
	if readErr != nil {
		r.runs = map[runKey]*run{} // what they say was not all kept
	}
	if err == nil {
		r.lib.show(r.index, r.present(groups))
	}
	return grown, readErr
}

// read reads on in all runs, on all processors, and keeps what they hold.
func (r *root) read(ctx context.Context, groups []group) (grown []Run, err error) {
	k, reading := newKeeper(ctx, r.index)
	var readers errgroup.Group
	readers.SetLimit(runtime.GOMAXPROCS(0))
	news := make([]*run, len(groups))
	for i, g := range groups {
		known, err := r.run(ctx, g.key, g.format)
		if err != nil {
			k.stop(err)
			break
		}
		readers.Go(func() error {
			changed, err := known.update(reading, g.files, k)
			if changed {
				news[i] = known
			}
			return err
		})
	}
	err = readers.Wait()
	if keepErr := k.finish(); keepErr != nil {
		err = keepErr
	}
	for _, run := range news {
		if run != nil && run.stored != nil {
			grown = append(grown, Run{r.index, run.stored})
		}
	}
	return grown, err
}

// A group is the files of one run, in the order of their names.
type group struct {
	key    runKey
	format *Format
	files  []found
}

// group sorts files into their runs, and opens stores of Tomo's own.
func (r *root) group(ctx context.Context, files []found) []group {
	groups := map[runKey]*group{}
	for _, f := range files {
		if f.format == storeFormat {
			r.openStore(ctx, f)
			continue
		}
		key := runKey{f.format.Name, f.format.runOf(f.rel)}
		if groups[key] == nil {
			groups[key] = &group{key: key, format: f.format}
		}
		groups[key].files = append(groups[key].files, f)
	}
	var out []group
	for _, key := range slices.SortedFunc(maps.Keys(groups), runKey.compare) {
		g := groups[key]
		slices.SortFunc(g.files, func(a, b found) int { return strings.Compare(a.rel, b.rel) })
		out = append(out, *g)
	}
	return out
}

// present are the IDs of the runs whose files are there.
func (r *root) present(groups []group) map[string]bool {
	ids := make(map[string]bool, len(groups))
	for _, g := range groups {
		ids[r.idOf(g.format, g.key.name)] = true
	}
	return ids
}

func (r *root) openStore(ctx context.Context, f found) {
	if r.stores[f.rel] {
		return
	}
	s, err := track.Open(ctx, r.full(f.rel))
	if err != nil {
		r.lib.warnOnce(err)
		return
	}
	r.stores[f.rel] = true
	r.lib.keep(s)
}

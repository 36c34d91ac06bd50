package logs

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/tomo-viz/tomo/track"
)

// Update reads what has been written since the last time, and returns the runs
// that have grown. Only a cancelled ctx, and an index that cannot be written, are
// errors; what was read before them stays.
func (l *Library) Update(ctx context.Context) (grown []Run, err error) {
	grown, _, err = l.update(ctx, (*root).scan)
	return grown, err
}

// update reads on in the files that a function finds. It also reports whether
// other runs are there than before.
func (l *Library) update(ctx context.Context, find func(*root, context.Context) ([]found, error)) (grown []Run, others bool, err error) {
	l.updating.Lock()
	defer l.updating.Unlock()
	for _, r := range l.roots {
		files, err := find(r, ctx)
		if err != nil {
			return grown, others, err
		}
		runs, changed, err := r.update(ctx, files)
		grown, others = append(grown, runs...), others || changed
		if err != nil {
			return grown, others, err
		}
	}
	if len(grown) > 0 || others {
		l.count()
	}
	return grown, others, nil
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

// scan finds all logs below the root. Where the root itself cannot be looked
// into, they are those that were there before.
func (r *root) scan(ctx context.Context) ([]found, error) {
	files, err := r.scanner.scan(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		r.lib.warnOnce(fmt.Errorf("%s: %w", r.path, err))
	}
	if err == nil || len(files) > 0 {
		r.files = files
	}
	return r.files, nil
}

// update reads on in the files of the root that have changed.
func (r *root) update(ctx context.Context, files []found) (grown []Run, others bool, err error) {
	groups := r.group(ctx, files)
	if len(groups) > 0 {
		if err := r.open(ctx); err != nil {
			return nil, false, err
		}
	}
	if r.index == nil {
		return nil, false, nil
	}
	due, ids, err := r.due(ctx, groups)
	if err != nil {
		return nil, false, err
	}
	if len(due) > 0 {
		if grown, err = r.read(ctx, due); err == nil && len(grown) > 0 {
			err = r.inherit(ctx)
		}
		if err != nil {
			r.runs = map[runKey]*run{} // what they say was not all kept
		}
	}
	return grown, r.lib.show(r.index, ids), err
}

// A task is a run with files that have changed.
type task struct {
	run   *run
	files []found // all of it
	grown bool
}

// due lists the runs to read on in, and the IDs of all that have files.
func (r *root) due(ctx context.Context, groups []group) (tasks []*task, ids map[string]bool, err error) {
	ids = make(map[string]bool, len(groups))
	for _, g := range groups {
		known, err := r.run(ctx, g.key, g.format)
		if err != nil {
			return nil, nil, err
		}
		ids[known.id] = true
		if known.due(g.files) {
			tasks = append(tasks, &task{run: known, files: g.files})
		}
	}
	return tasks, ids, nil
}

// read reads on in some runs, on all processors, and keeps what they hold.
func (r *root) read(ctx context.Context, tasks []*task) (grown []Run, err error) {
	k, reading := newKeeper(ctx, r.index)
	var readers errgroup.Group
	readers.SetLimit(runtime.GOMAXPROCS(0))
	for _, t := range tasks {
		readers.Go(func() (err error) {
			t.grown, err = t.run.update(reading, t.files, k)
			return err
		})
	}
	err = readers.Wait()
	if keepErr := k.finish(); keepErr != nil {
		err = keepErr
	}
	for _, t := range tasks {
		if t.grown && t.run.stored != nil {
			grown = append(grown, Run{r.index, t.run.stored})
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
		key := runKey{f.format.Name, f.run}
		if groups[key] == nil {
			groups[key] = &group{key: key, format: f.format}
		}
		groups[key].files = append(groups[key].files, f)
	}
	var out []group
	for _, key := range slices.SortedFunc(maps.Keys(groups), runKey.compare) {
		g := groups[key]
		slices.SortFunc(g.files, func(a, b found) int { return g.format.order(a.rel, b.rel) })
		out = append(out, *g)
	}
	return out
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

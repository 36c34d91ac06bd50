package logs

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/track"
)

// Update reads what has been written since the last time, and returns the runs
// that have grown. Only a cancelled ctx, and an index that cannot be written, are
// errors; what was read before stays.
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
	return grown, nil
}

func (r *root) update(ctx context.Context) (grown []Run, err error) {
	files, err := r.scanner.scan(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		r.lib.warnOnce(fmt.Errorf("%s: %w", r.path, err))
	}
	order, groups := r.group(ctx, files)
	for _, key := range order {
		if err := r.open(ctx); err != nil {
			return grown, err
		}
		known := r.runs[key]
		if known == nil {
			known = &run{root: r, format: groups[key][0].format, state: runState{Format: key.format, Name: key.name}}
			r.runs[key] = known
		}
		changed, err := known.update(ctx, groups[key])
		if changed && known.stored != nil {
			grown = append(grown, Run{r.index, known.stored})
		}
		if err != nil {
			return grown, err
		}
	}
	return grown, nil
}

// group sorts files into their runs, and opens stores of Tomo's own.
func (r *root) group(ctx context.Context, files []found) (order []runKey, groups map[runKey][]found) {
	groups = map[runKey][]found{}
	for _, f := range files {
		if f.format == storeFormat {
			r.openStore(ctx, f)
			continue
		}
		key := runKey{f.format.Name, f.format.runOf(f.rel)}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], f)
	}
	for _, files := range groups {
		slices.SortFunc(files, func(a, b found) int { return strings.Compare(a.rel, b.rel) })
	}
	return order, groups
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

// full is the path of a file that is known by its path below the root.
func (r *root) full(rel string) string {
	if r.scanner.single {
		return r.path
	}
	return filepath.Join(r.path, filepath.FromSlash(rel))
}

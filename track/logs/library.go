package logs

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/tomo-viz/tomo/track"
)

// Options say how a library is opened.
type Options struct {
	// Folder is where indexes are kept; empty means the user's cache folder.
	Folder string
	// Warn takes what could not be read, once each, one after the other; nil
	// discards it.
	Warn func(error)
	// Unread leaves all reading to Update and Follow.
	Unread bool
}

// A Library is the runs of the logs below some paths. It is safe for concurrent
// use.
type Library struct {
	options Options
	roots   []*root

	openFile func(path string) (handle, error)

	updating sync.Mutex // held while files are read
	warning  sync.Mutex // held while Warn is called

	mu      sync.Mutex
	stores  []*track.Store                   // those of all runs
	shown   map[*track.Store]map[string]bool // of an index, the runs whose files are there
	leftOut map[string]int64
	said    map[string]bool // problems that are not to be said again
}

// A Run is one run and the store that holds it.
type Run struct {
	Store *track.Store
	Run   *track.Run
}

// Open finds the logs of any known format, and stores of Tomo's own, below the
// paths, which may be files themselves, and reads what has been written since
// the last time. Only a path that does not exist at all, and a cancelled ctx,
// are errors; everything else is a problem of one file.
func Open(ctx context.Context, paths []string, o Options) (*Library, error) {
	l := &Library{options: o, openFile: openFile, said: map[string]bool{}, shown: map[*track.Store]map[string]bool{}}
	for _, path := range paths {
		r, err := openRoot(l, path)
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		l.roots = append(l.roots, r)
	}
	if o.Unread {
		return l, nil
	}
	if _, err := l.Update(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Runs lists all runs, those of one store after the other, the latest first.
func (l *Library) Runs(ctx context.Context) ([]Run, error) {
	var out []Run
	for _, s := range l.all() {
		runs, err := s.Runs(ctx, "")
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			if l.shows(s, r.ID) {
				out = append(out, Run{s, r})
			}
		}
	}
	return out, nil
}

// keep lists the runs of a store, until Close closes it.
func (l *Library) keep(s *track.Store) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stores = append(l.stores, s)
}

func (l *Library) all() []*track.Store {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stores[:len(l.stores):len(l.stores)]
}

// show says which runs of an index have files, and reports whether they are
// others than before.
func (l *Library) show(index *track.Store, ids map[string]bool) (others bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	others = !maps.Equal(l.shown[index], ids)
	l.shown[index] = ids
	return others
}

func (l *Library) shows(s *track.Store, id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids, known := l.shown[s]
	return !known || ids[id]
}

// LeftOut counts what the logs hold and the stores do not, by what it is.
func (l *Library) LeftOut() map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.leftOut)
}

// maxSaid bounds the memory of what was said.
const maxSaid = 10_000

// warnOnce is for what goes wrong again each time that the files are looked at.
func (l *Library) warnOnce(err error) {
	l.mu.Lock()
	known := l.said[err.Error()]
	if !known && len(l.said) < maxSaid {
		l.said[err.Error()] = true
	}
	l.mu.Unlock()
	if !known {
		l.warn(err)
	}
}

func (l *Library) warn(err error) {
	if l.options.Warn != nil {
		l.warning.Lock()
		defer l.warning.Unlock()
		l.options.Warn(err)
	}
}

// Close closes the stores that the library has opened.
func (l *Library) Close() error {
	l.updating.Lock() // what is being read comes to its end first
	defer l.updating.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, s := range l.stores {
		errs = append(errs, s.Close())
	}
	for _, r := range l.roots {
		errs = append(errs, r.close())
	}
	l.stores, l.roots = nil, nil
	return errors.Join(errs...)
}

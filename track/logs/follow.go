package logs

import (
	"context"
	"os"
	"time"

	"github.com/tomo-viz/tomo/track"
)

// Bounds of how often files are looked at: often enough to show what is new
// within a second, and never for more than a small share of the time, however
// many files there are.
const (
	lookEvery = 300 * time.Millisecond
	lookShare = 10               // of the time, one part for looking through folders
	movedFor  = 10 * time.Minute // after which a file is no longer looked at between
	failEvery = 10 * time.Second // between tries to write an index that cannot be written
)

// Follow reads files as they grow, appear and disappear, until ctx ends. It tells
// which runs have grown, and calls grown without any where others are there than
// before. It asks for the files' sizes and waits for no notice of the system's,
// which network file systems do not give: folders are looked through now and
// then, and the files that have changed lately are opened each time, since only
// that asks a network file system's server for their sizes.
func (l *Library) Follow(ctx context.Context, grown func([]Run)) error {
	whole := time.Time{} // when to look through the folders next
	for {
		began, find := time.Now(), (*root).look
		if !began.Before(whole) {
			find = func(r *root, ctx context.Context) ([]found, error) {
				began := time.Now()
				files, err := r.scan(ctx)
				whole = latest(whole, time.Now().Add(lookShare*time.Since(began)))
				return files, err
			}
		}
		runs, others, err := l.update(ctx, find)
		if len(runs) > 0 || others {
			grown(runs)
		}
		wait := lookEvery
		if err != nil && ctx.Err() == nil {
			l.warnOnce(err)
			wait = failEvery
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// look finds the logs of the last scan, with the sizes that those have now that
// have changed lately.
func (r *root) look(ctx context.Context) ([]found, error) {
	for i, f := range r.files {
		if f.format == storeFormat { // it tells itself what is new
			continue
		}
		if time.Since(f.info.ModTime()) > movedFor && time.Since(r.moved[f.rel]) > movedFor {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		info, err := statOpen(r.full(f.rel), f.info)
		if err != nil {
			continue // the next scan will tell
		}
		if info.Size() != f.info.Size() || !info.ModTime().Equal(f.info.ModTime()) {
			r.moved[f.rel] = time.Now()
			r.files[i].info = info
		}
	}
	return r.files, nil
}

// statOpen opens a file to ask for its size, unless it has become a store.
func statOpen(path string, known os.FileInfo) (info os.FileInfo, err error) {
	if now, err := os.Stat(path); err == nil {
		known = now
	}
	opened := track.Look(known, func() {
		var f *os.File
		if f, err = os.Open(path); err == nil {
			defer f.Close()
			info, err = f.Stat()
		}
	})
	if !opened {
		return known, nil
	}
	return info, err
}

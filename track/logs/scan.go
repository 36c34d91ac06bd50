package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/tomo-viz/tomo/track"
)

// Bounds of what is looked through below one path.
const (
	maxFiles = 500_000
	maxDepth = 64 // folders within one another, links followed
)

// A found file is one of a known format.
type found struct {
	format *Format // nil for a store of Tomo's own
	rel    string  // below the root, with slashes
	run    string  // that it is of
	info   fs.FileInfo
}

// A scanner looks for logs below a root. It remembers what kind each file is.
type scanner struct {
	root  string
	real  string          // the root without links
	kinds map[string]kind // by rel
	seen  int

	single bool // the root is a file
}

// A kind is what a file of some size was taken for; format is nil where it is
// of none that is known.
type kind struct {
	format *Format
	run    string
	size   int64
}

// storeFormat stands for stores of Tomo's own.
var storeFormat = &Format{Name: "tomo", Doc: "stores of Tomo's own"}

// scan lists the logs below the root, in the order of their paths: what there
// is of them, even with an error.
func (s *scanner) scan(ctx context.Context) ([]found, error) {
	info, err := os.Stat(s.root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file or folder %s: %w", s.root, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	if s.single = !info.IsDir(); s.single {
		name := filepath.Base(s.root)
		if k := s.kind(s.root, name, info); k.format != nil {
			return []found{{k.format, name, k.run, info}}, nil
		}
		return nil, nil
	}
	if s.real, err = filepath.EvalSymlinks(s.root); err != nil {
		return nil, err
	}
	s.seen = 0
	var out []found
	err = s.folder(ctx, s.root, "", []string{s.root}, &out)
	return out, err
}

// folder looks into one folder; above holds the real paths of those around it,
// so that links in a circle come to an end.
func (s *scanner) folder(ctx context.Context, dir, rel string, above []string, out *[]found) error {
	entries, err := os.ReadDir(dir)
	if err != nil && rel == "" {
		return err
	}
	for _, e := range entries { // without those that may not be read
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.seen++; s.seen > maxFiles {
			return errTooMany
		}
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		full, name := filepath.Join(dir, e.Name()), path.Join(rel, e.Name())
		if e.Type()&fs.ModeSymlink != 0 && s.elsewhere(full) {
			continue
		}
		if e.Type()&fs.ModeSymlink == 0 && !e.IsDir() && !named(name) {
			continue
		}
		info, err := os.Stat(full)
		switch {
		case err != nil: // it has just gone, or is a link to nothing
		case info.IsDir():
			inside, ok := enter(full, e, above)
			if !ok {
				continue
			}
			if err := s.folder(ctx, full, name, inside, out); err != nil {
				return err
			}
		case info.Mode().IsRegular() && named(name):
			if k := s.kind(full, name, info); k.format != nil {
				*out = append(*out, found{k.format, name, k.run, info})
			}
		}
	}
	return nil
}

var errTooMany = errors.New("there are too many files below it; name a folder further down")

// elsewhere reports whether a link leads to what is looked into where it lies
// below the root, as latest-run of Weights & Biases does.
func (s *scanner) elsewhere(link string) bool {
	target, err := filepath.EvalSymlinks(link)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(s.real, target)
	return err == nil && filepath.IsLocal(rel) && rel != "." && !strings.Contains("/"+filepath.ToSlash(rel), "/.")
}

// enter decides whether a folder is looked into: not one that a link leads back
// to.
func enter(full string, e fs.DirEntry, above []string) ([]string, bool) {
	if len(above) >= maxDepth {
		return nil, false
	}
	if e.Type()&fs.ModeSymlink == 0 {
		return append(above[:len(above):len(above)], full), true
	}
	target, err := filepath.EvalSymlinks(full)
	if err != nil {
		return nil, false
	}
	for _, dir := range above {
		if real, err := filepath.EvalSymlinks(dir); err == nil && (real == target || strings.HasPrefix(real, target+string(filepath.Separator))) {
			return nil, false
		}
	}
	return append(above[:len(above):len(above)], full), true
}

// named reports whether any format may have a file of this name.
func named(rel string) bool {
	if isStoreName(rel) {
		return true
	}
	if isOfStore(rel) {
		return false
	}
	for _, f := range Formats {
		if f.Named(rel) {
			return true
		}
	}
	return false
}

// kind tells the format of a file and its run. Empty files are of none yet, and
// the beginning of short ones may say more when it is whole.
func (s *scanner) kind(full, rel string, info fs.FileInfo) kind {
	if info.Size() == 0 {
		return kind{}
	}
	before, ok := s.kinds[rel]
	if ok && (before.size == info.Size() || before.format != nil && before.size >= SniffBytes) {
		return before
	}
	now := s.sniff(full, rel, info)
	if now.format == nil && before.format != nil {
		now = before
	}
	now.size = info.Size()
	s.kinds[rel] = now
	return now
}

// sniff tells them by the file's name and its first bytes. A store is only ever
// opened by SQLite, see track.Look.
func (s *scanner) sniff(full, rel string, info fs.FileInfo) kind {
	switch {
	case !named(rel):
		return kind{}
	case isStoreName(rel) && track.IsStore(full):
		return kind{format: storeFormat}
	}
	var head []byte
	if !track.Look(info, func() { head = readHead(full) }) {
		return kind{}
	}
	for _, f := range Formats {
		if f.Named(rel) && (f.Begins == nil || f.Begins(head) || s.single && f.Asked != nil && f.Asked(head)) {
			return kind{format: f, run: f.runOf(rel, head)}
		}
	}
	return kind{}
}

// readHead returns the first bytes of a file, none of one that may not be read:
// a format that goes by names will say so when it reads it.
func readHead(full string) []byte {
	f, err := os.Open(full)
	if err != nil {
		return nil
	}
	defer f.Close()
	head := make([]byte, SniffBytes)
	n, _ := io.ReadFull(f, head)
	return head[:n]
}

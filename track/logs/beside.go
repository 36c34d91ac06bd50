package logs

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/tomo-viz/tomo/track/hparams"
)

// beside reads a file below a folder beside the file that is being read: names
// that lead out of that folder, by .. or a link, are refused. It returns nil
// where there is none.
func (s *Sink) beside(folder, name string, most int64) ([]byte, error) {
	root, err := os.OpenRoot(filepath.Join(filepath.Dir(s.run.root.full(s.name)), folder))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name = filepath.FromSlash(name)
	info, err := root.Stat(name) // before it is opened, which waits for ever at a pipe
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", name)
	case info.Size() > most:
		return nil, fmt.Errorf("%s has %d bytes, and at most %d are read", name, info.Size(), most)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// settingsFiles are what loggers write beside their logs: Lightning, ultralytics.
var settingsFiles = []string{"hparams.yaml", "args.yaml"}

// settings takes what files beside the log say that the run was configured with,
// and reports whether there was one.
func (s *Sink) settings() bool {
	for _, name := range settingsFiles {
		document, err := s.beside(".", name, 1<<20)
		if err == nil && document == nil {
			continue
		}
		var values map[string]any
		if err == nil {
			values, err = hparams.Parse(document)
		}
		if err != nil {
			s.Complain(fmt.Errorf("beside it, %s: %w", name, err))
		}
		for key, v := range values {
			s.Config(key, spelled(v))
		}
		return true
	}
	return false
}

// spelled writes out the numbers that JSON, in which stores keep settings, has no
// spelling for.
func spelled(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	case []any:
		for i, item := range v {
			v[i] = spelled(item)
		}
	case map[string]any:
		for key, item := range v {
			v[key] = spelled(item)
		}
	}
	return v
}

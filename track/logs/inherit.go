package logs

import (
	"context"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strconv"

	"github.com/tomo-viz/tomo/track"
)

// inherit gives runs whose own logs do not say it the configuration that the log
// of a folder around them or in them says: Keras writes it beside the folders
// train and validation that hold the curves, PyTorch's add_hparams into a folder
// below, which it names by the time.
func (r *root) inherit(ctx context.Context) error {
	said := map[string]*run{} // that say a configuration themselves, by their names
	within := map[string]*run{}
	for _, key := range slices.SortedFunc(maps.Keys(r.runs), runKey.compare) {
		known := r.runs[key]
		if known.format != &tensorBoard || !known.state.Configured || known.stored == nil {
			continue
		}
		said[key.name] = known
		if _, err := strconv.ParseFloat(path.Base(key.name), 64); err == nil {
			within[path.Dir(key.name)] = known // the last one
		}
	}
	if len(said) == 0 {
		return nil
	}
	for key, known := range r.runs {
		if known.format != &tensorBoard || known.stored == nil || known.state.Configured {
			continue
		}
		if err := known.inherit(ctx, sourceOf(key.name, said, within)); err != nil {
			return err
		}
	}
	return nil
}

// sourceOf finds the run that says the configuration of another.
func sourceOf(name string, said, within map[string]*run) *run {
	for dir := name; dir != "."; {
		dir = path.Dir(dir)
		if around := said[dir]; around != nil {
			return around
		}
	}
	return within[name]
}

// inherit copies the configuration of another run, once.
func (r *run) inherit(ctx context.Context, from *run) error {
	if from == nil || r.state.Inherited == from.name {
		return nil
	}
	index := r.root.index
	config, err := index.Config(ctx, from.stored)
	if err != nil {
		return err
	}
	r.state.Inherited = from.name
	state, err := json.Marshal(r.state)
	if err != nil {
		return err
	}
	return index.Import(ctx, &track.Piece{Run: r.stored, Batch: track.Batch{Config: config}, Source: r.source(), State: state})
}

package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A report is all that was measured. It grows: what is measured again replaces
// what was there.
type report struct {
	Machine  machine      `json:"machine"`
	Rows     []row        `json:"rows"`
	Starts   []startRow   `json:"starts"`
	Products []productRow `json:"products"`
}

// readReport reads the report of earlier runs, an empty one if there is none.
func readReport(path string) (*report, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &report{}, nil
	}
	if err != nil {
		return nil, err
	}
	r := &report{}
	return r, json.Unmarshal(text, r)
}

// write writes the report as bench.json and bench.md into dir.
func (r *report) write(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bench.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "bench.md"), []byte(r.markdown()), 0o644)
}

// put adds a row or replaces the engines that it has.
func (r *report) put(n row) {
	r.Rows = replace(r.Rows, n, func(o row) bool { return n.Network == o.Network && n.Batch == o.Batch && n.Task == o.Task })
	slices.SortStableFunc(r.Rows, func(a, b row) int {
		return order(a.Network, a.Batch, a.Task) - order(b.Network, b.Batch, b.Task)
	})
}

func (r *report) putStart(n startRow) {
	r.Starts = replace(r.Starts, n, func(o startRow) bool { return n.Network == o.Network && n.Batch == o.Batch && n.Task == o.Task })
	slices.SortStableFunc(r.Starts, func(a, b startRow) int {
		return order(a.Network, a.Batch, a.Task) - order(b.Network, b.Batch, b.Task)
	})
}

// replace puts n in the place of the element that is the same.
func replace[T any](list []T, n T, same func(T) bool) []T {
	if i := slices.IndexFunc(list, same); i >= 0 {
		list[i] = n
		return list
	}
	return append(list, n)
}

// order is by network, batch and task.
func order(network string, batch int, task string) int {
	return (slices.Index(networks, network)*1000+batch)*len(tasks) + slices.Index(tasks, task)
}

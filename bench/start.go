package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// A startRow is what whole processes take that open a network and compute one
// task.
type startRow struct {
	Network string               `json:"network"`
	Batch   int                  `json:"batch"`
	Task    string               `json:"task"`
	Engines map[string]footprint `json:"engines"`
}

// A footprint is what a process takes.
type footprint struct {
	// First is from the start of the process to its first result.
	First timing `json:"first"`
	// Bytes are the most memory that it held in three runs, 0 if unknown.
	Bytes int64 `json:"bytes"`
}

// startRounds are fewer than those of runs: a process takes seconds.
const startRounds = 5

// measureStarts starts each engine some times for every task of a network.
func (o *options) measureStarts(ctx context.Context, dir, network string, found func(startRow) error) error {
	for _, batch := range o.batches {
		jobs, err := write(dir, network, batch)
		if err != nil {
			return err
		}
		for _, task := range o.tasks {
			j := jobs[task]
			j.Threads = o.threads
			r := startRow{network, batch, task, map[string]footprint{}}
			if err := o.starts(ctx, j, r.Engines); err != nil {
				return err
			}
			if err := found(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *options) starts(ctx context.Context, j job, engines map[string]footprint) error {
	seconds := map[string][]float64{}
	for range min(o.rounds, startRounds) {
		for _, engine := range o.engines {
			if engines[engine].First.Missing != "" {
				continue
			}
			first, bytes, err := o.startOnce(ctx, engine, j)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				fmt.Fprintf(os.Stderr, "bench: %s, %s is left out: %v\n", j.Network, j.Task, err)
				engines[engine] = footprint{First: timing{Missing: err.Error()}}
				continue
			}
			seconds[engine] = append(seconds[engine], first.Seconds())
			engines[engine] = footprint{newTiming(seconds[engine]), max(engines[engine].Bytes, bytes)}
		}
	}
	return nil
}

// startOnce starts an engine and lets it compute.
func (o *options) startOnce(ctx context.Context, engine string, j job) (first time.Duration, bytes int64, err error) {
	c, err := o.begin(ctx, engine)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = firstError(err, c.end()) }()
	if _, err := c.call(request{Load: &j}); err != nil {
		return 0, 0, err
	}
	if _, err := c.call(request{Run: 1}); err != nil {
		return 0, 0, err
	}
	first = time.Since(c.started)
	if _, err := c.call(request{Run: 2}); err != nil {
		return 0, 0, err
	}
	return first, c.peak(), nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

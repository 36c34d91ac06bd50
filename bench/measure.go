package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tomo-viz/tomo/nn/kernel"
)

// A row is one task of one network.
type row struct {
	Network string `json:"network"`
	Batch   int    `json:"batch"`
	Task    string `json:"task"`
	// Operations are the floating-point operations of one run, and Peak how many
	// the machine does in a second at most.
	Operations int64             `json:"operations"`
	Peak       float64           `json:"peak"`
	Engines    map[string]timing `json:"engines"`
}

// turn is about how long an engine runs before the next one does.
const turn = 100 * time.Millisecond

// A bench measures the tasks of one network, with the engines it has started.
type bench struct {
	*options
	dir      string
	children []*child
}

// measureNetwork times all tasks that are asked for. Engines are started anew
// for each network.
func (o *options) measureNetwork(ctx context.Context, dir, network string, found func(row) error) error {
	b := &bench{options: o, dir: dir}
	defer b.close()
	for _, engine := range o.engines {
		c, err := o.begin(ctx, engine)
		if err != nil {
			return err
		}
		b.children = append(b.children, c)
	}
	for _, batch := range o.batches {
		jobs, err := write(dir, network, batch)
		if err != nil {
			return err
		}
		for _, task := range o.tasks {
			j := jobs[task]
			j.Threads = o.threads
			r, err := b.measure(ctx, j, batch)
			if errors.Is(err, errBusy) {
				fmt.Fprintf(os.Stderr, "bench: %s, batch %d, %s is left out: %v\n", network, batch, task, err)
				continue
			}
			if err != nil {
				return fmt.Errorf("%s, batch %d, %s: %w", network, batch, task, err)
			}
			if err := found(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// revive starts engines again that have died of an earlier task.
func (b *bench) revive(ctx context.Context) error {
	for i, c := range b.children {
		if !c.dead {
			continue
		}
		_ = c.end() // why it ended is known
		var err error
		if b.children[i], err = b.begin(ctx, c.engine); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) close() {
	for _, c := range b.children {
		_ = c.end()
	}
}

// measure times one task.
func (b *bench) measure(ctx context.Context, j job, batch int) (row, error) {
	r := row{Network: j.Network, Batch: batch, Task: j.Task, Engines: map[string]timing{}}
	var able []*contestant
	var agreed *bound
	if err := b.revive(ctx); err != nil {
		return r, err
	}
	for _, c := range b.children {
		p := &contestant{child: c}
		err := p.prepare(j, filepath.Join(b.dir, c.engine+".npz"), &agreed)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s, batch %d, %s is left out: %v\n", j.Network, batch, j.Task, err)
			r.Engines[c.engine] = timing{Missing: err.Error()}
			continue
		}
		r.Operations = max(r.Operations, p.operations)
		able = append(able, p)
	}
	r.Peak = b.fmaPeak(ctx)
	if err := takeTurns(able, b.rounds); err != nil {
		return r, err
	}
	for _, p := range able {
		r.Engines[p.engine] = p.timing()
	}
	return r, ctx.Err()
}

// patience is how long a row waits for the machine to be left alone.
const patience = 30 * time.Second

// takeTurns lets the engines run one after another for some rounds. Turns that
// the machine disturbed are taken again.
func takeTurns(able []*contestant, rounds int) error {
	lost := time.Duration(0)
	for i := range rounds {
		for k := range able {
			took, err := able[(i+k)%len(able)].takeTurn(patience - lost)
			if err != nil {
				return err
			}
			lost += took
		}
	}
	return nil
}

// fmaPeak measures the machine, and returns the most that it has done so far.
func (o *options) fmaPeak(ctx context.Context) float64 {
	pool := kernel.NewPool(o.threads)
	defer pool.Close()
	o.peak = max(o.peak, kernel.Peak(pool.Team(ctx), 50*time.Millisecond))
	return o.peak
}

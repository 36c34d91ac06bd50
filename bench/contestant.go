package main

import (
	"fmt"
	"os"
	"time"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// A contestant is an engine that has loaded a task.
type contestant struct {
	*child
	about      string
	apart      float64
	operations int64
	runs, warm int // of a turn
	seconds    []float64
}

// prepare loads the job, returns what the engine computes and settles how many
// runs make a turn.
func (p *contestant) prepare(j job, path string) (map[string]*tensor.Tensor, error) {
	loaded, err := p.call(request{Load: &j})
	if err != nil {
		return nil, err
	}
	defer os.Remove(path)
	saved, err := p.call(request{Save: path})
	if err != nil {
		return nil, err
	}
	results, err := tensor.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	p.about, p.operations = loaded.About, saved.Operations
	trial, err := p.call(request{Warm: 1, Run: 2})
	if err != nil {
		return nil, err
	}
	one := newTiming(trial.Seconds).Min
	p.runs = min(max(1, int(turn.Seconds()/one)), 50)
	if one < turn.Seconds() { // what the others left in the caches does not matter to a long run
		p.warm = 1
	}
	return results, nil
}

// takeTurn takes a turn that counts, and returns how long it waited for one. It
// errs when it would wait longer than it may.
func (p *contestant) takeTurn(patience time.Duration) (waited time.Duration, err error) {
	start := time.Now()
	for {
		begun := time.Since(start)
		disturbed, err := p.turn()
		if err != nil || !disturbed {
			return begun, err
		}
		if begun > patience {
			return 0, fmt.Errorf("other processes keep the machine busy; nothing can be measured beside them")
		}
		time.Sleep(turn)
	}
}

// turn runs for about the time of a turn. It tells whether the machine did much
// else meanwhile, in which case the turn does not count.
func (p *contestant) turn() (disturbed bool, err error) {
	before, start := p.usage(), time.Now()
	answer, err := p.call(request{Warm: p.warm, Run: p.runs})
	if err != nil {
		return false, err
	}
	// What /proc tells is coarse, so a few hundredths of a second are nothing.
	if others := p.usage().others(before); others > 0.03+0.05*time.Since(start).Seconds() {
		return true, nil
	}
	p.seconds = append(p.seconds, newTiming(answer.Seconds).Median)
	return false, nil
}

func (p *contestant) timing() timing {
	t := newTiming(p.seconds)
	t.About, t.Apart = p.about, p.apart
	return t
}

package main

import (
	"errors"
	"os"
	"time"

	"github.com/tomo-viz/tomo/nn/tensor"
)

var errBusy = errors.New("other processes keep the machine busy; nothing can be measured beside them")

// A contestant is an engine that has loaded a task.
type contestant struct {
	*child
	about      string
	apart      float64
	operations int64
	runs, warm int // of a turn
	seconds    []float64
}

// prepare loads the job, compares what the engine computes with what has been
// agreed on, which is what the first engine computes, and settles how many runs
// make a turn. Path is that of a file for what is compared.
func (p *contestant) prepare(j job, path string, agreed **bound) error {
	loaded, err := p.call(request{Load: &j})
	if err != nil {
		return err
	}
	saved, results, err := p.results(request{Save: path})
	if err != nil {
		return err
	}
	p.about, p.operations = loaded.About, saved.Operations
	if *agreed != nil {
		p.apart, err = (*agreed).compare(results)
	} else {
		*agreed, err = p.agree(results, path)
	}
	if err != nil {
		return err
	}
	return p.pace()
}

// agree makes an engine's results those that others must have.
func (p *contestant) agree(results map[string]*tensor.Tensor, path string) (*bound, error) {
	agreed := newBound(results)
	if len(results) == 1 {
		return agreed, nil // no gradients
	}
	for i := range jitters {
		_, jittered, err := p.results(request{Save: path, Jitter: i + 1})
		if err != nil {
			return nil, err
		}
		agreed.loosen(jittered)
	}
	return agreed, nil
}

// results asks for what the engine computes.
func (p *contestant) results(r request) (reply, map[string]*tensor.Tensor, error) {
	defer os.Remove(r.Save)
	answer, err := p.call(r)
	if err != nil {
		return answer, nil, err
	}
	results, err := tensor.OpenNPZ(r.Save)
	return answer, results, err
}

// pace settles what a turn is.
func (p *contestant) pace() error {
	trial, err := p.call(request{Warm: 1, Run: 2})
	if err != nil {
		return err
	}
	one := newTiming(trial.Seconds).Min
	p.runs = min(max(1, int(turn.Seconds()/one)), 50)
	if one < turn.Seconds() { // what the others left in the caches does not matter to a long run
		p.warm = 1
	}
	return nil
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
			return 0, errBusy
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

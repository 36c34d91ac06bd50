package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// An engine's process reads requests and writes replies, one line of JSON each;
// peer_torch.py does as serve does.

// A request is for one thing.
type request struct {
	// Version asks what the engine is.
	Version bool `json:"version,omitempty"`
	// Load replaces what is computed.
	Load *job `json:"load,omitempty"`
	// Run computes it some times, after some times that are not measured.
	Run  int `json:"run,omitempty"`
	Warm int `json:"warm,omitempty"`
	// Save writes what is computed, by name, to an .npz file.
	Save string `json:"save,omitempty"`
	// Jitter, if not 0, changes inputs and seed gradient in their last digits,
	// each number in another way.
	Jitter int `json:"jitter,omitempty"`
}

// A reply answers one request.
type reply struct {
	Error string `json:"error,omitempty"`
	// About says what is measured where the engine had a choice, or its version.
	About string `json:"about,omitempty"`
	// Seconds are what each run took.
	Seconds []float64 `json:"seconds,omitempty"`
	// Operations are the floating-point operations of one run, 0 if not known.
	Operations int64 `json:"operations,omitempty"`
}

// serve is the life of the process of an executor of Tomo's.
func serve(ctx context.Context, engine string, in io.Reader, out io.Writer) error {
	requests, replies := json.NewDecoder(in), json.NewEncoder(out)
	var q *question
	for {
		var r request
		err := requests.Decode(&r)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var answer reply
		if r.Load != nil {
			q, err = load(engine, *r.Load)
		} else {
			answer, err = q.answer(ctx, engine, r)
		}
		if err != nil {
			answer.Error = err.Error()
		}
		if err := replies.Encode(answer); err != nil {
			return err
		}
	}
}

func (q *question) answer(ctx context.Context, engine string, r request) (reply, error) {
	switch {
	case r.Version:
		about, err := version(engine)
		return reply{About: about}, err
	case q == nil:
		return reply{}, fmt.Errorf("nothing is loaded")
	case r.Save != "":
		return q.jittered(r.Jitter).save(ctx, r.Save)
	}
	return q.repeat(ctx, r.Warm, r.Run)
}

func (q *question) save(ctx context.Context, path string) (reply, error) {
	values, err := q.run(ctx)
	if err != nil {
		return reply{}, err
	}
	arrays := map[string]*tensor.Tensor{}
	for i, name := range q.names {
		arrays[name] = values[i]
	}
	if err := writeNPZ(path, arrays); err != nil {
		return reply{}, err
	}
	n, err := q.operations(ctx)
	return reply{Operations: n}, err
}

func (q *question) repeat(ctx context.Context, warm, runs int) (reply, error) {
	var seconds []float64
	for i := range warm + runs {
		start := time.Now()
		if _, err := q.run(ctx); err != nil {
			return reply{}, err
		}
		if i >= warm {
			seconds = append(seconds, time.Since(start).Seconds())
		}
	}
	return reply{Seconds: seconds}, nil
}

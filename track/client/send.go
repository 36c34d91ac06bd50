package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/tomo-viz/tomo/track/wire"
)

// send sends batches, one after the other, until ctx ends.
func (r *Run) send(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(r.opt.Every)
	defer tick.Stop()
	for n := 1; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.wake:
		}
		for r.sendOne(ctx, fmt.Sprintf("%s-%d", r.session, n)) {
			n++
		}
		n++
	}
}

// sendOne sends what waits, and reports whether another batch is due.
func (r *Run) sendOne(ctx context.Context, id string) bool {
	r.mu.Lock()
	batch, size := r.waiting.batch(), r.waiting.size
	r.waiting = buffer{}
	r.mu.Unlock()
	if size > 0 {
		r.deliver(ctx, id, batch)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	r.settled += size
	r.room.Broadcast()
	return r.waiting.size > 0 && (r.waiting.due || r.waiting.size >= r.opt.MaxBatch)
}

// deliver sends a batch, in halves where something of it is refused, and tells
// what of it is.
func (r *Run) deliver(ctx context.Context, id string, batch *wire.Batch) {
	batch.ID = id
	body, err := wire.AppendColumns(nil, batch)
	if err == nil {
		err = r.untilTaken(ctx, r.address+"/batch", wire.Columns, body)
	}
	var no *refusal
	if errors.As(err, &no) && no.ofContent() {
		if parts := halves(batch); parts != nil {
			r.deliver(ctx, id+"a", parts[0])
			r.deliver(ctx, id+"b", parts[1])
			return
		}
	}
	if err == nil || ctx.Err() != nil {
		return
	}
	err = fmt.Errorf("%d points were refused: %w", batch.Points(), err)
	r.opt.Warn(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused == nil {
		r.refused = err
	}
}

// insist sends a value as JSON.
func (r *Run) insist(ctx context.Context, address string, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return r.untilTaken(ctx, address, wire.JSON, body)
}

// A refusal is about a request that the server will never take as it is.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("the server refuses it: %d %s: %s", r.status, http.StatusText(r.status), r.text)
}

// ofContent tells what is wrong in a batch from what is wrong with all of them.
func (r *refusal) ofContent() bool {
	return r.status == http.StatusBadRequest || r.status == http.StatusRequestEntityTooLarge
}

// untilTaken sends a request again and again, with growing pauses, until the
// server has taken or refused it, or ctx ends.
func (r *Run) untilTaken(ctx context.Context, address, kind string, body []byte) error {
	var wait pause
	for first := true; ; first = false {
		err := r.post(ctx, address, kind, body)
		var no *refusal
		if err == nil || errors.As(err, &no) {
			return err
		}
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		if first {
			r.opt.Warn(fmt.Errorf("%w; it will be sent again", err))
		}
		next := wait.next()
		select { // not all clients of a server at the same moment
		case <-time.After(next/2 + rand.N(next)):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// maxAnswer bounds how much is read of an answer.
const maxAnswer = 64 << 10

func (r *Run) post(ctx context.Context, address, kind string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", kind)
	if r.opt.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.opt.Token)
	}
	answer, err := r.opt.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case answer.StatusCode == http.StatusOK:
		return err // one that was cut off may be of anything
	case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("%s: %s", answer.Status, reason(text))
	}
	return &refusal{answer.StatusCode, reason(text)}
}

// reason is what an answer says went wrong.
func reason(answer []byte) string {
	var known struct{ Error string }
	if json.Unmarshal(answer, &known) == nil && known.Error != "" {
		return known.Error
	}
	return string(bytes.TrimSpace(answer[:min(len(answer), 200)]))
}

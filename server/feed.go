package server

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// A Feed is a sequence of events that many clients watch live. Who comes late
// is told all of it from the beginning. The zero Feed is ready for use.
type Feed struct {
	mu     sync.Mutex
	events []event
	count  int // of all events ever
	closed bool
	wake   chan struct{}
	beat   time.Duration // between signs of life; 0 means heartbeat
}

type event struct {
	number int // from 1, in the order of sending
	name   string
	data   []byte
}

// Send appends an event; v is sent as JSON.
func (f *Feed) Send(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		data = []byte("null")
	}
	f.change(func() { f.push(name, data) })
}

// replace drops all events of a name and appends one: of progress only the
// latest is worth anything.
func (f *Feed) replace(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		return
	}
	f.change(func() {
		// A new list, since watchers still read the old one.
		kept := make([]event, 0, len(f.events)+1)
		for _, e := range f.events {
			if e.name != name {
				kept = append(kept, e)
			}
		}
		f.events = kept
		f.push(name, data)
	})
}

func (f *Feed) push(name string, data []byte) {
	f.count++
	f.events = append(f.events, event{f.count, name, data})
}

// Close ends the feed; watchers are let go once they have seen all of it.
func (f *Feed) Close() { f.change(func() { f.closed = true }) }

func (f *Feed) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	do()
	if f.wake != nil {
		close(f.wake)
		f.wake = nil
	}
}

// state returns the events, whether there will be more, and a channel that is
// closed when that changes.
func (f *Feed) state() ([]event, bool, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wake == nil {
		f.wake = make(chan struct{})
	}
	return f.events, f.closed, f.wake
}

// heartbeat keeps proxies from closing a quiet connection.
const heartbeat = 15 * time.Second

// ServeHTTP streams the feed as server-sent events (WHATWG HTML, 9.2).
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "streaming is not possible here", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	fmt.Fprint(w, ": from the beginning\n\n") // an answer begins with its first byte, also when nothing has happened yet
	ticker := time.NewTicker(cmp.Or(f.beat, heartbeat))
	defer ticker.Stop()
	sent := 0
	for {
		events, closed, changed := f.state()
		for _, e := range events {
			if e.number > sent {
				sent = e.number
				fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.name, e.data)
			}
		}
		flusher.Flush()
		if closed {
			return
		}
		select {
		case <-changed:
		case <-ticker.C:
			fmt.Fprint(w, ": still here\n\n")
			flusher.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

package inspect

import (
	"encoding/json"
	"io"
	"strings"
	"time"
)

// A chromeEvent is an event of the Trace Event Format, which chrome://tracing
// and Perfetto open: complete events ("X") with times in microseconds, and
// metadata ("M").
type chromeEvent struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	TS    float64        `json:"ts"`
	Dur   float64        `json:"dur,omitempty"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	Args  map[string]any `json:"args,omitempty"`
}

// WriteChrome writes the last run as a timeline of steps within the modules
// that they belong to.
func (p *Profile) WriteChrome(w io.Writer) error {
	events := []chromeEvent{{Name: "process_name", Phase: "M", PID: 1, TID: 1, Args: map[string]any{"name": p.Model}}}
	events = append(events, spans(p.Last, 1)...)
	for _, e := range p.Last {
		events = append(events, complete(e.Op, "step", e.Start, e.Time, map[string]any{
			"nodes": e.Name, "module": e.Module, "macs": e.MACs, "gflops": e.GFLOPS(), "bytes": e.Bytes, "kernel": e.Kernel,
		}))
	}
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}

// spans are the modules of a depth that the events run through, each followed
// by those inside it. Viewers put what is inside another event below it.
func spans(events []Event, depth int) []chromeEvent {
	var out []chromeEvent
	for from := 0; from < len(events); {
		module, to := ancestor(events[from].Module, depth), from+1
		for to < len(events) && ancestor(events[to].Module, depth) == module {
			to++
		}
		if inside := events[from:to]; strings.Count(module, ".") == depth-1 && module != "" {
			last := inside[len(inside)-1]
			out = append(out, complete(module, "module", inside[0].Start, last.Start+last.Time-inside[0].Start, nil))
			out = append(out, spans(inside, depth+1)...)
		}
		from = to
	}
	return out
}

func complete(name, cat string, start, dur time.Duration, args map[string]any) chromeEvent {
	return chromeEvent{Name: name, Cat: cat, Phase: "X", TS: microseconds(start), Dur: microseconds(dur), PID: 1, TID: 1, Args: args}
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

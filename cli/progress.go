package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/tomo-viz/tomo/viz"
)

// A progressStyle is how progress is told.
type progressStyle string

func (s *progressStyle) String() string { return "auto" }
func (s *progressStyle) Type() string   { return "style" }

func (s *progressStyle) Set(text string) error {
	switch text {
	case "auto", "bar", "json", "none":
		*s = progressStyle(text)
		return nil
	}
	return fmt.Errorf("%q is no way to tell progress; there are auto, bar, json and none", text)
}

// A progress tells how far the work is, on standard error.
type progress struct {
	mu      sync.Mutex
	w       io.Writer
	verb    string
	style   progressStyle
	start   time.Time
	drawn   time.Time
	written bool
}

// calm is how long work may take before a bar is worth showing, and the least
// time between two bars.
const calm = 150 * time.Millisecond

func (p *program) newProgress(verb string) *progress {
	style := p.progress
	if style == "" || style == "auto" {
		style = "none"
		if f, ok := p.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			style = "bar"
		}
	}
	if p.quiet && style == "bar" {
		style = "none"
	}
	now := time.Now()
	return &progress{w: p.stderr, verb: verb, style: style, start: now, drawn: now}
}

func (p *progress) report(r viz.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	last := r.Total > 0 && r.Done >= r.Total
	if p.style == "none" || now.Sub(p.drawn) < calm && (!last || p.style == "bar") {
		return
	}
	p.drawn = now
	if p.style == "json" {
		line, _ := json.Marshal(map[string]any{"done": r.Done, "total": r.Total, "what": r.What, "seconds": now.Sub(p.start).Seconds()})
		fmt.Fprintf(p.w, "%s\n", line)
		return
	}
	p.written = true
	fmt.Fprintf(p.w, "\r\x1b[K%s %s %s  %s", p.verb, bar(r), r.What, now.Sub(p.start).Round(100*time.Millisecond))
}

// bar draws twenty cells, or a count where the end is not known.
func bar(r viz.Progress) string {
	const cells = 20
	if r.Total <= 0 {
		return fmt.Sprint(r.Done)
	}
	full := min(cells, cells*r.Done/r.Total)
	return fmt.Sprintf("%s%s %3d%%", strings.Repeat("━", full), strings.Repeat("╌", cells-full), 100*r.Done/r.Total)
}

// say writes a line, whatever the style; a bar is drawn anew below it.
func (p *progress) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.written {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	fmt.Fprintln(p.w, "tomo:", line)
}

// end takes the bar off the terminal.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.written {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

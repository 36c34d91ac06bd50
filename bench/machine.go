package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/nn/kernel"
)

// A machine says what was measured on what.
type machine struct {
	When      string            `json:"when"`
	Processor string            `json:"processor"`
	System    string            `json:"system"`
	Threads   int               `json:"threads"`
	Kernels   string            `json:"kernels"`
	Peak      float64           `json:"peak"`
	Versions  map[string]string `json:"versions"`
}

// describe asks all engines what they are; those that cannot say are left out
// from here on.
func (o *options) describe(ctx context.Context) (machine, error) {
	m := machine{
		When: time.Now().UTC().Format(time.DateOnly), Processor: processor(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Threads: o.threads, Kernels: kernel.Path(), Peak: o.fmaPeak(ctx), Versions: map[string]string{},
	}
	var able []string
	for _, engine := range o.engines {
		version, err := o.version(ctx, engine)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s is left out: %v\n", engine, err)
			continue
		}
		able = append(able, engine)
		m.Versions[engine] = version
	}
	o.engines = able
	return m, ctx.Err()
}

func (o *options) version(ctx context.Context, engine string) (string, error) {
	c, err := o.begin(ctx, engine)
	if err != nil {
		return "", err
	}
	answer, err := c.call(request{Version: true})
	return answer.About, firstError(err, c.end())
}

func (m machine) String() string {
	versions := []string{}
	for _, e := range engines {
		if v := m.Versions[e]; v != "" {
			versions = append(versions, v)
		}
	}
	return fmt.Sprintf("%s: %s, %s, %d threads, %s kernels, peak %.0f GFLOP/s. %s.", m.When, m.Processor, m.System, m.Threads, m.Kernels, m.Peak/1e9, strings.Join(versions, "; "))
}

// processor is what the system calls it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "a processor of unknown name"
}

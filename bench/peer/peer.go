// Package peer is what the measurements of maps beside Python's libraries share:
// one network with the same random weights for both, a picture, and processes of
// both on as many threads each.
package peer

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Bench is one run of a command.
type Bench struct {
	Dir     string // with resnet18.onnx, resnet18.pt and photo.png
	Threads int    // of each

	python, script, tomo string
}

// New declares the flags that all such commands have; has is what Python must
// have, and script what it runs.
func New(has, script string) *Bench {
	b := &Bench{}
	flag.StringVar(&b.python, "python", "python3", "the Python that has "+has)
	flag.StringVar(&b.script, "script", script, "the script that it runs")
	flag.StringVar(&b.tomo, "tomo", "./tomo", "the program, for whole processes")
	flag.StringVar(&b.Dir, "dir", "", "folder to keep the network in; the default is a temporary one")
	flag.IntVar(&b.Threads, "threads", 2, "threads of each")
	return b
}

//go:embed export.py
var export string

// Ready makes the network, where the folder has none, once flags are parsed; done
// removes what is temporary.
func (b *Bench) Ready(ctx context.Context) (done func(), err error) {
	runtime.GOMAXPROCS(b.Threads)
	done = func() {}
	if b.Dir == "" {
		if b.Dir, err = os.MkdirTemp("", "bench"); err != nil {
			return done, err
		}
		done = func() { os.RemoveAll(b.Dir) }
	}
	if _, err := os.Stat(b.File("resnet18.onnx")); err != nil {
		if _, err := b.command(ctx, b.python, "-c", export, b.Dir); err != nil {
			return done, err
		}
	}
	return done, nil
}

// File is one of the folder.
func (b *Bench) File(name string) string { return filepath.Join(b.Dir, name) }

// Open opens the network, and the picture as it takes it.
func (b *Bench) Open() (*model.Model, *tensor.Tensor, error) {
	m, err := model.Open(b.File("resnet18.onnx"), model.Options{})
	if err != nil {
		return nil, nil, err
	}
	photo, err := data.OpenImage(b.File("photo.png"))
	if err != nil {
		return nil, nil, err
	}
	ready, err := m.Prep.Prepare(photo)
	if err != nil {
		return nil, nil, err
	}
	return m, ready.Tensor, nil
}

// Ask lets the script do something, and returns what it wrote.
func (b *Bench) Ask(ctx context.Context, args ...string) ([]byte, error) {
	return b.command(ctx, b.python, append([]string{b.script}, args...)...)
}

// Processes are the times of whole processes: of Tomo, and of the script, each
// with its arguments.
func (b *Bench) Processes(ctx context.Context, tomo, script []string) (ours, theirs time.Duration, err error) {
	start := time.Now()
	if _, err := b.Ask(ctx, script...); err != nil {
		return 0, 0, err
	}
	theirs = time.Since(start)
	start = time.Now()
	_, err = b.command(ctx, b.tomo, tomo...)
	return time.Since(start), theirs, err
}

// command runs a program and returns what it wrote.
func (b *Bench) command(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	n := strconv.Itoa(b.Threads)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+n, "OMP_NUM_THREADS="+n)
	out, err := cmd.Output()
	if bad, ok := err.(*exec.ExitError); ok {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, bad.Stderr)
	}
	return out, err
}

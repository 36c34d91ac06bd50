package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A bench is one run of the command.
type bench struct {
	dir, python, script, tomo string
	threads                   int
	libs, methods, parts      []string
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/cam:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	b := bench{}
	flag.StringVar(&b.python, "python", "python3", "the Python that has the peers")
	flag.StringVar(&b.script, "script", "bench/cam/peer.py", "the script that runs them")
	flag.StringVar(&b.tomo, "tomo", "./tomo", "the program, for whole processes")
	flag.IntVar(&b.threads, "threads", 2, "threads of each")
	flag.StringVar(&b.dir, "dir", "", "folder to keep the network in; the default is a temporary one")
	libs := flag.String("libs", "torchcam,gradcam", "peers to measure")
	methods := flag.String("methods", strings.Join(methodNames(), ","), "methods to measure")
	parts := flag.String("parts", "map,process", "what to measure")
	flag.Parse()
	b.libs, b.methods, b.parts = strings.Split(*libs, ","), strings.Split(*methods, ","), strings.Split(*parts, ",")
	runtime.GOMAXPROCS(b.threads)
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		b.dir = dir
	}
	if _, err := os.Stat(filepath.Join(b.dir, "resnet18.onnx")); err != nil {
		if _, err := b.peer(ctx, "export", b.dir); err != nil {
			return err
		}
	}
	return b.table(ctx)
}

// A method is what it is called here, and which peers have it.
type method struct {
	name     string
	torchcam bool
	gradcam  bool
}

var methods = []method{
	{"gradcam", true, true}, {"gradcam++", true, true}, {"xgradcam", true, true}, {"layercam", true, true},
	{"hirescam", false, true}, {"eigencam", false, true}, {"scorecam", true, true}, {"ablationcam", false, true},
}

func methodNames() []string {
	var names []string
	for _, m := range methods {
		names = append(names, m.name)
	}
	return names
}

// table measures and prints a row for each method, peer and part.
func (b *bench) table(ctx context.Context) error {
	fmt.Println("| method | peer | what | Tomo | peer | Tomo / peer |")
	fmt.Println("|---|---|---|---:|---:|---:|")
	for _, m := range methods {
		if !slices.Contains(b.methods, m.name) {
			continue
		}
		for _, lib := range b.libs {
			if lib == "torchcam" && !m.torchcam || lib == "gradcam" && !m.gradcam {
				continue
			}
			for _, part := range b.parts {
				ours, theirs, err := b.measure(ctx, part, lib, m.name)
				if err != nil {
					return err
				}
				fmt.Printf("| %s | %s | %s | %s | %s | %.3f |\n", m.name, lib, part, milliseconds(ours), milliseconds(theirs), float64(ours)/float64(theirs))
			}
		}
	}
	return nil
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1e3) }

// measure returns Tomo's time and the peer's.
func (b *bench) measure(ctx context.Context, part, lib, method string) (ours, theirs time.Duration, err error) {
	if part == "map" {
		raw, err := b.peer(ctx, "time", b.dir, lib, method)
		if err != nil {
			return 0, 0, err
		}
		var seconds []float64
		if err := json.Unmarshal(raw, &seconds); err != nil {
			return 0, 0, fmt.Errorf("the peer said %q: %w", raw, err)
		}
		ours, err = b.mapTime(ctx, method)
		return ours, time.Duration(median(seconds) * 1e9), err
	}
	start := time.Now()
	if _, err := b.peer(ctx, "picture", b.dir, lib, method, filepath.Join(b.dir, "peer.png")); err != nil {
		return 0, 0, err
	}
	theirs = time.Since(start)
	start = time.Now()
	_, err = b.command(ctx, b.tomo, "cam", filepath.Join(b.dir, "resnet18.onnx"), filepath.Join(b.dir, "photo.png"),
		"--layer", layer, "--class", strconv.Itoa(class), "--method", method, "-o", filepath.Join(b.dir, "tomo.png"))
	return time.Since(start), theirs, err
}

func (b *bench) peer(ctx context.Context, args ...string) ([]byte, error) {
	return b.command(ctx, b.python, append([]string{b.script}, args...)...)
}

// command runs a program and returns what it wrote.
func (b *bench) command(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	n := strconv.Itoa(b.threads)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+n, "OMP_NUM_THREADS="+n)
	out, err := cmd.Output()
	if bad, ok := err.(*exec.ExitError); ok {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, bad.Stderr)
	}
	return out, err
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

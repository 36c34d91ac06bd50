package main

import (
	"context"
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
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/saliency"
)

// class is what all of them explain.
const class = 3

// A bench is one run of the command.
type bench struct {
	dir, python, script, tomo string
	threads                   int
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/saliency:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	b := bench{}
	flag.StringVar(&b.python, "python", "python3", "the Python that has Captum")
	flag.StringVar(&b.script, "script", "bench/saliency/peer.py", "the script that runs it")
	flag.StringVar(&b.tomo, "tomo", "./tomo", "the program, for whole processes")
	flag.StringVar(&b.dir, "dir", "", "folder to keep the network in; the default is a temporary one")
	flag.IntVar(&b.threads, "threads", 2, "threads of each")
	methods := flag.String("methods", "ig,occlusion", "methods to measure")
	parts := flag.String("parts", "map,process", "what to measure")
	flag.Parse()
	runtime.GOMAXPROCS(b.threads)
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		b.dir = dir
	}
	if _, err := os.Stat(b.file("resnet18.onnx")); err != nil {
		if _, err := b.peer(ctx, "export", b.dir); err != nil {
			return err
		}
	}
	fmt.Println("| method | what | Tomo, s | Captum, s | Tomo / Captum |")
	fmt.Println("|---|---|---:|---:|---:|")
	for _, method := range strings.Split(*methods, ",") {
		for _, part := range strings.Split(*parts, ",") {
			ours, theirs, err := b.measure(ctx, part, method)
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %s | %.2f | %.2f | %.3f |\n", method, part, ours, theirs, ours/theirs)
		}
	}
	return nil
}

func (b *bench) file(name string) string { return filepath.Join(b.dir, name) }

// measure returns the seconds of Tomo and of Captum.
func (b *bench) measure(ctx context.Context, part, method string) (ours, theirs float64, err error) {
	if part == "map" {
		raw, err := b.peer(ctx, "time", b.dir, method)
		if err != nil {
			return 0, 0, err
		}
		if theirs, err = strconv.ParseFloat(strings.TrimSpace(string(raw)), 64); err != nil {
			return 0, 0, err
		}
		ours, err = b.mapTime(ctx, method)
		return ours, theirs, err
	}
	start := time.Now()
	if _, err := b.peer(ctx, "picture", b.dir, method, b.file("peer.png")); err != nil {
		return 0, 0, err
	}
	theirs = time.Since(start).Seconds()
	start = time.Now()
	_, err = b.command(ctx, b.tomo, "saliency", b.file("resnet18.onnx"), b.file("photo.png"), "--class", strconv.Itoa(class),
		"--method", method, "--window", "15", "--stride", "8", "--threads", strconv.Itoa(b.threads), "-o", b.file("tomo.png"))
	return time.Since(start).Seconds(), theirs, err
}

// mapTime is the time of one map; the network has run once before.
func (b *bench) mapTime(ctx context.Context, method string) (float64, error) {
	m, err := model.Open(b.file("resnet18.onnx"), model.Options{})
	if err != nil {
		return 0, err
	}
	photo, err := data.OpenImage(b.file("photo.png"))
	if err != nil {
		return 0, err
	}
	ready, err := m.Prep.Prepare(photo)
	if err != nil {
		return 0, err
	}
	a, err := attribution.Ask(ctx, m, ready.Tensor)
	if err != nil {
		return 0, err
	}
	o := saliency.Options{Params: saliency.Defaults()}
	o.Window, o.Stride = 15, 8
	start := time.Now()
	_, err = saliency.Explain(ctx, a, attribution.OfClass(m, class, o.Target), saliency.Variant(method), o)
	return time.Since(start).Seconds(), err
}

func (b *bench) peer(ctx context.Context, args ...string) ([]byte, error) {
	return b.command(ctx, b.python, append([]string{b.script}, args...)...)
}

// command runs a program and returns what it wrote.
func (b *bench) command(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS="+strconv.Itoa(b.threads))
	out, err := cmd.Output()
	if bad, ok := err.(*exec.ExitError); ok {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, bad.Stderr)
	}
	return out, err
}

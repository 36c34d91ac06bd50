package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

type options struct {
	networks, tasks, engines, parts []string
	batches                         []int
	rounds, threads                 int
	out, python, script             string
	peak                            float64 // the most operations a second so far
}

// The parts of a run.
var parts = []string{"time", "process", "products"}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	o, serving, err := parse(args)
	if err != nil {
		return err
	}
	if serving != "" {
		return serve(ctx, serving, os.Stdin, os.Stdout)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return o.all(ctx, dir)
}

// all measures what is asked for and writes the report after each row.
func (o *options) all(ctx context.Context, dir string) error {
	r, err := readReport(filepath.Join(o.out, "bench.json"))
	if err != nil {
		return err
	}
	if r.Machine, err = o.describe(ctx); err != nil {
		return err
	}
	fmt.Println(r.Machine)
	for _, network := range o.networks {
		if slices.Contains(o.parts, "time") {
			err := o.measureNetwork(ctx, dir, network, func(n row) error {
				fmt.Println(n)
				r.put(n)
				return r.write(o.out)
			})
			if err != nil {
				return err
			}
		}
		if slices.Contains(o.parts, "process") {
			err := o.measureStarts(ctx, dir, network, func(n startRow) error {
				fmt.Println(n)
				r.putStart(n)
				return r.write(o.out)
			})
			if err != nil {
				return err
			}
		}
	}
	if slices.Contains(o.parts, "products") {
		r.Products = o.measureProducts(ctx)
	}
	return r.write(o.out)
}

// parse reads the flags. The second result is the engine whose process this is,
// mostly none.
func parse(args []string) (*options, string, error) {
	o := &options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(os.Stdout)
	serving := flags.String("serve", "", "be the process of an engine (started by bench itself)")
	list := func(into *[]string, name string, all []string, usage string) {
		*into = all
		flags.Func(name, usage+": some of "+strings.Join(all, ","), func(text string) error {
			*into = strings.Split(text, ",")
			for _, w := range *into {
				if !slices.Contains(all, w) {
					return fmt.Errorf("there is no %q", w)
				}
			}
			return nil
		})
	}
	list(&o.networks, "networks", networks, "what to run")
	list(&o.tasks, "tasks", tasks, "what to compute")
	list(&o.engines, "engines", engines, "what to run it on, in the order of comparison")
	list(&o.parts, "parts", parts, "what to measure")
	o.batches = []int{1, 8}
	flags.Func("batches", "batch sizes (default 1,8)", func(text string) (err error) {
		o.batches, err = numbers(text)
		return err
	})
	flags.IntVar(&o.rounds, "rounds", 15, "turns of each engine")
	flags.IntVar(&o.threads, "threads", runtime.NumCPU(), "threads of each engine")
	flags.StringVar(&o.out, "out", ".bench", "folder of the report")
	flags.StringVar(&o.python, "python", "python3", "the Python that has PyTorch")
	flags.StringVar(&o.script, "script", filepath.Join("bench", "peer_torch.py"), "the process of PyTorch")
	err := flags.Parse(args)
	if err == nil && (o.rounds < 1 || o.threads < 1) {
		err = fmt.Errorf("rounds and threads are at least 1")
	}
	return o, *serving, err
}

func numbers(text string) ([]int, error) {
	var list []int
	for _, w := range strings.Split(text, ",") {
		n, err := strconv.Atoi(w)
		if err != nil || n < 1 || n > 999 {
			return nil, fmt.Errorf("%q is not a batch size", w)
		}
		list = append(list, n)
	}
	return list, nil
}

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A bench is one run of the command.
type bench struct {
	peer   string // the data server; empty measures without it
	dir    string // for what is generated
	mib    int
	tags   int
	rounds int
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/logs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	b := bench{}
	flag.StringVar(&b.peer, "peer", "", "the data server of TensorBoard; without it only Tomo is measured")
	flag.IntVar(&b.mib, "mib", 1024, "size of the file of scalars")
	flag.IntVar(&b.tags, "tags", 100, "tags in it")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each is measured; the median counts")
	forms := flag.String("forms", "simple,tensor", "how the scalars are written")
	parts := flag.String("parts", "read,tags", "what to measure")
	open, index := flag.String("open", "", "only open this folder"), flag.String("index", "", "with this index")
	flag.Parse()
	if *open != "" {
		return openFolder(ctx, *open, *index)
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "bench-logs-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	fmt.Println("| what | Tomo | data server | speed |")
	fmt.Println("|---|---:|---:|---:|")
	for _, part := range strings.Split(*parts, ",") {
		if part == "tags" {
			err = b.manyTags(ctx)
		} else {
			err = b.scalars(ctx, strings.Split(*forms, ","))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scalars measures a large file in each form.
func (b *bench) scalars(ctx context.Context, forms []string) error {
	for _, f := range forms {
		err := b.measure(ctx, shape{form: form(f), tags: b.tags, mib: b.mib}, fmt.Sprintf("%d MiB of scalars (%s)", b.mib, f))
		if err != nil {
			return err
		}
	}
	return nil
}

// manyTags measures a log of one point of each of very many tags.
func (b *bench) manyTags(ctx context.Context) error {
	const tags = 12_345
	return b.measure(ctx, shape{form: simple, tags: tags}, "12,345 tags listed")
}

func (b *bench) measure(ctx context.Context, s shape, what string) error {
	logs, index := filepath.Join(b.dir, "logs"), filepath.Join(b.dir, "index")
	defer os.RemoveAll(logs)
	points, err := generate(logs, s)
	if err != nil {
		return err
	}
	want := counts{s.tags, points}
	first, err := b.median(func() (time.Duration, error) {
		if err := os.RemoveAll(index); err != nil {
			return 0, err
		}
		return readByTomo(ctx, logs, index, want)
	})
	if err != nil {
		return err
	}
	again, err := b.median(func() (time.Duration, error) { return readByTomo(ctx, logs, index, want) })
	if err != nil {
		return err
	}
	peer := " | "
	if b.peer != "" {
		theirs, err := b.median(func() (time.Duration, error) { return readByPeer(ctx, b.peer, logs) })
		if err != nil {
			return err
		}
		peer = fmt.Sprintf("%.3f s | %.1fx", theirs.Seconds(), theirs.Seconds()/first.Seconds())
	}
	fmt.Printf("| %s | %.3f s | %s |\n", what, first.Seconds(), peer)
	fmt.Printf("| the same from the index | %.3f s | | |\n", again.Seconds())
	return nil
}

func (b *bench) median(measure func() (time.Duration, error)) (time.Duration, error) {
	var all []time.Duration
	for range b.rounds {
		d, err := measure()
		if err != nil {
			return 0, err
		}
		all = append(all, d)
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

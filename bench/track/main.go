package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

// A bench is one run of the command.
type bench struct {
	python, script, mlflow, tomo string
	dir                          string
	rounds                       int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench/track:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	b := bench{}
	flag.StringVar(&b.python, "python", "python3", "the Python that has MLflow's client")
	flag.StringVar(&b.script, "script", "bench/track/peer.py", "the script that calls it")
	flag.StringVar(&b.mlflow, "mlflow", "mlflow", "MLflow's program, whose server is measured")
	flag.StringVar(&b.tomo, "tomo", "./tomo", "Tomo's")
	flag.StringVar(&b.dir, "dir", "", "folder for the files of both servers; the default is a temporary one")
	flag.IntVar(&b.rounds, "rounds", 5, "how often each is measured")
	names := flag.String("parts", strings.Join(partNames(), ","), "what to measure")
	by := flag.String("by", "client,http", "how to ask: by MLflow's client, or without")
	clients := flag.String("clients", "1,8", "how many ask at a time")
	hold := flag.Bool("hold", false, "start and fill the servers, and let them run")
	flag.Parse()
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		b.dir = dir
	}
	servers, stop, err := b.servers(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if *hold {
		fmt.Println("Both servers run. Measure with -dir", b.dir)
		<-ctx.Done()
		return nil
	}
	fmt.Println("| what | by | clients | Tomo, ms | MLflow, ms | times faster |")
	fmt.Println("|---|---|---:|---:|---:|---:|")
	for _, name := range strings.Split(*names, ",") {
		p, err := partNamed(name)
		if err != nil {
			return err
		}
		for _, how := range strings.Split(*by, ",") {
			for _, n := range strings.Split(*clients, ",") {
				count, err := strconv.Atoi(n)
				if err != nil {
					return err
				}
				if err := b.row(ctx, servers, p, how, count); err != nil {
					return fmt.Errorf("%s by %s: %w", name, how, err)
				}
			}
		}
	}
	return nil
}

// row measures both servers in turns and prints a row of the table.
func (b *bench) row(ctx context.Context, servers []server, p part, how string, clients int) error {
	var c comparison
	for range b.rounds {
		var round [2][]float64
		for i, s := range servers {
			calls := p.calls[i]
			var err error
			if how == "client" {
				round[i], err = b.byClient(ctx, s, p, calls, clients)
			} else {
				round[i], err = byHTTP(ctx, s, p, calls, clients)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
		}
		c.add(round)
	}
	fmt.Printf("| %s | %s | %d | %s |\n", p.about, how, clients, c)
	return nil
}

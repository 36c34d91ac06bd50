package client_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/client"
	"github.com/tomo-viz/tomo/track/ingest"
	"github.com/tomo-viz/tomo/track/wire"
)

// A training logs its loss at every step. Here the server is one of our own; for
// `tomo serve`, the address is the one that it prints.
func Example() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	store, err := track.Open(ctx, filepath.Join(dir, "runs.tomo"))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	server := httptest.NewServer(ingest.New(store, ingest.Options{}))
	defer server.Close()

	run, err := client.Start(ctx, server.URL, wire.Run{
		Project: "digits", Title: "baseline", Config: map[string]any{"lr": 0.01},
	}, client.Options{Warn: func(err error) { log.Println(err) }})
	if err != nil {
		log.Fatal(err)
	}
	for step := range 1000 {
		loss := math.Exp(-float64(step) / 200)
		run.Log(float64(step), map[string]float64{"loss/train": loss, "lr": 0.01})
	}
	if err := run.Close(ctx, "finished"); err != nil {
		log.Fatal(err)
	}

	kept, err := store.Run(ctx, run.ID)
	if err != nil {
		log.Fatal(err)
	}
	curves, err := store.Curves(ctx, kept)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range curves {
		fmt.Printf("%s: %d points, the last is %.4f\n", c.Name, c.Points, c.Total.Last)
	}
	// Output:
	// loss/train: 1000 points, the last is 0.0068
	// lr: 1000 points, the last is 0.0100
}

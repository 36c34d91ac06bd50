package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/bench/peer"
)

// A bench is one run of the command.
type bench struct {
	*peer.Bench
	libs, methods, parts []string
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/cam:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	b := bench{Bench: peer.New("torch, torchvision, torchcam and grad-cam", "bench/cam/peer.py")}
	libs := flag.String("libs", "torchcam,gradcam", "peers to measure")
	methods := flag.String("methods", strings.Join(methodNames(), ","), "methods to measure")
	parts := flag.String("parts", "map,process", "what to measure")
	flag.Parse()
	b.libs, b.methods, b.parts = strings.Split(*libs, ","), strings.Split(*methods, ","), strings.Split(*parts, ",")
	done, err := b.Ready(ctx)
	defer done()
	if err != nil {
		return err
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
		raw, err := b.Ask(ctx, "time", b.Dir, lib, method)
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
	return b.Processes(ctx, []string{
		"cam", b.File("resnet18.onnx"), b.File("photo.png"), "--layer", layer, "--class", strconv.Itoa(class), "--method", method, "-o", b.File("tomo.png"),
	}, []string{"picture", b.Dir, lib, method, b.File("peer.png")})
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

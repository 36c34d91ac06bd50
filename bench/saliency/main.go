package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/bench/peer"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/saliency"
)

// class is what all of them explain.
const class = 3

// A bench is one run of the command.
type bench struct{ *peer.Bench }

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/saliency:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	b := bench{peer.New("torch, torchvision, captum and matplotlib", "bench/saliency/peer.py")}
	methods := flag.String("methods", "ig,occlusion", "methods to measure")
	parts := flag.String("parts", "map,process", "what to measure")
	flag.Parse()
	done, err := b.Ready(ctx)
	defer done()
	if err != nil {
		return err
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

// measure returns the seconds of Tomo and of Captum.
func (b *bench) measure(ctx context.Context, part, method string) (ours, theirs float64, err error) {
	if part == "map" {
		raw, err := b.Ask(ctx, "time", b.Dir, method)
		if err != nil {
			return 0, 0, err
		}
		if theirs, err = strconv.ParseFloat(strings.TrimSpace(string(raw)), 64); err != nil {
			return 0, 0, err
		}
		ours, err = b.mapTime(ctx, method)
		return ours, theirs, err
	}
	tomo, captum, err := b.Processes(ctx, []string{
		"saliency", b.File("resnet18.onnx"), b.File("photo.png"), "--class", strconv.Itoa(class), "--method", method,
		"--window", "15", "--stride", "8", "--threads", strconv.Itoa(b.Threads), "-o", b.File("tomo.png"),
	}, []string{"picture", b.Dir, method, b.File("peer.png")})
	return tomo.Seconds(), captum.Seconds(), err
}

// mapTime is the time of one map; the network has run once before.
func (b *bench) mapTime(ctx context.Context, method string) (float64, error) {
	m, photo, err := b.Open()
	if err != nil {
		return 0, err
	}
	a, err := attribution.Ask(ctx, m, photo)
	if err != nil {
		return 0, err
	}
	o := saliency.Options{Params: saliency.Defaults()}
	o.Window, o.Stride = 15, 8
	start := time.Now()
	_, err = saliency.Explain(ctx, a, attribution.OfClass(m, class, o.Target), saliency.Variant(method), o)
	return time.Since(start).Seconds(), err
}

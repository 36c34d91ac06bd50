package ort_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestConcurrent runs one session from many goroutines, while the collector
// runs: each gets its own results.
func TestConcurrent(t *testing.T) {
	g := zoo.SqueezeNet11(1)
	s := exec.NewSession(g, newORT(t, 2))
	feed := func(i int) map[ir.ValueID]*tensor.Tensor {
		return zoo.Architectures()[0].Small.Feeds(g, 1, uint64(i))
	}
	want := make([]*tensor.Tensor, 4)
	for i := range want {
		want[i] = must(t)(s.Run(t.Context(), feed(i), g.Outputs...))[0]
	}
	var group sync.WaitGroup
	for i := range 4 * len(want) {
		group.Go(func() {
			out, err := s.Run(t.Context(), feed(i%len(want)), g.Outputs...)
			if err != nil || apart(out[0], want[i%len(want)]) > 1e-5 {
				t.Errorf("run %d differs (%v)", i, err)
			}
			runtime.GC()
		})
	}
	group.Wait()
}

func must(t *testing.T) func([]*tensor.Tensor, error) []*tensor.Tensor {
	return func(out []*tensor.Tensor, err error) []*tensor.Tensor {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// TestOwned asserts that results are the caller's: a later run does not change
// them, and neither does writing to one change another.
func TestOwned(t *testing.T) {
	g := ir.New("copies")
	b := ir.NewBuilder(g, "")
	x := g.AddInput("x", tensor.Float32, ir.Dims(3))
	y, c := b.Op("Neg", nil, x), b.Const(tensor.Vector[float32](7, 8, 9))
	s := exec.NewSession(g, newORT(t, 2))
	out := must(t)(s.Run(t.Context(), map[ir.ValueID]*tensor.Tensor{x: tensor.Vector[float32](1, 2, 3)}, y, y, x, c, c))
	must(t)(s.Run(t.Context(), map[ir.ValueID]*tensor.Tensor{x: tensor.Vector[float32](4, 5, 6)}, y, y, x, c, c))
	out[0].F32()[0], out[3].F32()[0] = 100, 100
	for i, want := range []*tensor.Tensor{tensor.Vector[float32](100, -2, -3), tensor.Vector[float32](-1, -2, -3), tensor.Vector[float32](1, 2, 3), tensor.Vector[float32](100, 8, 9), tensor.Vector[float32](7, 8, 9)} {
		if !tensor.Equal(out[i], want) {
			t.Errorf("value %d is %v", i, out[i].F32())
		}
	}
}

// TestCancelled stops a long run long before its end.
func TestCancelled(t *testing.T) {
	const side, pairs = 1024, 2000
	g := ir.New("long")
	b := ir.NewBuilder(g, "")
	x := g.AddInput("x", tensor.Float32, ir.Dims(side, side))
	v := x
	for range pairs {
		v = b.Op("Softmax", nil, b.Op("MatMul", nil, v, x))
	}
	e := newORT(t, 2)
	upTo := func(pairs int) exec.Program {
		p, err := e.Compile(g, []exec.Feed{{Value: x, DType: tensor.Float32, Shape: []int{side, side}}}, g.Nodes[2*pairs-1].Outputs)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	part, long := upTo(pairs/100), upTo(pairs)
	feeds := []*tensor.Tensor{spread(tensor.Float32, []int{side, side})}
	began := time.Now()
	must(t)(part.Run(t.Context(), feeds))
	share := time.Since(began)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := long.Run(ctx, feeds); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that was cancelled before: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	var stopped time.Time
	time.AfterFunc(share, func() {
		stopped = time.Now()
		cancel()
	})
	if _, err := long.Run(ctx, feeds); !errors.Is(err, context.Canceled) {
		t.Fatalf("a run that was cancelled ends with %v", err)
	}
	if took := time.Since(stopped); took > 50*share {
		t.Errorf("it stopped %v after it was cancelled, and would have gone on for %v", took, 99*share)
	}
}

// TestReleased compiles programs again and again and drops them: the memory of
// the process must not grow with their number.
func TestReleased(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	e := newORT(t, 2)
	g := zoo.SqueezeNet11(1)
	feeds := zoo.Architectures()[0].Small.Feeds(g, 1, 1)
	round := func(n int) int64 {
		for range n {
			must(t)(exec.NewSession(g, e).Run(t.Context(), feeds, g.Outputs...))
			runtime.GC()
		}
		return resident(t)
	}
	round(10)
	before := round(10)
	if after := round(40); after > before+30e6 {
		t.Errorf("%d MB became %d MB in 40 rounds", before/1e6, after/1e6)
	}
}

// resident is how much memory the process holds.
func resident(t *testing.T) int64 {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(raw))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

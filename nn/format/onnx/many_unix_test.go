//go:build unix

package onnx_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	pb "github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
)

// chainOf is a model of n nodes in a row, with names and without, some the same.
func chainOf(n int) *pb.ModelProto {
	g := &pb.GraphProto{Input: []*pb.ValueInfoProto{info("v0", pb.TensorProto_FLOAT, 1)}}
	for i := range n {
		name := []string{"", "same", fmt.Sprintf("Relu_%d", i), fmt.Sprintf("same_%d", i/2)}[i%4]
		g.Node = append(g.Node, node("Relu", name, names(fmt.Sprintf("v%d", i)), names(fmt.Sprintf("v%d", i+1))))
	}
	g.Output = []*pb.ValueInfoProto{info(fmt.Sprintf("v%d", n), pb.TensorProto_FLOAT, 1)}
	return model(g)
}

// processTime is the time that the processor has spent on this process, which
// does not depend on what else the machine does.
func processTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Eight times the nodes take about eight times as long, and not 64 times.
func TestManyNodes(t *testing.T) {
	const few, many = 4_000, 32_000
	read := func(n int) time.Duration {
		data := bytesOf(t, chainOf(n))
		start := processTime(t)
		g, err := onnx.Decode(data, "")
		took := processTime(t) - start
		must(t, err)
		seen := map[string]bool{}
		for _, name := range nodeNames(g) {
			seen[name] = true
		}
		if len(seen) != n {
			t.Errorf("%d names for %d nodes", len(seen), n)
		}
		return took
	}
	read(few) // warm up
	if a, b := read(few), read(many); b > 30*a {
		t.Errorf("%d nodes took %v, and %d nodes %v", few, a, many, b)
	}
}

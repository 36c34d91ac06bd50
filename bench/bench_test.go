package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestServe asks the process of an engine for the three tasks of a network.
func TestServe(t *testing.T) {
	if testing.Short() {
		t.Skip("a large network")
	}
	dir := t.TempDir()
	jobs, err := write(dir, "squeezenet1_1", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		j, path := jobs[task], filepath.Join(dir, task+".npz")
		j.Threads = 1
		replies := converse(t, request{Load: &j}, request{Save: path}, request{Warm: 1, Run: 2})
		if len(replies) != 3 || replies[1].Operations == 0 || len(replies[2].Seconds) != 2 {
			t.Fatalf("%s is answered with %+v", task, replies)
		}
		got, err := tensor.OpenNPZ(path)
		if err != nil {
			t.Fatal(err)
		}
		if want := append([]string{"output"}, j.Wrt...); len(got) != len(want) || slices.ContainsFunc(want, func(name string) bool { return got[name] == nil }) {
			t.Errorf("%s computes %d arrays, not %v", task, len(got), want)
		}
		if shape := got["output"].Shape(); !slices.Equal(shape, []int{2, 1000}) {
			t.Errorf("%s gives an output of %v", task, shape)
		}
	}
}

// TestServeErrs checks that what cannot be done is answered.
func TestServeErrs(t *testing.T) {
	replies := converse(t, request{Run: 1}, request{Load: &job{Model: "there is none", Threads: 1}}, request{Version: true})
	if len(replies) != 3 || replies[0].Error == "" || replies[1].Error == "" || !strings.HasPrefix(replies[2].About, "Tomo") {
		t.Errorf("got %+v", replies)
	}
}

func converse(t *testing.T, requests ...request) []reply {
	t.Helper()
	var in, out bytes.Buffer
	for _, r := range requests {
		if err := json.NewEncoder(&in).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := serve(context.Background(), "tomo", &in, &out); err != nil {
		t.Fatal(err)
	}
	var replies []reply
	for d := json.NewDecoder(&out); d.More(); {
		var r reply
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		replies = append(replies, r)
	}
	return replies
}

func TestCompare(t *testing.T) {
	array := func(v ...float32) map[string]*tensor.Tensor {
		return map[string]*tensor.Tensor{"x": tensor.Vector(v...)}
	}
	want := array(10, -1)
	if apart, err := newBound(want).compare(array(10, -1.0005)); err != nil || math.Abs(apart-5e-5) > 1e-6 {
		t.Errorf("a little apart: %g, %v", apart, err)
	}
	nan := float32(math.NaN())
	for name, got := range map[string]map[string]*tensor.Tensor{
		"far": array(10, -1.002), "NaN": array(nan, -1), "short": array(10), "missing": {}, "another": {"y": want["x"]},
	} {
		if _, err := newBound(want).compare(got); err == nil {
			t.Errorf("%s: agrees", name)
		}
	}
	if _, err := newBound(array(nan)).compare(array(nan)); err == nil {
		t.Error("NaN agrees with itself: nothing can be said of what follows it")
	}
	if _, err := newBound(array(0)).compare(array(0)); err != nil {
		t.Errorf("zeros: %v", err)
	}
}

// TestLoosen allows as much more as jitter moves a gradient, and outputs nothing.
func TestLoosen(t *testing.T) {
	arrays := func(output, grad float32) map[string]*tensor.Tensor {
		return map[string]*tensor.Tensor{"output": tensor.Vector[float32](1, output), "w": tensor.Vector[float32](1, grad)}
	}
	b := newBound(arrays(0, 0))
	b.loosen(arrays(0.01, 0.001))
	for _, c := range []struct {
		output, grad float32
		agrees       bool
	}{{0, 0.0039, true}, {0, 0.0041, false}, {0.001, 0, false}} {
		if _, err := b.compare(arrays(c.output, c.grad)); (err == nil) != c.agrees {
			t.Errorf("%g, %g: %v", c.output, c.grad, err)
		}
	}
}

func TestTiming(t *testing.T) {
	got := newTiming([]float64{5, 1, 2, 4, 3})
	if got.Median != 3 || got.Min != 1 || got.Rounds != 5 || got.Spread != 2./3 {
		t.Errorf("got %+v", got)
	}
}

// TestReport checks that rows are replaced and sorted, and that what misses the
// goal is seen.
func TestReport(t *testing.T) {
	r := &report{}
	engines := map[string]timing{"tomo": newTiming([]float64{0.013}), "ort": newTiming([]float64{0.01})}
	for _, n := range []row{
		{Network: "mobilenet_v2", Batch: 1, Task: forward},
		{Network: "resnet18", Batch: 8, Task: input},
		{Network: "resnet18", Batch: 8, Task: forward},
		{Network: "resnet18", Batch: 8, Task: forward, Operations: 3e9, Peak: 5e11, Engines: engines},
	} {
		r.put(n)
	}
	if len(r.Rows) != 3 || r.Rows[0].Task != forward || r.Rows[2].Network != "mobilenet_v2" {
		t.Errorf("the rows are %v", r.Rows)
	}
	text := r.markdown()
	for _, want := range []string{"| resnet18 | 8 | forward | 13 (13) | 10 (10) | – |", "**1.30** | – |", "| 231 | 46 % |"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestParse(t *testing.T) {
	o, _, err := parse(strings.Fields("-networks resnet18,mobilenet_v2 -batches 4 -tasks input -engines tomo"))
	if err != nil || !slices.Equal(o.networks, []string{"resnet18", "mobilenet_v2"}) || !slices.Equal(o.batches, []int{4}) {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, bad := range []string{"-networks alexnet", "-batches 0", "-rounds 0", "-tasks backward"} {
		if _, _, err := parse(strings.Fields(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

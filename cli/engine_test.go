package cli_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestExecutors asserts that a technique and the values of a model are the same
// on every executor, and that a report names what it ran on.
func TestExecutors(t *testing.T) {
	b := newBench(t)
	on := func(executor string, args ...string) result {
		args = append(args, "--executor", executor)
		if strings.HasPrefix(executor, "ort") {
			args = append(args, "--ort", shared.ORT(t))
		}
		r := tomo(args...)
		if r.code != 0 {
			t.Fatalf("on %s: exit %d: %s", executor, r.code, r.stderr)
		}
		return r
	}
	values := func(executor string) map[string]*tensor.Tensor {
		on(executor, "cam", b.model, b.image, "-o", b.path("cam.npz"))
		on(executor, "run", b.model, b.image, "-o", b.path("run.npz"))
		arrays, err := tensor.OpenNPZ(b.path("cam.npz"))
		if err != nil {
			t.Fatal(err)
		}
		outputs, err := tensor.OpenNPZ(b.path("run.npz"))
		if err != nil {
			t.Fatal(err)
		}
		for name, x := range outputs {
			arrays[name] = x
		}
		return arrays
	}
	want := values("native")
	for _, executor := range []string{"ort", "ort:cpu"} {
		for name, got := range values(executor) {
			if off := apart(t, got, want[name]); off > 1e-4 {
				t.Errorf("on %s %q is off by %.2g", executor, name, off)
			}
		}
	}
	var report inspect.Report
	if r := on("ort", "check", b.model, "--json", "--quick"); json.Unmarshal([]byte(r.stdout), &report) != nil || report.Executor != "ort" || report.Time <= 0 {
		t.Errorf("check tells %s", r.stdout)
	}
	if r := on("ort", "check", b.model); !strings.Contains(r.stdout, "differ from ort's") || strings.Contains(r.stdout, "kernel") {
		t.Errorf("check prints\n%s", r.stdout)
	}
}

// apart is the largest difference of two arrays, relative to the largest
// magnitude.
func apart(t *testing.T, a, b *tensor.Tensor) float64 {
	t.Helper()
	x, err := a.Floats()
	if err != nil {
		t.Fatal(err)
	}
	y, err := b.Floats()
	if err != nil || len(x) != len(y) {
		t.Fatalf("%v beside %v: %v", a, b, err)
	}
	var worst, scale float64
	for i := range x {
		worst, scale = max(worst, math.Abs(x[i]-y[i])), max(scale, math.Abs(y[i]))
	}
	return worst / max(scale, 1e-30)
}

// TestExecutorMistakes asserts that each verb that takes an executor answers a
// wrong one with one sentence.
func TestExecutorMistakes(t *testing.T) {
	b := newBench(t)
	for _, verb := range [][]string{{"cam", b.model, b.image}, {"run", b.model}, {"check", b.model}, {"serve", b.model}, {"open", b.model}, {"demo"}} {
		if verb[0] == "demo" {
			verb = append(verb, "--dir", b.dir)
		}
		for _, c := range []struct{ flags, want string }{
			{"--executor=fast", "native, plain, ort"},
			{"--executor=ort --ort=" + b.path("nowhere"), "onnxruntime-node"},
			{"--executor=ort --ort=" + b.image, "cannot be used"},
			{"--executor=ort --ort=" + b.dir, "onnxruntime-node"},
			{"--ort=" + b.dir, "--executor ort"},
			{"--threads=-1", "--threads"},
		} {
			r := tomo(append(verb, strings.Fields(c.flags)...)...)
			if r.code != 2 || strings.Count(strings.TrimSpace(r.stderr), "\n") > 0 || !strings.Contains(r.stderr, c.want) {
				t.Errorf("%s %s: exit %d: %s", verb[0], c.flags, r.code, r.stderr)
			}
		}
	}
	t.Setenv("TOMO_ORT", b.path("unset"))
	if r := tomo("run", b.model, "--executor", "ort"); r.code != 2 || !strings.Contains(r.stderr, b.path("unset")) {
		t.Errorf("by the environment: exit %d: %s", r.code, r.stderr)
	}
}

// TestExecutorCompletion offers the executors and, where its library is, what
// ONNX Runtime was built with.
func TestExecutorCompletion(t *testing.T) {
	b := newBench(t)
	r := tomo("__complete", "run", b.model, "--ort", b.dir, "--executor", "")
	for _, want := range []string{"native\t", "plain\t", "ort\t"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not among\n%s", want, r.stdout)
		}
	}
	if r := tomo("__complete", "run", b.model, "--ort", shared.ORT(t), "--executor", "ort"); !strings.Contains(r.stdout, "ort:cpu") {
		t.Errorf("no provider among\n%s", r.stdout)
	}
}

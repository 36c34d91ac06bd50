package cli_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/inspect"
)

// TestProfile asserts that all the work of a network is accounted for: the 26
// convolutions and 0.349 billion multiply-accumulates of SqueezeNet 1.1, also
// when it is summed up, and eight times that for eight pictures.
func TestProfile(t *testing.T) {
	b := newBench(t)
	for batch, dims := range map[int64][]string{1: nil, 8: {"--dim", "batch=8"}} {
		r := tomo(append([]string{"profile", b.model, "--runs", "2", "--json"}, dims...)...)
		var p inspect.Profile
		if err := json.Unmarshal([]byte(r.stdout), &p); err != nil || r.code != 0 {
			t.Fatalf("exit %d, %v: %s", r.code, err, r.stderr)
		}
		macs, convolutions := int64(0), 0
		for _, c := range p.Steps {
			macs += c.MACs
			convolutions += strings.Count(c.Op, "Conv")
			if c.Time < 0 || c.Time > p.Time || !c.Kernel {
				t.Errorf("a step is told as %+v of %v", c, p.Time)
			}
		}
		if macs < batch*348e6 || macs > batch*350e6 || convolutions != 26 || p.Runs != 2 {
			t.Errorf("batch %d: %d MACs in %d convolutions", batch, macs, convolutions)
		}
		for name, sums := range map[string][]inspect.Cost{"operators": p.Operators(), "modules": p.Modules(1)} {
			total := int64(0)
			for _, c := range sums {
				total += c.MACs
			}
			if total != macs || !slices.IsSortedFunc(sums, func(a, b inspect.Cost) int { return int(b.Time - a.Time) }) {
				t.Errorf("the %s have %d MACs of %d, or no order: %+v", name, total, macs, sums)
			}
		}
	}
	if r := tomo("profile", b.model, b.image, "--runs", "1", "--top", "3"); r.code != 0 || !strings.Contains(r.stdout, "Conv + Relu") || !strings.Contains(r.stdout, "GFLOP/s") {
		t.Errorf("exit %d:\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// TestProfileGradients asserts that the way back is accounted for: each of the 26
// convolutions but the first passes its results' gradient on, and each has one of
// its weights if that is asked for, all by kernels.
func TestProfileGradients(t *testing.T) {
	b := newBench(t)
	for gradients, want := range map[string][2]int{"input": {26, 0}, "parameters": {25, 26}} {
		r := tomo("profile", b.model, "--runs", "1", "--gradients", gradients, "--json")
		var p inspect.Profile
		if err := json.Unmarshal([]byte(r.stdout), &p); err != nil || r.code != 0 {
			t.Fatalf("exit %d, %v: %s", r.code, err, r.stderr)
		}
		var got [2]int
		for _, c := range p.Steps {
			got[0] += strings.Count(c.Op, "ConvGradInput")
			got[1] += strings.Count(c.Op, "ConvGradWeight")
			if !c.Kernel || strings.Contains(c.Op, "Conv") && c.MACs == 0 {
				t.Errorf("a step of the gradients is told as %+v", c)
			}
		}
		if got != want {
			t.Errorf("gradients of %s: %d gradients of images and of weights, want %d", gradients, got, want)
		}
	}
}

// TestChromeTrace asserts that the timeline is well formed: steps follow one
// another, and each lies within a module that holds its own.
func TestChromeTrace(t *testing.T) {
	b := newBench(t)
	if r := tomo("profile", b.model, "--runs", "1", "-o", b.path("trace.json")); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	raw, err := os.ReadFile(b.path("trace.json"))
	if err != nil {
		t.Fatal(err)
	}
	type event struct {
		Name, Cat, Ph string
		TS, Dur       float64
		Args          struct{ Module string }
	}
	var trace struct{ TraceEvents []event }
	if err := json.Unmarshal(raw, &trace); err != nil {
		t.Fatal(err)
	}
	var steps, modules []event
	for _, e := range trace.TraceEvents {
		switch e.Cat {
		case "step":
			steps = append(steps, e)
		case "module":
			modules = append(modules, e)
		}
	}
	const rounding = 0.01 // microseconds, far below a step
	for i, s := range steps {
		if s.Ph != "X" || i > 0 && s.TS < steps[i-1].TS+steps[i-1].Dur-rounding {
			t.Errorf("step %d overlaps the one before: %+v", i, s)
		}
		within := func(m event) bool {
			return m.Name == s.Args.Module && m.TS <= s.TS+rounding && s.TS+s.Dur <= m.TS+m.Dur+rounding
		}
		if s.Args.Module != "" && !slices.ContainsFunc(modules, within) {
			t.Errorf("step %d is not within its module %q", i, s.Args.Module)
		}
	}
	if len(steps) < 30 || len(modules) < 10 {
		t.Errorf("%d steps and %d modules", len(steps), len(modules))
	}
}

// TestInspectMistakes asserts one sentence each for profile and check.
func TestInspectMistakes(t *testing.T) {
	b := newBench(t)
	for _, c := range []mistake{
		{"no runs", []string{"profile", b.model, "--runs", "0"}, []string{"--runs"}},
		{"no gradients", []string{"profile", b.model, "--gradients", "outputs"}, []string{"outputs", "input and parameters"}},
		{"no depth", []string{"profile", b.model, "--depth", "0"}, []string{"--depth"}},
		{"no trace", []string{"profile", b.model, "-o", b.path("trace.png")}, []string{".json"}},
		{"no folder", []string{"profile", b.model, "-o", b.path("no/trace.json")}, []string{"no folder"}},
		{"too large", []string{"profile", b.model, "--dim", "batch=100000000"}, []string{"too large"}},
		{"no model", []string{"check", b.path("absent.onnx")}, []string{"absent.onnx"}},
		{"no picture", []string{"check", b.model, b.path("absent.png")}, []string{"absent.png"}},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, c.args, c.want) })
	}
}

// TestInspectHelp asserts that the verbs explain themselves with examples.
func TestInspectHelp(t *testing.T) {
	for _, verb := range []string{"run", "check", "profile"} {
		if r := tomo("help", verb); r.code != 0 || strings.Count(r.stdout, "tomo "+verb+" ") < 4 || !strings.Contains(r.stdout, "--input-size") {
			t.Errorf("the help of %s:\n%s", verb, r.stdout)
		}
	}
}

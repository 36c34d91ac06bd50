package cli_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestRunAgainstPyTorch computes the logits that PyTorch computes, for arrays
// of pictures and of tokens.
func TestRunAgainstPyTorch(t *testing.T) {
	for net, input := range map[string]string{"tinyresnet": "input", "tinybert": "input_ids"} {
		dir := "golden/" + net + "/"
		out := t.TempDir() + "/out.npz"
		r := tomo("run", shared.Path(t, dir+net+"_op13.onnx"), "--input", input+"="+shared.Path(t, dir+input+".npy"), "-o", out)
		if r.code != 0 || strings.Contains(r.stderr, "made up") {
			t.Fatalf("exit %d: %s", r.code, r.stderr)
		}
		want, err := tensor.OpenNPY(shared.Path(t, dir+"logits.npy"))
		if err != nil {
			t.Fatal(err)
		}
		arrays, err := tensor.OpenNPZ(out)
		if err != nil || arrays["logits"] == nil {
			t.Fatalf("the file holds %v: %v", arrays, err)
		}
		for i, x := range arrays["logits"].F32() {
			if d := math.Abs(float64(x - want.F32()[i])); d > 1e-5 {
				t.Errorf("%s: logit %d is off by %g", net, i, d)
			}
		}
	}
}

// TestRunFeedsItself takes a value inside the network out, and gives it back in
// place of everything before it: the outputs stay.
func TestRunFeedsItself(t *testing.T) {
	b := newBench(t)
	node, g := poolOf(t), zoo.SqueezeNet11(1)
	output := g.Values[g.Outputs[0]].Name
	if r := tomo("run", b.model, b.image, "--fetch", node, "--fetch", output, "-o", b.path("whole.npz")); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	r := tomo("run", b.model, "--input", node+"="+b.path("whole.npz"), "-o", b.path("rest.npz"))
	if r.code != 0 || strings.Contains(r.stderr, "made up") {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	whole, err := tensor.OpenNPZ(b.path("whole.npz"))
	if err != nil {
		t.Fatal(err)
	}
	rest, err := tensor.OpenNPZ(b.path("rest.npz"))
	if err != nil || !tensor.Equal(whole[output], rest[output]) {
		t.Errorf("from the middle the outputs are others: %v and %v (%v)", whole, rest, err)
	}
}

// TestRunMadeUp asserts that the same seed makes the same inputs, another seed
// others, and that it says that they are made up.
func TestRunMadeUp(t *testing.T) {
	b := newBench(t)
	a, same, other := tomo("run", b.model), tomo("run", b.model), tomo("run", b.model, "--seed", "1")
	if a.code != 0 || !strings.Contains(a.stdout, "a picture of noise") || a.stdout != same.stdout || a.stdout == other.stdout {
		t.Errorf("exit %d:\n%s%s%s%s", a.code, a.stderr, a.stdout, same.stdout, other.stdout)
	}
	var told struct {
		Values []struct {
			Name     string
			Shape    []int
			NaN      int
			Min, Max float64
		}
		Made []struct{ Name string }
	}
	r := tomo("run", b.model, "--fetch", "all", "--json")
	if err := json.Unmarshal([]byte(r.stdout), &told); err != nil || len(told.Made) != 1 || len(told.Values) < 60 {
		t.Fatalf("%v: %.300s%s", err, r.stdout, r.stderr)
	}
	for _, v := range told.Values {
		if v.NaN > 0 || v.Min > v.Max || len(v.Shape) == 0 {
			t.Errorf("a value is told as %+v", v)
		}
	}
}

// TestRunMistakes asserts one sentence each.
func TestRunMistakes(t *testing.T) {
	b := newBench(t)
	for _, c := range []mistake{
		{"no such value", []string{"run", b.model, "--fetch", "fire99"}, []string{"fire99"}},
		{"no such input", []string{"run", b.model, "--input", "inptu=" + b.image}, []string{`"inptu"`, "inputs are"}},
		{"no file", []string{"run", b.model, "--input", "input"}, []string{"NAME=FILE"}},
		{"absent array", []string{"run", b.model, "--input", "input=" + b.path("absent.npy")}, []string{"absent.npy"}},
		{"damaged array", []string{"run", b.model, "--input", "input=" + b.write(t, "bad.npy", []byte("\x93NUMPY\x01\x00"))}, []string{"bad.npy"}},
		{"no archive", []string{"run", b.model, "--input", b.write(t, "bad.npz", []byte("PK"))}, []string{"bad.npz", "npz"}},
		{"wrong rank", []string{"run", b.model, "--input", "input=" + b.array(t, "flat.npy", 3)}, []string{`"input"`, "3×224×224", "[3]"}},
		{"wrong extent", []string{"run", b.model, "--input", "input=" + b.array(t, "thin.npy", 1, 4, 224, 224)}, []string{"node", "Conv"}},
		{"picture twice", []string{"run", b.model, b.image, "--input", "input=" + b.image}, []string{"twice"}},
		{"no npz", []string{"run", b.model, "-o", b.path("a.png")}, []string{".npz"}},
		{"no number", []string{"run", b.model, "--dim", "batch=many"}, []string{"many"}},
		{"no such extent", []string{"run", b.model, "--dim", "breadth=3"}, []string{"breadth"}},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, c.args, c.want) })
	}
}

// array writes zeros of a shape.
func (b bench) array(t *testing.T, name string, shape ...int) string {
	t.Helper()
	var raw strings.Builder
	if err := tensor.New(tensor.Float32, shape...).WriteNPY(&raw); err != nil {
		t.Fatal(err)
	}
	return b.write(t, name, []byte(raw.String()))
}

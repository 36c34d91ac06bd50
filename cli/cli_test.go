package cli_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/cli"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz/all"
)

// A result is what one command line did.
type result struct {
	code           int
	stdout, stderr string
}

// tomo runs a command line in this process.
func tomo(args ...string) result {
	var out, err bytes.Buffer
	code := cli.Main(all.Methods(), args, strings.NewReader(""), &out, &err)
	return result{code, out.String(), err.String()}
}

// A bench is a folder with a small model and a picture.
type bench struct{ dir, model, image string }

func newBench(t *testing.T) bench {
	t.Helper()
	dir := t.TempDir()
	b := bench{dir, filepath.Join(dir, "net.onnx"), filepath.Join(dir, "star.png")}
	if err := onnx.Write(b.model, zoo.SqueezeNet11(1)); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(b.image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, lab.Pictures(1, 6, lab.Plain)[5]); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b bench) path(name string) string { return filepath.Join(b.dir, name) }

// write makes a file in the bench's folder.
func (b bench) write(t *testing.T, name string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(b.path(name), content, 0o644); err != nil {
		t.Fatal(err)
	}
	return b.path(name)
}

// TestFigures writes figures in several formats at once, prints them as text
// and as JSON, and says nothing when asked to be quiet.
func TestFigures(t *testing.T) {
	b := newBench(t)
	r := tomo("cam", b.model, b.image, "-o", b.path("a.png"), "-o", b.path("a.svg"), "-o", b.path("a.npz"))
	if r.code != 0 || !strings.Contains(r.stderr, "wrote "+b.path("a.svg")) {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	for name, magic := range map[string]string{"a.png": "\x89PNG", "a.svg": "<", "a.npz": "PK"} {
		if raw, err := os.ReadFile(b.path(name)); err != nil || !bytes.HasPrefix(raw, []byte(magic)) {
			t.Errorf("%s is no such file: %v", name, err)
		}
	}
	if r := tomo("cam", b.model, b.image); r.code != 0 || !strings.Contains(r.stdout, "star.png") || !strings.Contains(r.stdout, "hottest") {
		t.Errorf("without a file it prints, with exit %d:\n%s%s", r.code, r.stdout, r.stderr)
	}
	if r := tomo("arch", b.model); r.code != 0 || !strings.Contains(r.stdout, "1,235,496") {
		t.Errorf("the table of the architecture, with exit %d:\n%s%s", r.code, r.stdout, r.stderr)
	}
	var fig struct{ Kind string }
	if r := tomo("arch", b.model, "--json"); json.Unmarshal([]byte(r.stdout), &fig) != nil || fig.Kind != "graph" {
		t.Errorf("--json prints %.200q", r.stdout)
	}
	if r := tomo("arch", b.model, "--quiet", "-o", b.path("b.pdf")); r.code != 0 || r.stdout+r.stderr != "" {
		t.Errorf("--quiet prints %q and %q", r.stdout, r.stderr)
	}
}

// TestSettings asserts that input settings reach the network and are told.
func TestSettings(t *testing.T) {
	b := newBench(t)
	r := tomo("cam", b.model, b.image, "--input-recipe", "caffe", "--input-size", "112")
	if r.code != 0 || !strings.Contains(r.stdout, "112×112") || !strings.Contains(r.stdout, "BGR") || !strings.Contains(r.stdout, "your settings") {
		t.Errorf("exit %d:\n%s%s", r.code, r.stdout, r.stderr)
	}
	b.write(t, "net.tomo.json", []byte(`{"input": {"recipe": "tf", "mean": [0.5]}}`))
	if r := tomo("cam", b.model, b.image); !strings.Contains(r.stdout, "net.tomo.json") || !strings.Contains(r.stdout, "− 0.5") {
		t.Errorf("beside a tomo.json it prints\n%s%s", r.stdout, r.stderr)
	}
}

// TestUnreadablePictures asserts that bad pictures among good ones are reported,
// skipped and counted by every technique that looks at pictures, and that the
// figure says so, too.
func TestUnreadablePictures(t *testing.T) {
	b := newBench(t)
	if err := onnx.Write(b.model, zoo.Tiny(1)); err != nil { // comparing runs it often
		t.Fatal(err)
	}
	b.write(t, "broken.png", []byte("\x89PNG\r\n\x1a\nand nothing more"))
	b.write(t, "empty.png", nil)
	b.write(t, "words.jpg", []byte("a list of things to buy"))
	for _, line := range [][]string{
		{"cam"}, {"cam", "--compare", "--method", "gradcam", "--method", "hirescam"}, {"saliency", "--method", "gradient"}, {"saliency", "--compare", "--method", "gradient", "--method", "inputxgradient"}, {"report"},
		{"activations"}, {"activations", "--view", "stats"}, {"cam", "--show", "1"},
	} {
		out := filepath.Join(t.TempDir(), "figure.json")
		r := tomo(append(line, b.model, b.dir, "-o", out)...)
		if r.code != 0 || strings.Count(r.stderr, "skipped:") != 3 || !strings.Contains(r.stderr, "3 of 4 pictures") {
			t.Errorf("%v: exit %d: %s", line, r.code, r.stderr)
		}
		raw, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(raw, []byte("3 of 4 pictures could not be used")) {
			t.Errorf("%v: the figure does not say that pictures are left out", line)
		}
	}
}

// A mistake is a command line and words of the sentence that it is answered
// with.
type mistake struct {
	name string
	args []string
	want []string
}

// TestMistakes asserts that each mistake of a user ends with exit code 2 and
// one sentence that holds the given words, at once and in little memory.
func TestMistakes(t *testing.T) {
	b := newBench(t)
	good, err := os.ReadFile(b.model)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(b.image)
	if err != nil {
		t.Fatal(err)
	}
	cases := []mistake{
		{"no such verb", []string{"cma"}, []string{`"cma"`, `"cam"`}},
		{"no such flag", []string{"cam", b.model, b.image, "--clas", "3"}, []string{"--clas", "--class"}},
		{"no model", []string{"cam"}, []string{"MODEL"}},
		{"no picture", []string{"cam", b.model}, []string{"IMAGE"}},
		{"absent model", []string{"arch", b.path("absent.onnx")}, []string{"absent.onnx"}},
		{"folder as model", []string{"arch", b.dir}, []string{"folder"}},
		{"absent picture", []string{"cam", b.model, b.path("absent.png")}, []string{"absent.png"}},
		{"picture as model", []string{"arch", b.write(t, "picture.onnx", picture)}, []string{"picture.onnx", "not an ONNX model"}},
		{"model as picture", []string{"cam", b.model, b.write(t, "model.png", good)}, []string{"model.png"}},
		{"truncated model", []string{"arch", b.write(t, "short.onnx", good[:len(good)/2])}, []string{"short.onnx"}},
		{"empty model", []string{"arch", b.write(t, "empty.onnx", nil)}, []string{"empty.onnx"}},
		{"truncated picture", []string{"cam", b.model, b.write(t, "short.png", picture[:len(picture)/3])}, []string{"short.png"}},
		{"no such class", []string{"cam", b.model, b.image, "--class", "1000"}, []string{"1000", "999"}},
		{"class without labels", []string{"cam", b.model, b.image, "--class", "zebra"}, []string{"zebra", "--labels"}},
		{"no such layer", []string{"cam", b.model, b.image, "--layer", "fire99"}, []string{"fire99", "layers are"}},
		{"flat layer", []string{"cam", b.model, b.image, "--layer", poolOf(t)}, []string{"does not lie over the input"}},
		{"no such method", []string{"cam", b.model, b.image, "--method", "gradcma"}, []string{"gradcma", `did you mean "gradcam"`}},
		{"opacity", []string{"cam", b.model, b.image, "--opacity", "2"}, []string{"0 to 1"}},
		{"no number", []string{"arch", b.model, "--max-nodes", "many"}, []string{"whole number", "many"}},
		{"no such module", []string{"arch", b.model, "--expand", "fire"}, []string{`"fire"`, "modules"}},
		{"no such format", []string{"cam", b.model, b.image, "-o", b.path("a.xyz")}, []string{"a.xyz", ".png"}},
		{"no such folder", []string{"cam", b.model, b.image, "-o", b.path("no/a.png")}, []string{"no folder"}},
		{"no such recipe", []string{"cam", b.model, b.image, "--input-recipe", "imagnet"}, []string{"imagnet", "imagenet"}},
		{"zero std", []string{"cam", b.model, b.image, "--input-std", "0"}, []string{"std", "zero"}},
		{"absent labels", []string{"cam", b.model, b.image, "--labels", b.path("absent.txt")}, []string{"labels", "absent.txt"}},
		{"no such executor", []string{"cam", b.model, b.image, "--executor", "fast"}, []string{"fast", "native"}},
		{"no such theme", []string{"arch", b.model, "--theme", "pink", "-o", b.path("a.svg")}, []string{"pink"}},
		{"no such progress", []string{"arch", b.model, "--progress", "loud"}, []string{"loud", "json"}},
		{"bad sidecar", []string{"cam", sidecarModel(t, b, good), b.image}, []string{"other.tomo.json", "JSON"}},
	}
	for name, raw := range hostileModels(t) {
		path := b.write(t, name+".onnx", raw.data)
		args := []string{raw.verb, path}
		if raw.verb == "cam" {
			args = append(args, b.image)
		}
		cases = append(cases, mistake{name, args, raw.want})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { refused(t, c.args, c.want) })
	}
}

// refused runs a command line that must end with exit code 2.
func refused(t *testing.T, args, want []string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	r := tomo(args...)
	runtime.ReadMemStats(&after)
	if r.code != 2 {
		t.Fatalf("exit %d, want 2: %s", r.code, r.stderr)
	}
	for _, word := range want {
		if !strings.Contains(r.stderr, word) {
			t.Errorf("the sentence lacks %q: %s", word, r.stderr)
		}
	}
	lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
	if len(lines) > 2 || strings.Contains(r.stderr, "goroutine") || r.stdout != "" {
		t.Errorf("it says more than a sentence: %s%s", r.stdout, r.stderr)
	}
	if took := time.Since(start); took > 30*time.Second { // hundredths of one where nothing else runs
		t.Errorf("it took %v", took)
	}
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 200 {
		t.Errorf("it took %d MB", mb)
	}
	t.Log(strings.TrimSpace(r.stderr))
}

func sidecarModel(t *testing.T, b bench, good []byte) string {
	b.write(t, "other.tomo.json", []byte(`{"input": `))
	return b.write(t, "other.onnx", good)
}

// poolOf names a layer of the bench's model without height and width.
func poolOf(t *testing.T) string {
	t.Helper()
	g := zoo.SqueezeNet11(1)
	for i := range g.Nodes {
		if g.Nodes[i].Op == "GlobalAveragePool" {
			return g.Nodes[i].Name
		}
	}
	t.Fatal("the network has no global pooling")
	return ""
}

// TestHelp asserts that every verb explains itself with an example.
func TestHelp(t *testing.T) {
	for _, m := range all.Methods() {
		r := tomo("help", m.Name)
		for _, want := range []string{m.Examples[0].Line, "Flags:", "--seed"} {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("the help of %s lacks %q", m.Name, want)
			}
		}
		for _, p := range m.Params() {
			if !strings.Contains(r.stdout, "--"+p.Name) {
				t.Errorf("the help of %s lacks --%s", m.Name, p.Name)
			}
		}
	}
	if r := tomo(); r.code != 0 || !strings.Contains(r.stdout, "Exit codes") {
		t.Errorf("without a verb it prints %q", r.stdout)
	}
}

// TestCompletion asserts that the shell is offered choices and layers.
func TestCompletion(t *testing.T) {
	b := newBench(t)
	if r := tomo("__complete", "cam", b.model, "--method", ""); !strings.Contains(r.stdout, "layercam") {
		t.Errorf("methods: %s", r.stdout)
	}
	if r := tomo("__complete", "cam", b.model, "--layer", ""); !strings.Contains(r.stdout, "features") {
		t.Errorf("layers: %s", r.stdout)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if r := tomo("completion", shell); r.code != 0 || len(r.stdout) < 500 {
			t.Errorf("completion for %s: exit %d", shell, r.code)
		}
	}
}

func TestVersion(t *testing.T) {
	var facts map[string]string
	if r := tomo("version", "--json"); json.Unmarshal([]byte(r.stdout), &facts) != nil || facts["kernels"] == "" {
		t.Errorf("version prints %q", r.stdout)
	}
}

// TestProgressAsJSON asserts that each line of progress is JSON.
func TestProgressAsJSON(t *testing.T) {
	b := newBench(t)
	r := tomo("cam", b.model, b.image, "--progress", "json", "-o", b.path("a.png"), "-q")
	for _, line := range strings.Split(strings.TrimSpace(r.stderr), "\n") {
		var p struct{ Done, Total int }
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Errorf("progress says %q: %v", line, err)
		}
	}
}

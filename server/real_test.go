package server

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz/all"
)

// withTechniques is a server with the real techniques over a folder.
func withTechniques(t *testing.T, paths ...string) *bench {
	t.Helper()
	b := newBench(t, func(o *Options) { o.Paths = paths })
	b.methods = all.Methods()
	return b
}

type workspaceAnswer struct {
	Models   []struct{ ID, Name string }
	Images   []struct{ ID, Name string }
	Problems []string
}

func (b *bench) workspaceNow() workspaceAnswer {
	b.t.Helper()
	var w workspaceAnswer
	b.read("/api/workspace?again=1", &w)
	return w
}

func (b *bench) read(path string, into any) {
	b.t.Helper()
	code, body, _ := b.do("GET", path, "")
	if err := json.Unmarshal([]byte(body), into); err != nil || code != 200 {
		b.t.Fatalf("%s: %d %.300s", path, code, body)
	}
}

func (b *bench) ask(body string) status {
	b.t.Helper()
	code, text, _ := b.do("POST", "/api/jobs", body)
	var s status
	if err := json.Unmarshal([]byte(text), &s); err != nil || code != 200 {
		b.t.Fatalf("%d %s", code, text)
	}
	if s.ID == "" {
		return s
	}
	return b.await(s.ID)
}

// TestTinyResNet runs both techniques on a real file, by several at once.
func TestTinyResNet(t *testing.T) {
	model := shared.Path(t, "golden/tinyresnet/tinyresnet_op13.onnx")
	photo := shared.Path(t, "golden/input.jpg")
	b := withTechniques(t, model, photo)
	w := b.workspaceNow()
	if len(w.Models) != 1 || len(w.Images) != 1 || len(w.Problems) != 0 {
		t.Fatalf("%+v", w)
	}
	var card modelCard
	b.read("/api/models/"+w.Models[0].ID, &card)
	if card.Classes != 10 || card.Problem != "" || card.Input == nil || !card.Input.Guessed || len(card.Layers) < 20 || !strings.Contains(strings.Join(card.Modules, " "), "layer1") {
		t.Errorf("%+v", card)
	}
	var classes []struct{ Label string }
	if b.read("/api/models/"+w.Models[0].ID+"/classes?q=7", &classes); len(classes) != 1 || classes[0].Label != "class 7" {
		t.Errorf("classes with 7: %v", classes)
	}
	var each sync.WaitGroup
	for i := range 4 {
		each.Go(func() {
			cam := fmt.Sprintf(`{"method":"cam","model":%q,"images":[%q],"params":{"class":["%d"]},"input":{"scale":"1/255"}}`, w.Models[0].ID, w.Images[0].ID, i%2)
			if s := b.ask(cam); s.State != "done" {
				t.Errorf("cam: %+v %+v", s, s.Failed)
			} else if code, png, _ := b.do("GET", "/api/figures/"+s.Key+".png?theme=dark", ""); code != 200 || !strings.HasPrefix(png, "\x89PNG") {
				t.Errorf("cam as PNG: %d", code)
			}
			if s := b.ask(fmt.Sprintf(`{"method":"arch","model":%q}`, w.Models[0].ID)); s.State != "done" {
				t.Errorf("arch: %+v %+v", s, s.Failed)
			}
		})
	}
	each.Wait()
	for body, want := range map[string]string{
		`{"method":"cam","model":%q,"images":[%q],"params":{"layer":["layer9"]}}`:   `layer \"layer9\" is not in the model`,
		`{"method":"cam","model":%q,"images":[%q],"params":{"opacity":["2"]}}`:      "opacity is 0 to 1, not 2",
		`{"method":"cam","model":%q,"images":[%q],"input":{"sise":"2"}}`:            "no setting",
		`{"method":"cam","model":%q,"images":[%q],"params":{"mehtod":["gradcam"]}}`: "no parameter",
	} {
		s := b.ask(fmt.Sprintf(body, w.Models[0].ID, w.Images[0].ID))
		if raw, _ := json.Marshal(s); s.State != "failed" || s.Failed.Kind != "user" || !strings.Contains(string(raw), want) {
			t.Errorf("%s: %s", body, raw)
		}
	}
}

// TestModelFiles replaces a model while it is open, lists one that is broken,
// and opens more than are held.
func TestModelFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, seed uint64) string {
		path := filepath.Join(dir, name)
		if err := onnx.Write(path, zoo.Tiny(seed)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for i := range maxOpened + 2 {
		write(fmt.Sprintf("net%d.onnx", i), 1)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.onnx"), []byte("no model at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := withTechniques(t, dir)
	w := b.workspaceNow()
	if len(w.Models) != maxOpened+3 {
		t.Fatalf("%+v", w)
	}
	before := ""
	for _, m := range w.Models {
		code, body, _ := b.do("GET", "/api/models/"+m.ID, "")
		if broken := m.Name == "broken"; broken != (code == 400) || broken && !strings.Contains(body, "broken.onnx") {
			t.Errorf("%s: %d %.200s", m.Name, code, body)
		}
		if m.Name == "net0" {
			before = b.ask(fmt.Sprintf(`{"method":"arch","model":%q}`, m.ID)).Key
		}
	}
	if open := len(b.workspace.opened.books); open != maxOpened {
		t.Errorf("%d models are held open, want %d", open, maxOpened)
	}
	path := filepath.Join(dir, "net0.onnx")
	if err := onnx.Write(path, zoo.SqueezeNet11(2)); err != nil {
		t.Fatal(err)
	}
	id := identify(path)
	var card modelCard
	if b.read("/api/models/"+id, &card); card.Classes != 1000 {
		t.Errorf("after it was replaced: %d classes", card.Classes)
	}
	if after := b.ask(fmt.Sprintf(`{"method":"arch","model":%q}`, id)); after.State != "done" || after.Key == before {
		t.Errorf("after it was replaced: %+v", after)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if code, body, _ := b.do("GET", "/api/models/"+id, ""); code != 400 || !strings.Contains(body, "no model") {
		t.Errorf("after it was removed: %d %s", code, body)
	}
}

// TestGzip checks that answers are compressed for who asks for it.
func TestGzip(t *testing.T) {
	b := withTechniques(t)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://localhost/api/methods", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	b.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() < 100 {
		t.Errorf("%v, %d bytes", w.Header(), w.Body.Len())
	}
}

package server

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz"
)

// write puts a file below dir.
func write(t *testing.T, dir, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeModel writes a small classifier.
func writeModel(t *testing.T, dir, name string) string {
	t.Helper()
	path := write(t, dir, name, nil)
	if err := onnx.Write(path, zoo.Tiny(1)); err != nil {
		t.Fatal(err)
	}
	return path
}

// picture is a PNG of one colour.
func picture(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.Set(0, 0, color.Gray{Y: 255 - shade})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// names are n lines of a label file.
func names(prefix string, n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s%d\n", prefix, i)
	}
	return []byte(b.String())
}

// TestFind finds each file once, by whatever path, and nothing hidden.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	model := writeModel(t, dir, "deep/net.onnx")
	write(t, dir, "pictures/cat/a.png", picture(t, 1))
	write(t, dir, "pictures/dog/b.png", picture(t, 2))
	write(t, dir, ".cache/hidden.onnx", nil)
	write(t, dir, ".cache/hidden.png", picture(t, 3))
	write(t, dir, "notes.md", []byte("no picture"))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip("no links here: ", err)
	}
	var w struct {
		Models   []modelFile
		Images   []imageFile
		Total    int
		Problems []string
	}
	b := newBench(t, func(o *Options) { o.Paths = []string{dir, model, dir + "/deep", dir + "/pictures"} })
	b.read("/api/workspace", &w)
	if len(w.Models) != 1 || w.Models[0].Name != "net" || w.Models[0].Size == 0 || w.Total != 2 || len(w.Problems) != 0 {
		t.Errorf("overlapping paths: %+v", w)
	}
	b = newBench(t, func(o *Options) { o.Paths = []string{dir + "/pictures", dir + "/gone"} })
	b.read("/api/workspace", &w)
	if w.Total != 2 || w.Images[0].Label != "cat" || w.Images[1].Label != "dog" {
		t.Errorf("folders of classes: %+v", w)
	}
	if len(w.Problems) != 1 || !strings.Contains(w.Problems[0], "gone cannot be looked into") {
		t.Errorf("a path that is gone: %q", w.Problems)
	}
	b = newBench(t, func(o *Options) { o.Paths = []string{link} })
	b.read("/api/workspace", &w)
	if len(w.Models) != 1 || w.Total != 2 {
		t.Errorf("a link to a folder: %+v", w)
	}
	b = newBench(t, func(o *Options) { o.Paths = []string{dir + "/notes.md"} })
	b.workspaceNow()
	if code, body, _ := b.do("GET", "/api/images/"+identify(dir+"/notes.md"), ""); code != 400 || !strings.Contains(body, "notes.md") {
		t.Errorf("a file that was named and is neither: %d %s", code, body)
	}
}

// TestAgain sees new files when it is asked to look again, and not before.
func TestAgain(t *testing.T) {
	b := newBench(t, nil)
	var w workspaceAnswer
	b.read("/api/workspace", &w)
	writeModel(t, b.dir, "net.onnx")
	path := write(t, b.dir, "a.png", picture(t, 1))
	if b.read("/api/workspace", &w); len(w.Models)+len(w.Images) != 0 {
		t.Errorf("before: %+v", w)
	}
	if w = b.workspaceNow(); len(w.Models) != 1 || len(w.Images) != 1 {
		t.Errorf("after: %+v", w)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if w = b.workspaceNow(); len(w.Images) != 0 {
		t.Errorf("after the picture is gone: %+v", w)
	}
	if code, _, _ := b.do("GET", "/api/images/"+identify(path), ""); code != 404 {
		t.Errorf("a picture that is gone: %d", code)
	}
}

// TestPages reads the pictures page by page.
func TestPages(t *testing.T) {
	b := newBench(t, nil)
	raw := picture(t, 1)
	for i := range 7 {
		write(t, b.dir, fmt.Sprintf("%d.png", i), raw)
	}
	for query, want := range map[string]string{
		"":                     "0 1 2 3 4 5 6",
		"?count=3":             "0 1 2",
		"?from=5&count=3":      "5 6",
		"?from=70000&count=3":  "",
		"?from=-1&count=2":     "0 1",
		"?from=x&count=999999": "0 1 2 3 4 5 6",
	} {
		var w workspaceAnswer
		b.read("/api/workspace"+query, &w)
		var got []string
		for _, img := range w.Images {
			got = append(got, strings.TrimSuffix(img.Name, ".png"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
}

func (b *bench) card(id string) modelCard {
	b.t.Helper()
	var card modelCard
	b.read("/api/models/"+id, &card)
	return card
}

// TestLabelsBesidePictures finds the label file in a folder of pictures that
// lies below the paths, if it has a name for each class.
func TestLabelsBesidePictures(t *testing.T) {
	b := newBench(t, nil)
	id := identify(writeModel(t, b.dir, "models/net.onnx"))
	write(t, b.dir, "data/photos/a.png", picture(t, 1))
	n := b.card(mustFind(b, id)).Classes
	wrong := write(t, b.dir, "data/photos/labels.txt", names("short", n-1))
	b.workspaceNow()
	if got := b.card(id).Labels; got != "" {
		t.Errorf("a file with too few names was taken: %s", got)
	}
	if err := os.Remove(wrong); err != nil {
		t.Fatal(err)
	}
	write(t, b.dir, "data/photos/labels.txt", names("thing", n))
	b.workspaceNow()
	if got := b.card(id).Labels; got != "labels.txt in photos" {
		t.Errorf("labels are from %q", got)
	}
	var classes []struct{ Label string }
	if b.read("/api/models/"+id+"/classes?q=thing2", &classes); len(classes) == 0 || classes[0].Label != "thing2" {
		t.Errorf("classes: %v", classes)
	}
}

func mustFind(b *bench, id string) string {
	b.t.Helper()
	for _, m := range b.workspaceNow().Models {
		if m.ID == id {
			return id
		}
	}
	b.t.Fatal("the model was not found")
	return ""
}

func TestLabelFoldersAreBounded(t *testing.T) {
	b := newBench(t, nil)
	raw := picture(t, 1)
	for i := range maxLabelFolders + 10 {
		write(t, b.dir, fmt.Sprintf("%03d/a.png", i), raw)
	}
	b.workspaceNow()
	folders := b.workspace.labelFolders
	if len(folders) != maxLabelFolders+1 || folders[0] != b.dir || folders[1] != filepath.Join(b.dir, "000") {
		t.Errorf("%d folders: %v", len(folders), folders)
	}
}

// TestSettingsChange opens a model anew, and draws anew, when the settings
// beside it change.
func TestSettingsChange(t *testing.T) {
	b := withTechniques(t, t.TempDir())
	dir := b.workspace.paths[0]
	id := identify(writeModel(t, dir, "net.onnx"))
	before := b.card(mustFind(b, id))
	ask := fmt.Sprintf(`{"method":"arch","model":%q}`, id)
	key := b.ask(ask).Key
	if again := b.ask(ask); again.Key != key {
		t.Error("the key changes though nothing did")
	}
	write(t, dir, "tomo.json", []byte(`{"input":{"scale":"1/127.5","mean":[1,1,1]}}`))
	after := b.card(id)
	if before.Input == nil || after.Input == nil || before.Input.Summary == after.Input.Summary || after.Input.Guessed {
		t.Errorf("before %+v, after %+v", before.Input, after.Input)
	}
	if b.ask(ask).Key == key {
		t.Error("the figure of the old settings is shown")
	}
	write(t, dir, "tomo.json", []byte(`{"input":{"scael":"1"}}`))
	if code, body, _ := b.do("GET", "/api/models/"+id, ""); code != 400 || !strings.Contains(body, "scael") {
		t.Errorf("wrong settings: %d %s", code, body)
	}
	if err := os.Remove(filepath.Join(dir, "tomo.json")); err != nil {
		t.Fatal(err)
	}
	if got := b.card(id); got.Input.Summary != before.Input.Summary || b.ask(ask).Key != key {
		t.Error("without the settings it is not as before")
	}
}

// TestOpenOnce opens a model once for all who ask at the same time, and once
// more for other settings.
func TestOpenOnce(t *testing.T) {
	b := newBench(t, nil)
	path := writeModel(t, b.dir, "net.onnx")
	mustFind(b, identify(path))
	f, err := b.workspace.modelByID(identify(path))
	if err != nil {
		t.Fatal(err)
	}
	first, err := b.workspace.open(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	var each sync.WaitGroup
	for range 8 {
		each.Go(func() {
			if m, err := b.workspace.open(f, map[string]string{}); err != nil || m != first {
				t.Errorf("it was opened again: %v", err)
			}
		})
	}
	each.Wait()
	other, err := b.workspace.open(f, map[string]string{"scale": "1/255"})
	if err != nil || other == first {
		t.Errorf("other settings: %v", err)
	}
	if again, _ := b.workspace.open(f, nil); again != first {
		t.Error("it was let go though few are open")
	}
}

// TestUploadsGiveWay keeps the pictures that were dropped in last.
func TestUploadsGiveWay(t *testing.T) {
	b := newBench(t, nil)
	first := ""
	for i := range maxUploads + 1 {
		code, body := b.drop("", picture(t, uint8(i)))
		if code != 200 || !strings.Contains(body, `"name":"picture"`) {
			t.Fatalf("%d %s", code, body)
		}
		if i == 0 {
			first = b.workspace.uploads[0].ID
		}
	}
	if n := len(b.workspace.uploads); n != maxUploads {
		t.Errorf("%d are kept, want %d", n, maxUploads)
	}
	if code, _, _ := b.do("GET", "/api/images/"+first, ""); code != 404 {
		t.Errorf("the oldest is still there: %d", code)
	}
	var w struct{ Images []imageFile }
	if b.read("/api/workspace?count=1", &w); len(w.Images) != 1 || w.Images[0].ID == first {
		t.Errorf("the workspace lists %+v", w.Images)
	}
}

// TestImageChanges sends a picture once for as long as it is the same.
func TestImageChanges(t *testing.T) {
	b := newBench(t, nil)
	path := write(t, b.dir, "a.png", picture(t, 1))
	b.workspaceNow()
	address := "/api/images/" + identify(path)
	code, body, h := b.do("GET", address, "")
	tag := h.Get("ETag")
	if code != 200 || tag == "" || !strings.HasPrefix(body, "\x89PNG") {
		t.Fatalf("%d %v", code, h)
	}
	if code, body, _ := b.do("GET", address, "", "If-None-Match", tag); code != 304 || body != "" {
		t.Errorf("the same picture: %d", code)
	}
	if code, _, _ := b.do("GET", address+"?side=4", "", "If-None-Match", tag); code != 200 {
		t.Errorf("another size: %d", code)
	}
	write(t, b.dir, "a.png", append(picture(t, 200), 0)) // another size, whatever the clock says
	if code, again, _ := b.do("GET", address, "", "If-None-Match", tag); code != 200 || again == body {
		t.Errorf("another picture: %d", code)
	}
	write(t, b.dir, "a.png", []byte("no picture any more"))
	if code, body, _ := b.do("GET", address, ""); code != 400 || !strings.Contains(body, "a.png") {
		t.Errorf("no picture any more: %d %s", code, body)
	}
}

// TestClassesOfFolders gives a technique the classes of the folders in their order,
// also those of which no picture is asked for, and none where there are two orders.
func TestClassesOfFolders(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	for i, name := range []string{"cat/a.png", "dog/b.png", "eel/c.png"} {
		write(t, one, name, picture(t, uint8(10+i)))
	}
	write(t, other, "ant/a.png", picture(t, 20))
	write(t, other, "bee/b.png", picture(t, 30))
	var given []string
	look := viz.Define(viz.Spec[struct{}]{Name: "look", Needs: viz.NeedsImage,
		Run: func(_ context.Context, in *viz.Input, _ struct{}) (figure.Figure, error) {
			given = in.Classes
			return &figure.Table{}, nil
		}})
	s, err := New([]*viz.Method{look}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Options{CacheDir: t.TempDir(), Paths: []string{one, other}})
	if err == nil {
		err = s.workspace.scan(t.Context(), false)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		images []string
		want   string
	}{
		{[]string{one + "/dog/b.png"}, "[cat dog eel]"},
		{[]string{one + "/dog/b.png", one + "/cat/a.png"}, "[cat dog eel]"},
		{[]string{one + "/dog/b.png", other + "/bee/b.png"}, "[]"},
	} {
		q := request{Method: "look"}
		for _, path := range c.images {
			q.Images = append(q.Images, identify(path))
		}
		found, err := s.resolve(t.Context(), look, q)
		if err == nil {
			_, err = s.run(t.Context(), look, q, found, func(viz.Progress) {})
		}
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(given) != c.want {
			t.Errorf("%s: the classes are %v, want %s", c.images, given, c.want)
		}
	}
}

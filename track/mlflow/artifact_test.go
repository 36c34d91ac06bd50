package mlflow_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/mlflow"
)

// TestArtifactsStayInTheirFolder tries to write and to read elsewhere.
func TestArtifactsStayInTheirFolder(t *testing.T) {
	dir := t.TempDir()
	store, err := track.Open(context.Background(), filepath.Join(dir, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	folder := filepath.Join(dir, "artifacts")
	h := mlflow.New(store, mlflow.Options{Artifacts: folder, MaxArtifact: 1000, MaxArtifacts: 2000})
	defer h.Close()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	request := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://localhost/", strings.NewReader(body))
		r.URL.Path = path // as it is, which a mux would clean
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	id := newRunOf(t, h)
	root := "/api/2.0/mlflow-artifacts/artifacts/0/" + id + "/artifacts/"
	if w := request("PUT", root+"a/b.txt", strings.Repeat("x", 900)); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	for _, path := range []string{"../../../../secret", "a/../../../../../secret", "/etc/passwd", "a//b", ".", "a/./b", `..\secret`, "x\x00", "../../../.uploading/x"} {
		for _, method := range []string{"PUT", "GET", "DELETE"} {
			if w := request(method, root+path, "bad"); w.Code != 400 && w.Code != 404 {
				t.Errorf("%s %q: %d %s", method, path, w.Code, w.Body)
			}
		}
	}
	for _, path := range []string{"0/nobody/artifacts/x", "x", "0/" + id + "/other/x", "models/m-1/artifacts/x"} {
		if w := request("PUT", "/api/2.0/mlflow-artifacts/artifacts/"+path, "bad"); w.Code != 400 && w.Code != 404 {
			t.Errorf("PUT %q, which is nobody's: %d %s", path, w.Code, w.Body)
		}
	}
	if err := os.Symlink(dir, filepath.Join(folder, "0", id, "artifacts", "link")); err == nil {
		if w := request("GET", root+"link/secret", ""); w.Code == 200 {
			t.Errorf("a link was followed out of the folder: %s", w.Body)
		}
		if w := request("PUT", root+"link/new", "x"); w.Code == 200 {
			t.Error("a link was followed out of the folder, to write there")
		}
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "secret")); err != nil || string(raw) != "secret" {
		t.Errorf("the file outside is %q, %v", raw, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
		t.Error("a file was written outside")
	}

	if w := request("PUT", root+"long", strings.Repeat("x", 1001)); w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "RESOURCE_EXHAUSTED") {
		t.Errorf("one that is too long: %d %s", w.Code, w.Body)
	}
	for i, want := range []int{200, 200, 413} { // 900 bytes each; the first takes the place of what is there
		name := []string{"a/b.txt", "second", "third"}[i]
		if w := request("PUT", root+name, strings.Repeat("y", 900)); w.Code != want {
			t.Errorf("file %d: %d %s", i, w.Code, w.Body)
		}
	}
	if w := request("DELETE", root+"a", ""); w.Code != 200 {
		t.Errorf("delete: %d %s", w.Code, w.Body)
	}
	if w := request("PUT", root+"third", strings.Repeat("y", 900)); w.Code != 200 {
		t.Errorf("after a file was deleted: %d %s", w.Code, w.Body)
	}
	broken := httptest.NewRequest("PUT", "http://localhost"+root+"broken", io.MultiReader(strings.NewReader("begins"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	answer := httptest.NewRecorder()
	if h.ServeHTTP(answer, broken); answer.Code != http.StatusBadRequest {
		t.Errorf("an upload that broke off: %d %s", answer.Code, answer.Body)
	}
	if w := request("GET", root+"broken", ""); w.Code != http.StatusNotFound {
		t.Errorf("of an upload that broke off there is %q", w.Body)
	}
	left, err := os.ReadDir(filepath.Join(folder, ".uploading"))
	if err != nil || len(left) > 0 {
		t.Errorf("uploads that failed have left %v, %v", left, err)
	}

	w := request("GET", root+"third", "")
	if w.Code != 200 || w.Body.Len() != 900 || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || w.Header().Get("Content-Security-Policy") != "sandbox" {
		t.Errorf("an artifact is sent as %v with %d bytes", w.Header(), w.Body.Len())
	}
}

func newRunOf(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	defer s.Close()
	return newRun(t, s.URL)
}

// TestImagesAreRecords logs an image at a step, and one that is at none.
func TestImagesAreRecords(t *testing.T) {
	store, base := serve(t)
	id := newRun(t, base)
	root := "/api/2.0/mlflow-artifacts/artifacts/0/" + id + "/artifacts/"
	const name = "images/dog~left+step+7+timestamp+1700000000000+01234567-89ab-cdef-0123-456789abcdef"
	old := strings.NewReplacer("+", "%", "dog~left", "cat").Replace(name) // as MLflow 2 writes it
	for _, path := range []string{name + ".png", name + "+compressed.webp", "plain.png", name + ".png", old + ".png", old + "%compressed.webp"} {
		if status, out := ask(t, base, "PUT", root+url.PathEscape(path), "\x89PNG"); status != 200 {
			t.Fatal(path, status, out)
		}
	}
	ctx := context.Background()
	r, err := store.Run(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	heads, err := store.Records(ctx, r, track.Image, "dog/left", 0, 10)
	if err != nil || len(heads) != 1 || heads[0].Step != 7 || heads[0].Time != 1_700_000_000_000_000 {
		t.Fatalf("records %+v, %v", heads, err)
	}
	if body, err := store.RecordBody(ctx, heads[0]); err != nil || string(body) != "\x89PNG" {
		t.Errorf("the record holds %q, %v", body, err)
	}
	if lists, err := store.RecordLists(ctx, r, track.Image); err != nil || len(lists) != 2 || lists[0].Name != "cat" || lists[0].Count != 1 {
		t.Errorf("lists of records %+v, %v", lists, err)
	}
}

package server

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/track"
)

// TestMLflowBehindTheGuard logs as a script does, whose client sends a token as
// a bearer, and asks as a page of another site does.
func TestMLflowBehindTheGuard(t *testing.T) {
	store, err := track.Open(context.Background(), filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := newBench(t, func(o *Options) { o.Runs, o.Token = store, "secret" })
	ask := func(method, path, body string, header ...string) (int, string) {
		t.Helper()
		r, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(raw)
	}
	const create = "/api/2.0/mlflow/runs/create"
	if status, _ := ask("POST", create, "{}"); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
	if status, said := ask("POST", create, `{"run_name":"r"}`, "Authorization", "Bearer secret"); status != http.StatusOK || !strings.Contains(said, `"run_name":"r"`) {
		t.Errorf("with a token: %d %s", status, said)
	}
	if status, _ := ask("POST", create, "{}", "Authorization", "Bearer secret", "Origin", "https://elsewhere.example"); status != http.StatusForbidden {
		t.Errorf("from another site: %d", status)
	}
	for _, path := range []string{"/ajax-api/2.0/mlflow/experiments/search", "/get-artifact?run_id=x&path=y"} {
		if status, _ := ask("GET", path, "", "Authorization", "Bearer secret", "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, status)
		}
	}
	if status, said := ask("GET", "/version", "", "Authorization", "Bearer secret"); status != http.StatusOK || !strings.HasPrefix(said, "3.") {
		t.Errorf("version: %d %s", status, said)
	}
}

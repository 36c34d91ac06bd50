package mlflow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/mlflow"
)

// serve starts a server over a new store.
func serve(t testing.TB) (*track.Store, string) { return serveWith(t, mlflow.Options{}) }

func serveWith(t testing.TB, opt mlflow.Options) (*track.Store, string) {
	t.Helper()
	dir := t.TempDir()
	store, err := track.Open(context.Background(), filepath.Join(dir, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	opt.Artifacts, opt.Failed = filepath.Join(dir, "artifacts"), func(err error) { t.Error(err) }
	h := mlflow.New(store, opt)
	mux := http.NewServeMux()
	for _, path := range mlflow.Paths {
		mux.Handle(path, h)
	}
	s := httptest.NewServer(mux)
	t.Cleanup(func() {
		s.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store, s.URL
}

// script runs a script with MLflow's own client against a server.
func script(t *testing.T, url, name string) []byte {
	t.Helper()
	python := os.Getenv("TOMO_MLFLOW_PYTHON")
	if python == "" {
		t.Skip("TOMO_MLFLOW_PYTHON names no Python that has mlflow-skinny, numpy, pandas, pillow, matplotlib and psutil")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, filepath.Join("testdata", name))
	cmd.Env = append(os.Environ(), "MLFLOW_TRACKING_URI="+url, "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL=0.1", "MLFLOW_HTTP_REQUEST_MAX_RETRIES=1", "GIT_PYTHON_REFRESH=quiet", "MLFLOW_DISABLE_TELEMETRY=true")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, said.Bytes())
	}
	return out
}

func TestClientSees(t *testing.T) {
	_, url := serve(t)
	script(t, url, "checks.py")
}

// TestUnchangedScript looks in the store at what a script has logged that knows
// nothing of it.
func TestUnchangedScript(t *testing.T) {
	store, url := serve(t)
	out := script(t, url, "training.py")
	var ids struct{ Run, Child, Failed string }
	if err := json.Unmarshal(out[bytes.LastIndexByte(bytes.TrimSpace(out), '\n')+1:], &ids); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ctx := context.Background()
	r, err := store.Run(ctx, ids.Run)
	if err != nil {
		t.Fatal(err)
	}
	if r.Project != "digits" || r.Title != "first" || r.State != track.Finished || r.Ended.IsZero() {
		t.Errorf("the run is %+v", r)
	}
	if f, err := store.Run(ctx, ids.Failed); err != nil || f.State != track.Failed {
		t.Errorf("the run that failed is %+v, %v", f, err)
	}
	config, err := store.Config(ctx, r)
	if err != nil || config["lr"] != 0.001 || config["layers"] != 3.0 || config["optimizer"] != "adam" || config["note"] != "ünïcode ✓" || config["schedule"] != "None" {
		t.Errorf("the configuration is %v, %v", config, err)
	}
	tags, err := store.Tags(ctx, r)
	if err != nil || tags["team"] != "vision" || tags["stage"] != "trained" || !strings.HasSuffix(tags["mlflow.source.name"], "training.py") {
		t.Errorf("the tags are %v, %v", tags, err)
	}
	if child, err := store.Run(ctx, ids.Child); err != nil || child.Title != "child" {
		t.Errorf("the nested run is %+v, %v", child, err)
	} else if tags, err := store.Tags(ctx, child); err != nil || tags["mlflow.parentRunId"] != ids.Run {
		t.Errorf("the tags of the nested run are %v, %v", tags, err)
	}
	c, err := store.Curve(ctx, r, "loss")
	if err != nil {
		t.Fatal(err)
	}
	points, err := store.Points(ctx, c, 0, c.Points)
	if err != nil || len(points) != 201 || points[9].Step != 9 || points[9].Value != 0.1 || points[200].Value != 0.001 {
		t.Errorf("the loss has %d points, %v", len(points), err)
	}
	c, err = store.Curve(ctx, r, "broken")
	if err != nil {
		t.Fatal(err)
	}
	points, err = store.Points(ctx, c, 0, 10)
	if err != nil || len(points) != 2 || !math.IsNaN(points[0].Value) || !math.IsInf(points[1].Value, 1) {
		t.Errorf("what is not finite came as %v, %v", points, err)
	}
}

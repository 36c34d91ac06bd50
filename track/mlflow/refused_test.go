package mlflow_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestArtifactsBelowOthers keeps an experiment below a folder whose name is that
// of the folders of artifacts.
func TestArtifactsBelowOthers(t *testing.T) {
	_, base := serve(t)
	_, out := ask(t, base, "POST", api+"experiments/create", `{"name":"e","artifact_location":"mlflow-artifacts:/my/artifacts/e"}`)
	_, out = ask(t, base, "POST", api+"runs/create", fmt.Sprintf(`{"experiment_id":%q}`, out["experiment_id"]))
	info := out["run"].(map[string]any)["info"].(map[string]any)
	root := strings.TrimPrefix(info["artifact_uri"].(string), "mlflow-artifacts:/")
	for _, name := range []string{"x.txt", "artifacts/y.txt"} {
		if status, out := ask(t, base, "PUT", "/api/2.0/mlflow-artifacts/artifacts/"+root+"/"+name, "hi"); status != http.StatusOK {
			t.Fatal(name, status, out)
		}
	}
	_, out = ask(t, base, "GET", api+"artifacts/list?run_id="+info["run_id"].(string), "")
	if files, _ := out["files"].([]any); len(files) != 2 {
		t.Errorf("the run has the artifacts %v", out)
	}
}

// TestArtifactsInEachOthersPlace puts files where folders are, and below files:
// clients that are told of a failure of the server would try for minutes.
func TestArtifactsInEachOthersPlace(t *testing.T) {
	_, base := serve(t)
	root := "/api/2.0/mlflow-artifacts/artifacts/0/" + newRun(t, base) + "/artifacts/"
	for _, c := range []struct {
		method, name string
		status       int
	}{
		{"PUT", "a/x", 200},
		{"PUT", "a/x/y", 400},
		{"PUT", "a/x/y/z", 400},
		{"PUT", "a", 400},
		{"PUT", strings.Repeat("n", 256), 400},
		{"PUT", strings.Repeat("n/", 2100) + "n", 400},
		{"GET", "a/x/y", 404},
		{"GET", strings.Repeat("n", 256), 400},
		{"DELETE", "a/x/y", 404},
		{"DELETE", "a/x", 200},
		{"PUT", "a/x/y", 200},
	} {
		if status, out := ask(t, base, c.method, root+c.name, "hi"); status != c.status {
			t.Errorf("%s %.20s: %d %v, want %d", c.method, c.name, status, out, c.status)
		}
	}
	if status, out := ask(t, base, "GET", "/api/2.0/mlflow-artifacts/artifacts?path="+strings.TrimPrefix(root, "/api/2.0/mlflow-artifacts/artifacts/")+"a/x/y/z", ""); status != 200 {
		t.Errorf("a list of what a file holds: %d %v", status, out)
	}
}

// TestWhatIsRefusedLeavesNothing asks for what is refused in its second half.
func TestWhatIsRefusedLeavesNothing(t *testing.T) {
	store, base := serve(t)
	ctx := t.Context()
	id := newRun(t, base)
	before, err := store.Run(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("n", 5000)
	for _, c := range []struct{ path, body string }{
		{"experiments/create", `{"name":"e","tags":[{"key":"","value":"v"}]}`},
		{"experiments/create", `{"name":"e","tags":[{"key":"k","value":"` + strings.Repeat("v", 1<<20) + `"}]}`},
		{"runs/create", `{"experiment_id":"0","tags":[{"key":"","value":"v"}]}`},
		{"runs/create", `{"experiment_id":"0","tags":[{"key":"a\u0000","value":"v"}]}`},
		{"runs/create", `{"experiment_id":"0","run_name":"` + long + `"}`},
		{"runs/log-batch", `{"run_id":"ID","tags":[{"key":"mlflow.runName","value":"other"},{"key":"","value":"v"}]}`},
		{"runs/log-batch", `{"run_id":"ID","tags":[{"key":"mlflow.runName","value":"` + long + `"},{"key":"k","value":"v"}]}`},
		{"runs/update", `{"run_id":"ID","run_name":"` + long + `"}`},
	} {
		status, out := ask(t, base, "POST", api+c.path, strings.ReplaceAll(c.body, "ID", id))
		if status != http.StatusBadRequest || out["error_code"] != "INVALID_PARAMETER_VALUE" {
			t.Errorf("%s %.100s: %d %v", c.path, c.body, status, out)
		}
	}
	runs, err := store.AllRuns(ctx, "")
	if err != nil || len(runs) != 1 || runs[0].Title != before.Title {
		t.Errorf("there are %d runs, the first one %+v, %v", len(runs), runs[0], err)
	}
	if tags, err := store.Tags(ctx, before); err != nil || len(tags) != 1 || tags["mlflow.runName"] != before.Title {
		t.Errorf("the run has the tags %.200v, %v", tags, err)
	}
	if projects, err := store.Projects(ctx); err != nil || len(projects) != 1 {
		t.Errorf("there are %d projects, %v", len(projects), err)
	}
}

// TestSentAgain sends requests again, as clients do that got no answer, also at
// the same time: their points are kept once. What differs in anything is kept.
func TestSentAgain(t *testing.T) {
	store, base := serve(t)
	id := newRun(t, base)
	send := func(path, body string) {
		if status, out := ask(t, base, "POST", api+path, strings.ReplaceAll(body, "ID", id)); status != http.StatusOK {
			t.Error(path, status, out)
		}
	}
	const (
		one  = `{"run_id":"ID","key":"m","value":1,"timestamp":5,"step":1}`
		many = `{"run_id":"ID","metrics":[{"key":"m","value":"NaN","timestamp":6,"step":2},{"key":"n","value":3,"timestamp":6,"step":2}],"params":[{"key":"p","value":"1"}],"tags":[{"key":"t","value":"a"}]}`
	)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { send("runs/log-metric", one) })
		all.Go(func() { send("runs/log-batch", many) })
	}
	all.Wait()
	for _, other := range []string{
		`{"run_id":"ID","key":"m","value":2,"timestamp":5,"step":1}`,
		`{"run_id":"ID","key":"m","value":1,"timestamp":6,"step":1}`,
		`{"run_id":"ID","key":"m","value":1,"timestamp":5,"step":2}`,
		`{"run_id":"ID","key":"untimed","value":1,"step":1}`,
		`{"run_id":"ID","key":"untimed","value":1,"step":1}`,
	} {
		send("runs/log-metric", other)
	}
	r, err := store.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{"m": 5, "n": 1, "untimed": 2} {
		if c, err := store.Curve(t.Context(), r, name); err != nil || c.Points != want {
			t.Errorf("%s has %d points, want %d, %v", name, c.Points, want, err)
		}
	}
}

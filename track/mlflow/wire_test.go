package mlflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/mlflow"
	"github.com/tomo-viz/tomo/track/series"
)

const api = "/api/2.0/mlflow/"

// ask sends a request and returns the answer, parsed.
func ask(t testing.TB, base, method, path, body string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
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
	out := map[string]any{}
	if err := json.Unmarshal(raw, &out); err != nil && resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %v: %s", method, path, err, raw)
	}
	return resp.StatusCode, out
}

func newRun(t testing.TB, base string) string {
	t.Helper()
	status, out := ask(t, base, "POST", api+"runs/create", `{"experiment_id":"0"}`)
	if status != http.StatusOK {
		t.Fatal(status, out)
	}
	return out["run"].(map[string]any)["info"].(map[string]any)["run_id"].(string)
}

// TestWire sends what clients in other languages send as well: numbers in
// quotes, enumerated values by number, either name of a run.
func TestWire(t *testing.T) {
	_, base := serve(t)
	id := newRun(t, base)
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	distinct := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `{"key":"k%d","value":"v"},`, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "runs/log-metric", `{"run_id":"ID","key":"m","value":1.5,"timestamp":1700000000000,"step":3}`, 200, ""},
		{"POST", "runs/log-metric", `{"run_uuid":"ID","key":"m","value":"NaN","timestamp":"1700000000001","step":"4"}`, 200, ""},
		{"POST", "runs/log-metric", `{"run_id":"ID","key":"m","value":"-Infinity","timestamp":0}`, 200, ""},
		{"POST", "runs/log-metric", `{"run_id":"ID","key":"m","value":"many","timestamp":0}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `{"run_id":"ID","key":"m","value":"0x10","timestamp":0}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `{"run_id":"ID","key":"m","value":1,"timestamp":0,"step":1.5}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `{"run_id":"ID","key":"m","value":1,"timestamp":-1}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `{"run_id":"ID","key":"m"}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `{"run_id":"ID","value":1}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `{"run_id":"none","key":"m","value":1}`, 404, "RESOURCE_DOES_NOT_EXIST"},
		{"POST", "runs/log-metric", `{"key":"m","value":1}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `{"run_id":`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `{"run_id":7}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-metric", `[]`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-parameter", `{"run_id":"ID","key":"p","value":"1"}`, 200, ""},
		{"POST", "runs/log-parameter", `{"run_id":"ID","key":"p","value":"1"}`, 200, ""},
		{"POST", "runs/log-parameter", `{"run_id":"ID","key":"p","value":"1.0"}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-parameter", `{"run_id":"ID","key":"a\u0000","value":"1"}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-batch", `{"run_id":"ID","metrics":[` + many(1000, `{"key":"b","value":1,"timestamp":1,"step":1}`) + `]}`, 200, ""},
		{"POST", "runs/log-batch", `{"run_id":"ID","metrics":[` + many(1001, `{"key":"b","value":1,"timestamp":1,"step":1}`) + `]}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-batch", `{"run_id":"ID","params":[` + distinct(100) + `]}`, 200, ""},
		{"POST", "runs/log-batch", `{"run_id":"ID","params":[` + distinct(101) + `]}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-batch", `{"run_id":"ID","tags":[` + distinct(101) + `]}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-batch", `{"run_id":"ID","params":[{"key":"q","value":"1"},{"key":"q","value":"2"}]}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/log-batch", `{"run_id":"ID","tags":[{"key":"long","value":"` + strings.Repeat("x", 1_000_000) + `"}]}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/update", `{"run_id":"ID","status":3,"end_time":"1700000000002"}`, 200, ""},
		{"POST", "runs/update", `{"run_id":"ID","status":"PAUSED"}`, 400, "INVALID_PARAMETER_VALUE"},
		{"GET", "runs/get?run_id=ID", "", 200, ""},
		{"GET", "runs/get?run_id=" + url.QueryEscape("'; DROP TABLE run; --"), "", 404, "RESOURCE_DOES_NOT_EXIST"},
		{"GET", "experiments/get?experiment_id=0", "", 200, ""},
		{"GET", "experiments/get?experiment_id=a", "", 404, "RESOURCE_DOES_NOT_EXIST"},
		{"POST", "experiments/delete", `{"experiment_id":"0"}`, 400, "INVALID_PARAMETER_VALUE"},
		{"GET", "experiments/search?max_results=5&view_type=3&order_by=name&order_by=creation_time+DESC", "", 200, ""},
		{"GET", "experiments/search?max_results=-5", "", 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/search", `{"experiment_ids":["0","999"],"max_results":50001}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/search", `{"experiment_ids":["0"],"page_token":"?"}`, 400, "INVALID_PARAMETER_VALUE"},
		{"POST", "runs/search", `{"experiment_ids":["0"],"run_view_type":"SOME"}`, 400, "INVALID_PARAMETER_VALUE"},
		{"GET", "metrics/get-history-bulk?run_id=ID&metric_key=m", "", 200, ""},
		{"GET", "metrics/get-history-bulk?metric_key=m", "", 400, "INVALID_PARAMETER_VALUE"},
		{"GET", "metrics/get-history-bulk-interval?run_ids=ID&metric_key=m&start_step=1", "", 400, "INVALID_PARAMETER_VALUE"},
		{"GET", "registered-models/search", "", 200, ""},
		{"POST", "registered-models/create", `{"name":"x"}`, 501, "NOT_IMPLEMENTED"},
		{"POST", "traces", `{}`, 501, "NOT_IMPLEMENTED"},
		{"GET", "no/such/thing", "", 404, "ENDPOINT_NOT_FOUND"},
		{"GET", "runs/log-metric", "", 404, "ENDPOINT_NOT_FOUND"},
		{"GET", "logged-models/m-none", "", 404, "RESOURCE_DOES_NOT_EXIST"},
		{"PATCH", "logged-models/m-none", `{"status":"LOGGED_MODEL_READY"}`, 404, "RESOURCE_DOES_NOT_EXIST"},
	} {
		for _, prefix := range []string{api, "/ajax-api/2.0/mlflow/"} {
			if prefix != api && c.method != "GET" {
				continue
			}
			status, out := ask(t, base, c.method, prefix+strings.ReplaceAll(c.path, "ID", id), strings.ReplaceAll(c.body, "ID", id))
			code, _ := out["error_code"].(string)
			if status != c.status || code != c.code || code != "" && out["message"] == "" {
				t.Errorf("%s %s %.100s: %d %v, want %d %s", c.method, c.path, c.body, status, out, c.status, c.code)
			}
		}
	}
	_, out := ask(t, base, "GET", api+"metrics/get-history?metric_key=m&run_id="+id, "")
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"metrics":[{"key":"m","step":3,"timestamp":1700000000000,"value":1.5},{"key":"m","step":4,"timestamp":1700000000001,"value":"NaN"},{"key":"m","step":0,"timestamp":0,"value":"-Infinity"}]}`
	if string(raw) != want {
		t.Errorf("the history is %s, want %s", raw, want)
	}
	_, out = ask(t, base, "GET", api+"runs/get?run_uuid="+id, "")
	info := out["run"].(map[string]any)["info"].(map[string]any)
	if info["status"] != "FINISHED" || info["end_time"] != 1700000000002.0 || info["lifecycle_stage"] != "active" || info["artifact_uri"] != "mlflow-artifacts:/0/"+id+"/artifacts" {
		t.Errorf("the run is %v", info)
	}
}

// line is n points of the squares of their steps.
func line(n int) []series.Point {
	out := make([]series.Point, n)
	for i := range out {
		out[i] = series.Point{Step: float64(i), Time: int64(1e15) + int64(i), Value: float64(i) * float64(i)}
	}
	return out
}

// TestSample asks for what a chart has room for of a metric of any length.
func TestSample(t *testing.T) {
	store, base := serve(t)
	ctx := context.Background()
	for _, n := range []int{1000, 60_000} {
		id := newRun(t, base)
		r, err := store.Run(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Log(ctx, r, &track.Batch{Metrics: []track.Metric{{Name: "m", Points: line(n)}}}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ from, to, most int }{{0, n - 1, 320}, {100, 900, 50}, {100, 102, 320}, {0, n - 1, 1}} {
			_, out := ask(t, base, "GET", fmt.Sprintf("%smetrics/get-history-bulk-interval?run_ids=%s&metric_key=m&start_step=%d&end_step=%d&max_results=%d", api, id, c.from, c.to, c.most), "")
			metrics, _ := out["metrics"].([]any)
			if len(metrics) == 0 || len(metrics) > c.most || len(metrics) < min(c.most/3, c.to-c.from+1) {
				t.Fatalf("%d points from %d to %d: %d of at most %d", n, c.from, c.to, len(metrics), c.most)
			}
			for i, m := range metrics {
				m := m.(map[string]any)
				step := m["step"].(float64)
				if m["value"] != step*step || step < float64(c.from) || step > float64(c.to) || m["run_id"] != id {
					t.Fatalf("point %d is %v", i, m)
				}
			}
			if last := metrics[len(metrics)-1].(map[string]any); last["step"] != float64(c.to) {
				t.Errorf("the last of %d to %d is %v", c.from, c.to, last)
			}
		}
	}
}

// FuzzRequests sends bytes to every address; nothing may fail on the server's
// side.
func FuzzRequests(f *testing.F) {
	store, err := track.Open(context.Background(), filepath.Join(f.TempDir(), "runs"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	h := mlflow.New(store, mlflow.Options{Artifacts: f.TempDir(), Failed: func(err error) { panic(err) }})
	f.Cleanup(func() { h.Close() })
	id := newRunOf(f, h)
	f.Add("POST", "runs/log-batch", `{"run_id":"ID","metrics":[{"key":"a","value":1e400,"timestamp":9e18,"step":-9223372036854775808}]}`)
	f.Add("POST", "runs/log-metric", `{"run_id":"ID","key":"a","value":"Infinity","timestamp":9223372036854775807,"step":"9223372036854775807"}`)
	f.Add("POST", "runs/search", `{"experiment_ids":["0"],"filter":"metrics.a > 1 and tags.b like '%'","order_by":["params.x DESC"],"max_results":1}`)
	f.Add("POST", "runs/log-model", `{"run_id":"ID","model_json":"{}"}`)
	f.Add("POST", "runs/log-inputs", `{"run_id":"ID","datasets":[{"dataset":{"name":"a","digest":"b"}}],"models":[{"model_id":"x"}]}`)
	f.Add("POST", "logged-models", `{"experiment_id":"0","params":[{"key":"","value":""}]}`)
	f.Add("GET", "metrics/get-history?run_id=ID&metric_key=a&max_results=2&page_token=eyJvZmZzZXQiOjk5fQ==", "")
	f.Add("GET", "metrics/get-history-bulk-interval?run_ids=ID&metric_key=a&start_step=-5&end_step=5", "")
	f.Add("PUT", "../mlflow-artifacts/artifacts/0/ID/artifacts/x%00", "x")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		u, err := url.Parse("http://localhost" + api + strings.ReplaceAll(path, "ID", id))
		if err != nil || !strings.Contains("GET POST PUT PATCH DELETE", method) || method == "" {
			return
		}
		r := httptest.NewRequest("GET", "http://localhost/", strings.NewReader(strings.ReplaceAll(body, "ID", id)))
		r.Method, r.URL = method, u
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Errorf("%s %s %q: %d %s", method, path, body, w.Code, w.Body)
		}
	})
}

// TestParamsAreLoggedOnce logs other values of the same parameter at the same
// time: one of them stays, and all others are refused.
func TestParamsAreLoggedOnce(t *testing.T) {
	store, base := serve(t)
	id := newRun(t, base)
	const writers = 16
	taken := make(chan string, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			value := fmt.Sprint(i)
			body := fmt.Sprintf(`{"run_id":%q,"params":[{"key":"p","value":%q}],"metrics":[{"key":"m","value":1,"timestamp":1,"step":%d}]}`, id, value, i)
			switch status, out := ask(t, base, "POST", api+"runs/log-batch", body); {
			case status == http.StatusOK:
				taken <- value
			case out["error_code"] != "INVALID_PARAMETER_VALUE":
				t.Error(status, out)
			}
		})
	}
	all.Wait()
	close(taken)
	var values []string
	for v := range taken {
		values = append(values, v)
	}
	ctx := context.Background()
	r, err := store.Run(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	config, err := store.Config(ctx, r)
	if err != nil || len(values) != 1 || fmt.Sprint(config["p"]) != values[0] {
		t.Errorf("taken were %v, kept is %v, %v", values, config, err)
	}
	if c, err := store.Curve(ctx, r, "m"); err != nil || c.Points != 1 {
		t.Errorf("batches that were refused have left %d points, %v", c.Points-1, err)
	}
}

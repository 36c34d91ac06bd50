package mlruns

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	run := strings.Repeat("0a", 16)
	for path, want := range map[string]File{
		"mlruns/1/" + run + "/meta.yaml":       {"mlruns/1/" + run, Meta, ""},
		run + "/metrics/val/loss":              {run, Metric, "val/loss"},
		"1/" + run + "/params/lr":              {"1/" + run, Param, "lr"},
		"1/" + run + "/tags/mlflow.runName":    {"1/" + run, Tag, "mlflow.runName"},
		"mlruns/1/meta.yaml":                   {},
		"1/" + run + "/artifacts/a.csv":        {},
		"1/" + run[1:] + "/params/lr":          {},
		"1/" + run + "/metrics":                {},
		"1/" + run + "/inputs/metrics/x/y.txt": {},
	} {
		if got, ok := Find(path); got != want || ok != (want != File{}) {
			t.Errorf("%s: %+v, %v", path, got, ok)
		}
	}
}

// TestParseRun reads what MLflow 3.17 wrote.
func TestParseRun(t *testing.T) {
	r, err := ParseRun([]byte("artifact_uri: file:///mlruns/1/2/artifacts\nend_time: 1795907098983\nexperiment_id: '242141003082851377'\nlifecycle_stage: active\nrun_name: first run\nstart_time: 1795907098726\nstatus: 3\ntags: []\n"))
	if err != nil || r.Title != "first run" || r.Status != Finished || r.Deleted || r.Ended.Sub(r.Started).Milliseconds() != 257 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := ParseRun([]byte("end_time: null\nlifecycle_stage: deleted\nstatus: 1\n")); err != nil || !r.Ended.IsZero() || !r.Deleted || r.Status != Running {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := ParseRun([]byte("- 1")); err == nil {
		t.Error("a list is a run")
	}
}

func TestMetric(t *testing.T) {
	file := "1500000000000 0.5 0\n1500000000001 nan 1\n1500000000002 -inf 2\nx 1 1\n1500000000003 1e-05 3 data abc\n1500000000004 7\n" +
		strings.Repeat("9", 3*maxLine) + "\n1500000000005 1e999 -4\n1500000000006 0."
	r := NewReader(strings.NewReader(file), 0)
	var got []string
	for {
		p, err := r.Next()
		if err == io.EOF {
			break
		}
		if errors.Is(err, ErrLine) {
			got = append(got, "!")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(p.Time-1.5e15, p.Value, p.Step))
	}
	want := "0 0.5 0; 1000 NaN 1; 2000 -Inf 2; !; 3000 1e-05 3; 4000 7 0; !; 5000 +Inf -4"
	if strings.Join(got, "; ") != want || r.Offset() != int64(strings.LastIndex(file, "\n")+1) {
		t.Errorf("%q, at %d", got, r.Offset())
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("1500000000000 0.5 0\n1500000000001 nan 1\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r := NewReader(strings.NewReader(string(file)), 0)
		for n := 0; ; n++ {
			if _, err := r.Next(); err == io.EOF {
				break
			}
			if n > len(file) {
				t.Fatal("there is no end")
			}
		}
		if r.Offset() > int64(len(file)) {
			t.Error(r.Offset())
		}
		_, _ = ParseRun(file)
	})
}

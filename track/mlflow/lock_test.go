package mlflow_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestModelMetricsWithParams logs parameters of a run together with metrics of
// models: whatever locks their names share, all of it is answered.
func TestModelMetricsWithParams(t *testing.T) {
	_, base := serve(t)
	id := newRun(t, base)
	const models = 300 // of which one in 64 would share a lock with the run
	late := time.AfterFunc(30*time.Second, func() { panic("a batch with parameters and metrics of a model is not answered") })
	defer late.Stop()
	for i := range models {
		_, out := ask(t, base, "POST", api+"logged-models", `{"experiment_id":"0","name":"m"}`)
		model := out["model"].(map[string]any)["info"].(map[string]any)["model_id"]
		body := fmt.Sprintf(`{"run_id":%q,"params":[{"key":"p%d","value":"1"}],"metrics":[{"key":"acc","value":1,"timestamp":%d,"step":%d,"model_id":%q}]}`, id, i, 1000+i, i, model)
		if status, out := ask(t, base, "POST", api+"runs/log-batch", body); status != http.StatusOK {
			t.Fatal(status, out)
		}
	}
}

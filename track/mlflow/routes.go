package mlflow

import (
	"io"
	"net/http"
	"strings"
)

// maxBatch bounds the body of a batch, as MLflow does.
const maxBatch = 1_000_000

// routes is the table of contents of the API.
var routes = map[string]answer{
	"POST /mlflow/experiments/create":                call(maxBody, (*Handler).createExperiment),
	"GET /mlflow/experiments/get":                    call(maxBody, (*Handler).getExperiment),
	"GET /mlflow/experiments/get-by-name":            call(maxBody, (*Handler).getExperimentByName),
	"GET /mlflow/experiments/search":                 call(maxBody, (*Handler).searchExperiments),
	"POST /mlflow/experiments/search":                call(maxBody, (*Handler).searchExperiments),
	"POST /mlflow/experiments/update":                call(maxBody, (*Handler).updateExperiment),
	"POST /mlflow/experiments/delete":                call(maxBody, (*Handler).deleteExperiment),
	"POST /mlflow/experiments/restore":               call(maxBody, (*Handler).restoreExperiment),
	"POST /mlflow/experiments/set-experiment-tag":    call(maxBody, (*Handler).setExperimentTag),
	"POST /mlflow/experiments/delete-experiment-tag": call(maxBody, (*Handler).deleteExperimentTag),
	"POST /mlflow/experiments/search-datasets":       call(maxBody, (*Handler).searchDatasets),

	"POST /mlflow/runs/create":        call(maxBody, (*Handler).createRun),
	"GET /mlflow/runs/get":            call(maxBody, (*Handler).getRun),
	"POST /mlflow/runs/update":        call(maxBody, (*Handler).updateRun),
	"POST /mlflow/runs/delete":        call(maxBody, (*Handler).deleteRun),
	"POST /mlflow/runs/restore":       call(maxBody, (*Handler).restoreRun),
	"POST /mlflow/runs/search":        call(maxBody, (*Handler).searchRuns),
	"POST /mlflow/runs/log-metric":    call(maxBatch, (*Handler).logMetric),
	"POST /mlflow/runs/log-parameter": call(maxBatch, (*Handler).logParam),
	"POST /mlflow/runs/log-batch":     call(maxBatch, (*Handler).logBatch),
	"POST /mlflow/runs/set-tag":       call(maxBatch, (*Handler).setTag),
	"POST /mlflow/runs/delete-tag":    call(maxBatch, (*Handler).deleteTag),
	"POST /mlflow/runs/log-inputs":    call(maxBody, (*Handler).logInputs),
	"POST /mlflow/runs/outputs":       call(maxBody, (*Handler).logOutputs),
	"POST /mlflow/runs/log-model":     call(maxBody, (*Handler).logModel),

	"GET /mlflow/metrics/get-history":               call(maxBody, (*Handler).getHistory),
	"GET /mlflow/metrics/get-history-bulk":          call(maxBody, (*Handler).getHistoryBulk),
	"GET /mlflow/metrics/get-history-bulk-interval": call(maxBody, (*Handler).getHistoryInterval),

	"POST /mlflow/logged-models":                              call(maxBody, (*Handler).createModel),
	"POST /mlflow/logged-models/search":                       call(maxBody, (*Handler).searchModels),
	"GET /mlflow/logged-models/{model}":                       call(maxBody, (*Handler).getModel),
	"PATCH /mlflow/logged-models/{model}":                     call(maxBody, (*Handler).finalizeModel),
	"DELETE /mlflow/logged-models/{model}":                    call(maxBody, (*Handler).deleteModel),
	"POST /mlflow/logged-models/{model}/params":               call(maxBody, (*Handler).logModelParams),
	"PATCH /mlflow/logged-models/{model}/tags":                call(maxBody, (*Handler).setModelTags),
	"DELETE /mlflow/logged-models/{model}/tags/{key}":         call(maxBody, (*Handler).deleteModelTag),
	"GET /mlflow/logged-models/{model}/artifacts/directories": call(maxBody, (*Handler).listModelArtifacts),

	"GET /mlflow/artifacts/list":           call(maxBody, (*Handler).listArtifacts),
	"GET /mlflow-artifacts/artifacts":      call(maxBody, (*Handler).listFolder),
	"GET /get-artifact":                    (*Handler).getArtifact,
	"POST /mlflow-artifacts/mpu/create/":   (*Handler).refuseParts,
	"GET /mlflow/registered-models/search": none("registered_models"),
	"GET /mlflow/model-versions/search":    none("model_versions"),

	"GET /version": text(version),
	"GET /health":  text("OK"),
}

// refuseParts refuses to take a file in parts, in the words on which clients send
// it whole.
func (h *Handler) refuseParts(w http.ResponseWriter, _ *http.Request) {
	h.fail(w, unsupported("Multipart upload is not supported for the current artifact repository"))
}

// none answers a search for what there never is.
func none(list string) answer {
	return func(_ *Handler, w http.ResponseWriter, _ *http.Request) {
		send(w, http.StatusOK, map[string][]any{list: {}})
	}
}

func text(s string) answer {
	return func(_ *Handler, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, s)
	}
}

// refused are the parts of MLflow that are not about training, by what their
// addresses begin with.
var refused = map[string]string{
	"/mlflow/registered-models":    "a model registry",
	"/mlflow/model-versions":       "a model registry",
	"/mlflow/traces":               "traces",
	"/api/3.0/mlflow/traces":       "traces",
	"/mlflow/datasets":             "datasets for evaluations",
	"/api/3.0/mlflow/datasets":     "datasets for evaluations",
	"/mlflow/scorers":              "scorers",
	"/api/3.0/mlflow/scorers":      "scorers",
	"/mlflow/webhooks":             "webhooks",
	"/mlflow/artifacts/presigned-": "artifacts elsewhere",
	"/mlflow-artifacts/presigned/": "artifacts elsewhere",
}

func (h *Handler) unknown(w http.ResponseWriter, r *http.Request) {
	for prefix, what := range refused {
		if strings.HasPrefix(r.URL.Path, prefix) {
			h.fail(w, unsupported("this server is Tomo, which keeps no %s (%s %s)", what, r.Method, r.URL.Path))
			return
		}
	}
	h.fail(w, fail("ENDPOINT_NOT_FOUND", "this server is Tomo, which does not know %s %s of MLflow's API", r.Method, r.URL.Path))
}

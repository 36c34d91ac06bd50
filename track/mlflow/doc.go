// Package mlflow lets scripts that log to an MLflow tracking server log to a
// store of runs instead, unchanged: they need only its address in
// MLFLOW_TRACKING_URI, and where the server wants its token, that in
// MLFLOW_TRACKING_TOKEN.
//
// It speaks MLflow's REST API 2.0 (mlflow.org/docs/latest/rest-api.html) as
// clients of MLflow 2 and 3 do: experiments, runs, metrics, parameters, tags,
// searches, datasets, logged models and artifacts. An experiment is a project of
// the store, a parameter a setting of a run's configuration, and a number among
// them is kept as one. Artifacts lie as files in one folder; images that are
// logged at steps are records of the run as well. Traces, prompts, the model
// registry and other parts of MLflow that are not about training are refused, in
// MLflow's form of errors.
//
// What differs: names and values may be longer and hold any characters; points
// of a metric are listed in the order in which they came, and points that are
// alike are kept once where a request is sent again within the hour, and else all
// of them; infinite values stay infinite.
package mlflow

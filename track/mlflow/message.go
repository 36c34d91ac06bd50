package mlflow

// Messages of MLflow's service.proto, in JSON with the names of its fields.
// Times are milliseconds since 1970.

type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type experiment struct {
	ID      string     `json:"experiment_id"`
	Name    string     `json:"name"`
	Home    string     `json:"artifact_location"`
	Stage   string     `json:"lifecycle_stage"`
	Changed whole      `json:"last_update_time"`
	Created whole      `json:"creation_time"`
	Tags    []keyValue `json:"tags,omitempty"`
}

type metric struct {
	Key       string `json:"key"`
	Value     *real  `json:"value"`
	Timestamp *whole `json:"timestamp"`
	Step      whole  `json:"step"`
	Dataset   string `json:"dataset_name,omitempty"`
	Digest    string `json:"dataset_digest,omitempty"`
	Model     string `json:"model_id,omitempty"`
}

// A runMetric says which run it is of.
type runMetric struct {
	metric
	Run string `json:"run_id"`
}

type run struct {
	Info    runInfo    `json:"info"`
	Data    runData    `json:"data"`
	Inputs  runInputs  `json:"inputs"`
	Outputs runOutputs `json:"outputs"`
}

type runInfo struct {
	ID         string `json:"run_id"`
	UUID       string `json:"run_uuid"` // the same, for old clients
	Name       string `json:"run_name"`
	Experiment string `json:"experiment_id"`
	User       string `json:"user_id"`
	Status     string `json:"status"`
	Start      whole  `json:"start_time"`
	End        whole  `json:"end_time,omitempty"`
	Artifacts  string `json:"artifact_uri"`
	Stage      string `json:"lifecycle_stage"`
}

type runData struct {
	Metrics []metric   `json:"metrics,omitempty"`
	Params  []keyValue `json:"params,omitempty"`
	Tags    []keyValue `json:"tags,omitempty"`
}

type runInputs struct {
	Datasets []datasetInput `json:"dataset_inputs,omitempty"`
	Models   []modelInput   `json:"model_inputs,omitempty"`
}

type runOutputs struct {
	Models []modelOutput `json:"model_outputs,omitempty"`
}

type datasetInput struct {
	Tags    []keyValue `json:"tags,omitempty"`
	Dataset dataset    `json:"dataset"`
}

type dataset struct {
	Name       string `json:"name"`
	Digest     string `json:"digest"`
	SourceType string `json:"source_type"`
	Source     string `json:"source"`
	Schema     string `json:"schema,omitempty"`
	Profile    string `json:"profile,omitempty"`
}

type modelInput struct {
	Model string `json:"model_id"`
}

type modelOutput struct {
	Model string `json:"model_id"`
	Step  whole  `json:"step"`
}

type loggedModel struct {
	Info modelInfo `json:"info"`
	Data modelData `json:"data"`
}

type modelInfo struct {
	ID         string     `json:"model_id"`
	Experiment string     `json:"experiment_id"`
	Name       string     `json:"name"`
	Created    whole      `json:"creation_timestamp_ms"`
	Changed    whole      `json:"last_updated_timestamp_ms"`
	Artifacts  string     `json:"artifact_uri"`
	Status     string     `json:"status"`
	Type       string     `json:"model_type,omitempty"`
	Run        string     `json:"source_run_id,omitempty"`
	Tags       []keyValue `json:"tags,omitempty"`
}

type modelData struct {
	Params  []keyValue  `json:"params,omitempty"`
	Metrics []runMetric `json:"metrics,omitempty"`
}

type fileInfo struct {
	Path  string `json:"path"`
	IsDir bool   `json:"is_dir"`
	Size  int64  `json:"file_size,omitempty"`
}

// The stages of what may be deleted and restored.
const (
	active  = "active"
	deleted = "deleted"
)

// A viewType asks for what is in use, deleted, or both.
type viewType struct{ name }

func (v *viewType) UnmarshalJSON(raw []byte) error {
	return v.from(raw, map[string]string{"1": "ACTIVE_ONLY", "2": "DELETED_ONLY", "3": "ALL"})
}

// shows reports whether what is, or is not, deleted is asked for.
func (v viewType) shows(isDeleted bool) (bool, error) {
	switch v.name {
	case "", "ACTIVE_ONLY":
		return !isDeleted, nil
	case "DELETED_ONLY":
		return isDeleted, nil
	case "ALL":
		return true, nil
	}
	return false, invalid("there is no view type %q; they are ACTIVE_ONLY, DELETED_ONLY and ALL", v.name)
}

func stageOf(isDeleted bool) string {
	if isDeleted {
		return deleted
	}
	return active
}

package mlruns

import (
	"regexp"
	"time"

	"github.com/tomo-viz/tomo/track/hparams"
)

// A Kind is what a file holds.
type Kind string

// The kinds, as the folders are called.
const (
	Meta   Kind = "meta.yaml"
	Metric Kind = "metrics"
	Param  Kind = "params"
	Tag    Kind = "tags"
)

// A File is one of a run.
type File struct {
	Run  string // the run's folder
	Kind Kind
	Name string // of the metric, the parameter or the tag
}

var layout = regexp.MustCompile(`^((?:.*/)?[0-9a-f]{32})/(?:(meta\.yaml)|(metrics|params|tags)/(.+))$`)

// Find tells what a file is by its path, with slashes; false where it is none of
// a run.
func Find(path string) (File, bool) {
	m := layout.FindStringSubmatch(path)
	if m == nil {
		return File{}, false
	}
	return File{Run: m[1], Kind: Kind(m[2] + m[3]), Name: m[4]}, true
}

// A Status is what became of a run (mlflow/protos/service.proto).
type Status int

// The statuses.
const (
	Running Status = iota + 1
	Scheduled
	Finished
	Failed
	Killed
)

// A Run is what meta.yaml says.
type Run struct {
	Title          string
	Status         Status
	Started, Ended time.Time // zero where it is not said
	Deleted        bool
}

// ParseRun reads a meta.yaml.
func ParseRun(document []byte) (Run, error) {
	values, err := hparams.Parse(document)
	if err != nil {
		return Run{}, err
	}
	r := Run{Started: millis(values["start_time"]), Ended: millis(values["end_time"]), Deleted: values["lifecycle_stage"] == "deleted"}
	if title, ok := values["run_name"].(string); ok {
		r.Title = title
	}
	if status, ok := values["status"].(int64); ok {
		r.Status = Status(status)
	}
	return r, nil
}

// ExperimentName reads that of an experiment from its meta.yaml, empty where it
// has none.
func ExperimentName(document []byte) string {
	values, err := hparams.Parse(document)
	if err != nil {
		return ""
	}
	name, _ := values["name"].(string)
	return name
}

// millis is a time in milliseconds since 1970.
func millis(v any) time.Time {
	if ms, ok := v.(int64); ok && ms > 0 && ms < 1e15 {
		return time.UnixMilli(ms)
	}
	return time.Time{}
}

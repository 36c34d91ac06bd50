package mlflow

import (
	"encoding/json"
	"strings"

	"github.com/tomo-viz/tomo/track"
)

// runOf is a run as clients see it.
func runOf(row *track.Row, p *track.Project) (run, error) {
	out := run{Info: infoOf(row.Run, p, plain(row.Notes[track.TagNote][userTag]))}
	out.Data.Tags = pairs(row.Notes[track.TagNote])
	out.Data.Params = pairs(row.Notes[track.ConfigNote])
	out.Data.Metrics = make([]metric, len(row.Latest))
	for i, l := range row.Latest {
		out.Data.Metrics[i] = metricOf(l.Name, l.Point)
	}
	for kind, into := range map[string]any{datasetsNote: &out.Inputs.Datasets, inputsNote: &out.Inputs.Models, outputsNote: &out.Outputs.Models} {
		if raw := row.Notes[kind]["all"]; raw != nil {
			if err := json.Unmarshal(raw, into); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

func infoOf(r *track.Run, p *track.Project, user string) runInfo {
	return runInfo{
		ID: r.ID, UUID: r.ID, Name: r.Title, Experiment: idOf(p), User: user,
		Status: strings.ToUpper(string(r.State)), Start: millis(r.Created), End: millis(r.Ended),
		Artifacts: homeOf(p) + "/" + r.ID + "/artifacts", Stage: stageOf(!r.Deleted.IsZero()),
	}
}

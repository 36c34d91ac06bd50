package logs

import (
	"fmt"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/tfevents"
)

// hparams takes what the plugin of that name keeps in the metadata of its tags.
func (r *eventReader) hparams(content []byte) error {
	h, err := tfevents.ParseHParams(content)
	if err != nil {
		return err
	}
	for name, value := range h.Values {
		r.sink.Config(name, value)
	}
	if h.Group != "" {
		r.sink.Tag("group", h.Group)
	}
	if h.Ended {
		if state, ok := statesOf[h.Status]; ok {
			r.sink.End(state, time.UnixMicro(microseconds(h.EndTime)))
		}
	}
	return nil
}

var statesOf = map[tfevents.Status]track.State{
	tfevents.UnknownStatus: track.Finished,
	tfevents.Success:       track.Finished,
	tfevents.Failure:       track.Failed,
}

// prCurve takes a tensor of six rows and a column for each threshold
// (tensorboard/plugins/pr_curve/metadata.py).
func (r *eventReader) prCurve(tag string, t *tfevents.TensorValue, at series.Point) error {
	const rows = 6
	if len(t.Shape) != 2 || t.Shape[0] != rows || len(t.Numbers) != rows*t.Shape[1] {
		return fmt.Errorf("a precision-recall curve of shape %v with %d numbers; it has six rows of them", t.Shape, len(t.Numbers))
	}
	row := func(i int) []float64 { return t.Numbers[i*t.Shape[1] : (i+1)*t.Shape[1]] }
	curve := track.PRCurveBody{
		TruePositives: row(0), FalsePositives: row(1), TrueNegatives: row(2), FalseNegatives: row(3),
		Precision: row(4), Recall: row(5),
	}
	body, err := curve.Encode()
	if err == nil {
		r.record(track.PRCurve, tag, at, body)
	}
	return err
}

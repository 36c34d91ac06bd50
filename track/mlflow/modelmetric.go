package mlflow

import (
	"context"
	"slices"

	"github.com/tomo-viz/tomo/track"
)

// logModelMetrics keeps, with the models that metrics of a run are said to be
// of, their latest values.
func (h *Handler) logModelMetrics(ctx context.Context, r *track.Run, metrics []metric) error {
	of := map[string][]runMetric{}
	for _, m := range metrics {
		if m.Model != "" {
			of[m.Model] = append(of[m.Model], runMetric{m, r.ID})
		}
	}
	for id, own := range of {
		_, err := h.changeModel(ctx, id, func(model *keptModel) error {
			for _, m := range own {
				list := &model.Data.Metrics
				i := slices.IndexFunc(*list, func(old runMetric) bool {
					return old.Key == m.Key && old.Run == m.Run && old.Dataset == m.Dataset && old.Digest == m.Digest
				})
				switch {
				case i < 0:
					*list = append(*list, m)
				case m.Step >= (*list)[i].Step:
					(*list)[i] = m
				}
			}
			return nil
		})
		if err != nil && told(err).Code != "RESOURCE_DOES_NOT_EXIST" { // the run has them in any case
			return err
		}
	}
	return nil
}

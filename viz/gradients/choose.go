package gradients

import (
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/gradlog"
)

// choose is the history of some of the rows.
func (h *history) choose(rows []int) *history {
	c := *h
	c.rows, c.measures = take(h.rows, rows), map[gradlog.Measure][][]float64{}
	for m, all := range h.measures {
		c.measures[m] = take(all, rows)
	}
	c.whole, c.sketches, c.signal = take(h.whole, rows), take(h.sketches, rows), take(h.signal, rows)
	place := map[int]int{}
	for to, from := range rows {
		place[from] = to
	}
	c.histograms = nil
	for _, k := range h.histograms {
		if to, ok := place[k.row]; ok {
			k.row = to
			c.histograms = append(c.histograms, k)
		}
	}
	if h.zoom != nil {
		c.zoom = func(row, column int, above float64) (float64, bool) {
			if row != allRows {
				row = rows[row]
			}
			return h.zoom(row, column, above)
		}
	}
	return &c
}

// take picks elements by their places, of a list that may be absent.
func take[T any](list []T, places []int) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(places))
	for i, at := range places {
		out[i] = list[at]
	}
	return out
}

// spread is at most n of the rows, evenly, weights of layers before others.
func (h *history) spread(n int) []int {
	rows := h.matrices()
	if len(h.rows) <= n || len(rows) == 0 {
		rows = make([]int, len(h.rows))
		for i := range rows {
			rows[i] = i
		}
	}
	return track.Evenly(rows, n)
}

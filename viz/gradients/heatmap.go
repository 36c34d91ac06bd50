package gradients

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track/gradlog"
)

// mostDecades is how many powers of ten the colours span, below the greatest
// norm: what is smaller is all the same for learning.
const mostDecades = 12

// matrix is the logarithm of the norms by parameter and moment.
func (h *history) matrix() *figure.Matrix {
	m := &figure.Matrix{RowsAre: "parameter", ColumnsAre: string(h.moments), ValuesAre: "log10 of the gradient's 2-norm", Colormap: "viridis"}
	m.Title = "Gradient norms by " + string(h.moments)
	for _, c := range h.columns {
		m.Columns = append(m.Columns, figure.Line{Name: c.name})
	}
	low, high, broken := math.Inf(1), math.Inf(-1), 0
	for i, p := range h.rows {
		line := figure.Line{Name: p.name}
		for k, norm := range h.of(gradlog.Norm)[i] {
			v := math.Log10(norm)
			if h.at(gradlog.NonFinite, i, k) > 0 || math.IsInf(norm, 1) {
				v = math.NaN()
				if broken++; line.Note == "" {
					line.Note = fmt.Sprintf("not finite at %s %s", h.moments, h.columns[k].name)
				}
			}
			if finite(v) {
				low, high = min(low, v), max(high, v)
			}
			m.Values = append(m.Values, float32(v))
		}
		m.Rows = append(m.Rows, line)
	}
	if low > high {
		low, high = 0, 1
	}
	m.Low, m.High = float32(max(low, high-mostDecades)), float32(high)
	if m.Low == m.High {
		m.High = m.Low + 1
	}
	if broken > 0 {
		m.Warn(fmt.Sprintf("%d hatched cells stand for gradients with NaN or infinite numbers.", broken))
	}
	m.Add("rows", "from the first layer at the top to the last")
	return m
}

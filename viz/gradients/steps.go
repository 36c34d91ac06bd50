package gradients

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/track/gradlog"
)

// What the rules about steps take for wrong.
const (
	jump           = 100.0 // times the median before
	fewMoments     = 8     // are too few for a median before
	usualUpdate    = 1e-3
	largestUpdate  = 0.1
	smallestUpdate = 1e-6
	clippedShare   = 0.2
)

// findNonFinite finds the first moment, and there the layer nearest to the loss.
func findNonFinite(h *history) []finding {
	for k := range h.columns {
		broken, step := h.firstBroken(k)
		where := place{gradlog.Name("", gradlog.Norm), step}
		at := fmt.Sprintf("at %s %s", h.moments, h.columns[k].name)
		if !math.IsNaN(step) {
			at = fmt.Sprintf("at step %s", stepText(step))
		}
		switch last := len(broken) - 1; {
		case last < 0 && h.brokenTotal(k):
			return []finding{{nonFinite, fmt.Sprintf("The norm of all gradients is not finite %s.", at), where}}
		case last < 0:
			continue
		case len(broken) == len(h.rows):
			text := fmt.Sprintf("All gradients hold NaN or infinite numbers %s: they came with the loss", at)
			if loss := h.loss[k]; !finite(loss) && h.moments == ofBatches {
				text += fmt.Sprintf(", which is %v", loss)
			}
			return []finding{{nonFinite, text + ".", where}}
		default:
			name := h.rows[broken[last]].name
			where.metric = gradlog.Name(name, gradlog.Norm)
			return []finding{{nonFinite, fmt.Sprintf("NaN or infinite numbers appear first in %s %s, on the way back from the loss, and in %d of %d parameters in all.", name, at, len(broken), len(h.rows)), where}}
		}
	}
	return nil
}

// firstBroken lists the rows that are not finite in a column, at the first of its
// steps at which any is; the step is NaN where moments have none.
func (h *history) firstBroken(column int) (rows []int, step float64) {
	step = math.NaN()
	for i := range h.rows {
		if h.broken(i, column) {
			rows = append(rows, i)
		}
	}
	if h.zoom == nil {
		return rows, step
	}
	if len(rows) == 0 && h.brokenTotal(column) {
		if at, ok := h.zoom(allRows, column, math.Inf(1)); ok {
			step = at
		}
		return rows, step
	}
	var first []int
	for _, i := range rows {
		at, ok := h.zoom(i, column, math.Inf(1))
		switch {
		case !ok:
			return rows, math.NaN()
		case first == nil || at < step:
			first, step = []int{i}, at
		case at == step:
			first = append(first, i)
		}
	}
	return first, step
}

// broken reports whether a gradient is known not to be finite. A norm that is NaN
// may only not be known.
func (h *history) broken(row, column int) bool {
	return h.at(gradlog.NonFinite, row, column) > 0 || math.IsInf(h.at(gradlog.Norm, row, column), 0)
}

func (h *history) brokenTotal(column int) bool { return math.IsInf(h.total[column], 0) }

// jumps finds where norms leave what they were before: for good, which is
// exploding, or for a while, which is spiking.
func jumps(h *history, v verdict) []finding {
	if h.moments == ofBatches || len(h.columns) < fewMoments {
		return nil
	}
	for k := fewMoments / 2; k < len(h.columns); k++ {
		row, times := h.worstJump(k)
		if row < 0 {
			continue
		}
		kind := spiking
		if h.staysHigh(row, k) {
			kind = exploding
		}
		if kind != v {
			return nil
		}
		worst := h.nameOf(row)
		row, step := h.firstJump(row, k)
		at := fmt.Sprintf("%s %s", h.moments, h.columns[k].name)
		if !math.IsNaN(step) {
			at = "step " + stepText(step)
		}
		return []finding{{v, fmt.Sprintf("At %s the norm jumps, first in %s; %s grows to %s times its median before.", at, h.nameOf(row), worst, brief(times)), h.placeOf(row, step)}}
	}
	return nil
}

// allRows stands for the norm of all gradients together.
const allRows = 1 << 30

func (h *history) nameOf(row int) string {
	if row == allRows {
		return "all gradients together"
	}
	return h.rows[row].name
}

func (h *history) placeOf(row int, step float64) place {
	if row == allRows {
		return place{gradlog.Name("", gradlog.Norm), step}
	}
	return place{gradlog.Name(h.rows[row].name, gradlog.Norm), step}
}

func (h *history) normsOf(row int) []float64 {
	if row == allRows {
		return h.total
	}
	return h.of(gradlog.Norm)[row]
}

// worstJump is the parameter whose norm is the most above its median before; −1
// if none is enough.
func (h *history) worstJump(column int) (row int, times float64) {
	row, times = -1, jump
	look := func(i int) {
		norms := h.normsOf(i)
		before := typical(norms[:column])
		if r := norms[column] / before; before > 0 && r > times && !math.IsInf(r, 0) {
			row, times = i, r
		}
	}
	for _, i := range h.matrices() {
		look(i)
	}
	if row < 0 {
		look(allRows)
	}
	return row, times
}

// firstJump is the parameter whose norm is too large at the earliest step of a
// column, and that step, NaN where moments have none.
func (h *history) firstJump(worst, column int) (row int, step float64) {
	row, step = worst, math.NaN()
	if h.zoom == nil {
		return row, step
	}
	look := func(i int) {
		before := typical(h.normsOf(i)[:column])
		if !(before > 0) || !(h.normsOf(i)[column] > jump*before) {
			return
		}
		if at, ok := h.zoom(i, column, jump*before); ok && !(at >= step) {
			row, step = i, at
		}
	}
	if worst == allRows {
		look(allRows)
		return row, step
	}
	look(worst)
	for _, i := range h.matrices() {
		look(i)
	}
	return row, step
}

// staysHigh reports whether norms after a moment stay far above those before, or
// end in what is not finite.
func (h *history) staysHigh(row, column int) bool {
	norms := h.normsOf(row)
	if column == len(norms)-1 {
		return true
	}
	for k := column; k < len(norms); k++ {
		if row != allRows && h.broken(row, k) || row == allRows && h.brokenTotal(k) {
			return true
		}
	}
	return typical(norms[column:]) > jump/10*typical(norms[:column])
}

func findSpikes(h *history) []finding { return jumps(h, spiking) }

func findSteps(h *history) []finding {
	updates := h.of(gradlog.Update)
	if updates == nil || h.moments == ofCheckpoints { // between which there are many steps
		return nil
	}
	var medians []float64
	for _, i := range h.matrices() {
		medians = append(medians, typical(updates[i]))
	}
	switch u := typical(medians); {
	case u > largestUpdate:
		return []finding{{bigSteps, fmt.Sprintf("The median step moves weights by %s of their norm; about %g is usual, so the learning rate may be too high.", brief(u), usualUpdate), nowhere}}
	case u < smallestUpdate:
		return []finding{{tinySteps, fmt.Sprintf("The median step moves weights by %s of their norm; about %g is usual, so the learning rate may be too low.", brief(u), usualUpdate), nowhere}}
	}
	return nil
}

// findClipped finds a greatest norm that many steps have.
func findClipped(h *history) []finding {
	if h.moments != ofSteps || len(h.columns) < fewMoments {
		return nil
	}
	most, same, known := quantile(h.total, 1), 0, 0
	for _, t := range h.total {
		if finite(t) {
			known++
			if t >= most*(1-1e-3) {
				same++
			}
		}
	}
	if most > jump/10*typical(h.total) { // it is where it has ended
		return nil
	}
	if most > 0 && known >= fewMoments && float64(same) >= clippedShare*float64(known) {
		return []finding{{clipped, fmt.Sprintf("The norm of all gradients is %s in %.0f %% of the steps, and never more.", brief(most), 100*float64(same)/float64(known)), nowhere}}
	}
	return nil
}

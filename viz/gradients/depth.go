package gradients

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/track/gradlog"
)

// What the rules about depth take for wrong.
const (
	fall          = 1e-2  // over the depth, of the gradient of what layers put out
	fallOfWeights = 1e-3  // of the gradient of weights, which also depends on what layers are given
	mostRatio     = 100.0 // gradient against weights
	fewLayers     = 4     // with less there is no depth
)

// A slope is how a norm goes from the last layers back to the first.
type slope struct {
	what        string
	factor      float64 // first quarter over last quarter
	first, last string  // names of the layers in the middle of both quarters
}

// words are as in "falls 10^-4 between fc19 and fc2".
func (s slope) words() string {
	verb := "grows"
	if s.factor < 1 {
		verb = "falls"
	}
	return fmt.Sprintf("the median %s %s by 10^%.1f between %s and %s", s.what, verb, math.Log10(s.factor), s.last, s.first)
}

// slopeOf compares the median of the first quarter of some numbers with that of
// the last.
func slopeOf(what string, values []float64, name func(int) string) (slope, bool) {
	var at []int
	for i, v := range values {
		if finite(v) {
			at = append(at, i)
		}
	}
	n := len(at)
	if n < fewLayers {
		return slope{}, false
	}
	quarter := n / 4
	first, last := at[:quarter], at[n-quarter:]
	s := slope{what: what, factor: typical(take(values, first)) / typical(take(values, last))}
	s.first, s.last = name(first[(quarter-1)/2]), name(last[quarter/2])
	return s, s.factor > 0 && !math.IsInf(s.factor, 0) // zeros are another matter: see findCutOff
}

// slopes are those of what is known, over some of the columns.
func (h *history) slopes(from, to int) (ofOutputs, ofWeights slope, outputs, weights bool) {
	if h.flow != nil {
		var values []float64
		var names []string
		for i, l := range h.net.layers {
			values, names = append(values, typical(h.flow[i][from:to])), append(names, l.name)
		}
		ofOutputs, outputs = slopeOf("norm of the gradient with respect to what layers put out", values, func(i int) string { return names[i] })
	}
	var values []float64
	rows := h.matrices()
	for _, i := range rows {
		values = append(values, typical(h.of(gradlog.Norm)[i][from:to]))
	}
	ofWeights, weights = slopeOf("norm of the gradient of weights", values, func(i int) string { return h.rows[rows[i]].name })
	return ofOutputs, ofWeights, outputs, weights
}

// findVanishing and findExploding look at the depth over all moments, and say
// since when it has been like that.
func findVanishing(h *history) []finding {
	return h.overDepth(vanishing, func(factor, limit float64) bool { return factor <= limit })
}

func explodingDepth(h *history) []finding {
	return h.overDepth(exploding, func(factor, limit float64) bool { return factor >= 1/limit })
}

// overDepth tells what is wrong at the end, or of the batches together, and since
// when. beyond compares a slope's factor with what such a gradient may fall by.
func (h *history) overDepth(v verdict, beyond func(factor, limit float64) bool) []finding {
	wrong := func(from, to int) (slope, bool) {
		o, w, hasO, hasW := h.slopes(from, to)
		switch {
		case hasO && beyond(o.factor, fall):
			return o, true
		case hasW && beyond(w.factor, fallOfWeights):
			return w, true
		}
		return slope{}, false
	}
	n := len(h.columns)
	if h.moments == ofBatches {
		if s, bad := wrong(0, n); bad {
			return []finding{{v, capital(s.words()) + ".", nowhere}}
		}
		return nil
	}
	since := n
	for since > 0 {
		if _, bad := wrong(since-1, since); !bad {
			break
		}
		since--
	}
	// The last moment alone may be an accident.
	if n > 2 && n-since < max(2, n/20) || since == n {
		return nil
	}
	s, bad := wrong(since, n)
	if !bad {
		return nil
	}
	text := capital(s.words())
	where := nowhere
	if since > 0 {
		where.step = h.columns[since].from
		text += fmt.Sprintf(" since %s %s", h.moments, h.columns[since].name)
	}
	return []finding{{v, text + ".", where}}
}

// findExploding looks at the depth, at the weights, and at the steps.
func findExploding(h *history) []finding {
	if found := explodingDepth(h); found != nil {
		return found
	}
	if ratios := h.ratios(); ratios != nil {
		var typicals []float64
		for _, i := range h.matrices() {
			typicals = append(typicals, typical(ratios[i]))
		}
		if r := typical(typicals); r > mostRatio {
			return []finding{{exploding, fmt.Sprintf("The median gradient of weights is %s times as large as the weights themselves.", brief(r)), nowhere}}
		}
	}
	return jumps(h, exploding)
}

func findCutOff(h *history) []finding {
	var cut []string
	rows := h.matrices()
	for _, i := range rows {
		norms := h.of(gradlog.Norm)[i]
		if quantile(norms, 1) == 0 {
			cut = append(cut, h.rows[i].name)
		}
	}
	switch {
	case len(cut) == 0:
		return nil
	case len(cut) == len(rows):
		return []finding{{cutOff, "The gradient of all weights is exactly zero.", nowhere}}
	}
	return []finding{{cutOff, fmt.Sprintf("The gradient of %d of %d weights is exactly zero: %s.", len(cut), len(rows), some(cut, 4)), nowhere}}
}

// some lists at most n words.
func some(words []string, n int) string {
	text := ""
	for i, w := range words[:min(len(words), n)] {
		if i > 0 {
			text += ", "
		}
		text += w
	}
	if more := len(words) - n; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

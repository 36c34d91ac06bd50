package gradients

import (
	"fmt"
	"math"
	"strings"
)

// A finding is what a rule says of a history.
type finding struct {
	verdict verdict
	text    string // the evidence, in a sentence
	place
}

// A place is where something is, if it is at one.
type place struct {
	metric string  // as the norm of a gradient is called in a log
	step   float64 // NaN without
}

// A verdict is what is wrong, the worst first.
type verdict string

const (
	nonFinite verdict = "not finite"
	exploding verdict = "exploding"
	vanishing verdict = "vanishing"
	cutOff    verdict = "cut off"
	deadUnits verdict = "dead ReLUs"
	spiking   verdict = "spiking"
	bigSteps  verdict = "steps too large"
	tinySteps verdict = "steps too small"
	clipped   verdict = "clipped"
	healthy   verdict = "healthy"
	unknown   verdict = "not known"
)

// nowhere is the place of what is everywhere.
var nowhere = place{step: math.NaN()}

// severity is how grave a verdict is, one of figure.Severities; empty if nothing
// is wrong.
func (v verdict) severity() string {
	switch v {
	case healthy, unknown:
		return ""
	case nonFinite, exploding, vanishing, cutOff:
		return "failure"
	case clipped:
		return "note"
	}
	return "warning"
}

// A rule looks for one thing.
type rule struct {
	name string
	// says is what it takes for wrong, with its thresholds, and where that is from.
	says, source string
	find         func(*history) []finding
}

// The rules, the worst first. A threshold is a convention: a factor of a thousand
// over the depth is what none of the sound networks of the tests comes near.
var rules = []rule{
	{"not finite", "A gradient holds NaN or infinite numbers. It is traced to the layer nearest to the loss that does, since the way back spreads them to all layers before.", "", findNonFinite},
	{"exploding", fmt.Sprintf("The gradient with respect to what layers put out grows at least %s-fold on the way from the last quarter of the layers to the first, or that of weights %s-fold; the median gradient of weights is more than %g times as large as the weights; or from some step on the norm is more than %g times its median before.", factor(fall), factor(fallOfWeights), mostRatio, jump), "Glorot and Bengio 2010; He et al., arXiv 1502.01852; Pascanu et al., arXiv 1211.5063", findExploding},
	{"vanishing", fmt.Sprintf("The gradient with respect to what layers put out falls at least %s-fold on that way, or that of weights %s-fold.", factor(fall), factor(fallOfWeights)), "Hochreiter 1991; Glorot and Bengio 2010; He et al., arXiv 1502.01852", findVanishing},
	{"cut off", "The gradient of weights is exactly zero: no way from them to the loss is open.", "", findCutOff},
	{"dead ReLUs", fmt.Sprintf("At least %.0f %% of the channels of a ReLU with %d or more were never above zero, over %d samples or more.", 100*deadShare, fewUnits, fewSamples), "Lu et al., arXiv 1903.06733", findDead},
	{"spiking", fmt.Sprintf("For a while the norm is more than %g times its median before.", jump), "Pascanu et al., arXiv 1211.5063", findSpikes},
	{"steps", fmt.Sprintf("The median step is more than %g or less than %g of the weights; about %g is usual.", largestUpdate, smallestUpdate, usualUpdate), "Karpathy, CS231n, Neural Networks Part 3", findSteps},
	{"clipped", fmt.Sprintf("In at least %.0f %% of the steps the norm of all gradients is the same, within one in a thousand.", 100*clippedShare), "Pascanu et al., arXiv 1211.5063", findClipped},
}

// judge applies the rules.
func (h *history) judge() []finding {
	var out []finding
	for _, r := range rules {
		out = append(out, r.find(h)...)
	}
	if len(out) > 0 {
		return out
	}
	return []finding{h.wellSaid()}
}

// rulesInWords lists the rules for the docs.
func rulesInWords() string {
	var parts []string
	for _, r := range rules {
		text := capital(r.name) + ": " + r.says
		if r.source != "" {
			text += " (" + r.source + ")"
		}
		parts = append(parts, text)
	}
	return "The rules, with their thresholds. " + strings.Join(parts, " ")
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// factor writes a power of ten in words.
func factor(f float64) string { return fmt.Sprintf("%.0f", 1/f) }

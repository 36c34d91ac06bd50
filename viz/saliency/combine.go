package saliency

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A Sign says whether a map has both signs.
type Sign string

const (
	signed   Sign = "signed"
	absolute Sign = "absolute"
)

// Choices lists the signs.
func (Sign) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "auto", Help: "as each method is usually shown"},
		{Name: string(signed), Help: "what speaks for the class and what speaks against it, in two colours around zero"},
		{Name: string(absolute), Help: "how strong the influence is, whichever way"},
	}
}

// Channels say how the numbers of a pixel's channels become one.
type Channels string

// apart leaves each channel of a signal as it is.
const apart Channels = "apart"

// Choices lists them.
func (Channels) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "auto", Help: "as each method is usually shown"},
		{Name: "sum", Help: "their sum, which keeps what adds up to the score"},
		{Name: "abs", Help: "the sum of their magnitudes"},
		{Name: "max", Help: "the largest magnitude (Simonyan 2013)"},
		{Name: string(apart), Help: "each channel of a signal on its own, in its lane; those of anything else are summed up"},
	}
}

// look settles how a variant's map is shown: as the user asks, and what is left
// open as it usually is. Of channels that are combined only a sum keeps signs.
func (p Params) look(e *entry) (Channels, Sign) {
	how, sign := p.Channels, p.Sign
	if how == "auto" {
		how = e.channels
		if sign == signed {
			how = "sum"
		}
	}
	if sign == "auto" {
		sign = absolute
		if e.signed {
			sign = signed
		}
	}
	if how != "sum" && how != apart && e.attribute != nil {
		sign = absolute
	}
	if e.relative { // magnitudes would turn the order of negative values around
		sign = signed
	}
	return how, sign
}

// lanes settles whether channels are shown apart: those of a signal, if it is
// asked for, or left open of several that are all drawn.
func (p *probe) lanes(how Channels) Channels {
	g := p.Planes()
	switch {
	case how == apart && (p.OfTokens() || !isSignal(g)):
		return "sum"
	case p.options.Channels == "auto" && !p.OfTokens() && isSignal(g) && g.Channels > 1 && attribution.Lanes(g) == g.Channels:
		return apart
	}
	return how
}

func isSignal(g model.Grid) bool { return g.H == 1 && g.W > 1 }

// suits refuses choices that mean nothing for the input of an answer.
func (p Params) suits(e *entry, a *attribution.Answer) error {
	if a.Input.Rank() == 2 {
		return p.suitsRows(e, a)
	}
	if n := a.Planes().W; a.OfTokens() && (e.name == "lime" || e.name == "kernelshap") && n > mostFeatures {
		return viz.Userf("%s hides tokens one by one and solves for at most %d, and there are %d; take occlusion or ig", e.title, mostFeatures, n)
	}
	switch {
	case a.Model.Prep != nil:
		return nil
	case e.compares && (p.Baseline == "black" || p.Baseline == "white"):
		return viz.Userf("--baseline %s is a picture, and %s takes none; take zero, mean, blurred or random", p.Baseline, a.Model.Name)
	case strings.HasPrefix(e.name, "lrp") && p.FirstRule == "box":
		return viz.Userf("--first-rule box needs the darkest and the brightest picture there can be, and %s takes none; take wsquare, flat or same", a.Model.Name)
	}
	return nil
}

// combine makes one number of each place's channels, or of a signal a row of each
// channel that is drawn.
func combine(values []float32, planes model.Grid, how Channels) attribution.Field {
	if how == apart {
		drawn := attribution.Lanes(planes)
		return attribution.Field{W: planes.W, H: drawn, Values: planes.Maps(values)[:drawn*planes.W]}
	}
	f := attribution.OnGrid(planes, make([]float32, planes.Places()))
	for i := range f.Values {
		sum := 0.0
		for c := range planes.Channels {
			v := float64(values[planes.At(c, i/planes.W, i%planes.W)])
			switch how {
			case "max":
				sum = max(sum, math.Abs(v)) // NaN stays NaN
			case "abs":
				sum += math.Abs(v)
			default:
				sum += v
			}
		}
		f.Values[i] = float32(sum)
	}
	return f
}

// span returns what the ends of the colours stand for, a percentile of the
// magnitudes, and why the map tells nothing, if it does not. Diverging colours
// are centred on zero, whatever the map.
func span(f attribution.Field, e *entry, s Sign, o Options) (low, high float32, warning string) {
	for _, v := range f.Values {
		if v != v || v-v != 0 {
			return 0, 1, fmt.Sprintf("The %s map holds numbers that are not finite. Look for where they first appear in the network; an input setting of the wrong size is a common cause.", e.title)
		}
	}
	if slices.Min(f.Values) == slices.Max(f.Values) {
		return 0, 1, fmt.Sprintf("The %s map is flat: no part of the input matters more than another. The score may be saturated, or the input may equal the baseline; try --target logit or another baseline.", e.title)
	}
	if e.relative && s == signed {
		return slices.Min(f.Values), attribution.Percentile(f.Values, o.Percentile), ""
	}
	high = attribution.Percentile(attribution.Magnitudes(f.Values), o.Percentile)
	if s == signed || o.diverging() != "" {
		low = -high
	}
	return low, high, ""
}

// A Colormap is the name of one of figure.Colormaps, or "auto".
type Colormap string

// Choices lists the colour maps.
func (Colormap) Choices() []viz.Choice {
	auto := viz.Choice{Name: "auto", Help: "two colours around zero where a map is signed, else inferno"}
	return append([]viz.Choice{auto}, attribution.Colormaps()...)
}

// divergingColors are those of signed maps: blue and red differ to all eyes.
const divergingColors = "coolwarm"

// colors are the figure's.
func (p Params) colors() string {
	if p.Colormap != "auto" {
		return string(p.Colormap)
	}
	for _, v := range p.Method {
		e := v.entry()
		if _, sign := p.look(e); sign == signed && !e.relative {
			return divergingColors
		}
	}
	return figure.Colormaps()[0].Name
}

// diverging is the figure's colour map if it has two hues, else empty.
func (p Params) diverging() string {
	if c := p.colors(); c == divergingColors {
		return c
	}
	return ""
}

func (p Params) describe(about *figure.About) {
	about.Add("explained", string(p.Target))
	about.Add("colours end at", fmt.Sprintf("percentile %g of the magnitudes", p.Percentile))
	p.describeBaseline(about)
}

func (p Params) describeBaseline(about *figure.About) {
	for _, v := range p.Method {
		if v.entry().compares {
			about.Add("baseline", string(p.Baseline))
			return
		}
	}
}

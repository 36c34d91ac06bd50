package model

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/internal/spell"
)

// A Prep is what a picture goes through before the network: fit to a size,
// choose channels, then (pixel·Scale − Mean) / Std for each channel, pixels
// being 0 to 255.
type Prep struct {
	Width, Height int
	// Fit says how a picture of another shape gets that size.
	Fit Fit
	// Shorter is the length of the shorter side before the centre is cut out, as
	// FitCrop does, and FitStretch too where it is given; 0 means that of the
	// crop itself.
	Shorter  int
	Filter   data.Filter
	Channels Channels
	Scale    float64
	// Mean and Std have one number, or one per channel in the network's order.
	Mean, Std []float64
	Layout    Layout
	// Source says for people where these settings come from; Guessed marks
	// that nothing but convention speaks for them.
	Source  string
	Guessed bool
}

// Fit is how a picture is made to fit the network's input.
type Fit string

// The ways to fit.
const (
	FitCrop    Fit = "crop"    // scale the shorter side, cut out the centre
	FitStretch Fit = "stretch" // scale both sides on their own
	FitPad     Fit = "pad"     // scale the longer side, fill up with grey
)

// Channels is the order of the colours.
type Channels string

// The channel orders.
const (
	RGB  Channels = "rgb"
	BGR  Channels = "bgr"
	Gray Channels = "gray"
)

// Count returns 3, or 1 for grey.
func (c Channels) Count() int {
	if c == Gray {
		return 1
	}
	return 3
}

// Layout is the order of the axes of the input tensor.
type Layout string

// The layouts: batch, channels, height, width; or channels last.
const (
	NCHW Layout = "nchw"
	NHWC Layout = "nhwc"
)

// A PrepField is one setting of a Prep that flags, tomo.json and the web app
// may give as text.
type PrepField struct {
	Name, Help string
	Choices    []string
	set        func(*Prep, string) error
	get        func(*Prep) string
}

// Set gives a Prep the setting.
func (f PrepField) Set(p *Prep, text string) error {
	if len(f.Choices) > 0 && !slices.Contains(f.Choices, text) {
		return fault.Userf("%s of the input cannot be %q%s; it is one of %s", f.Name, text, spell.Hint(text, f.Choices), strings.Join(f.Choices, ", "))
	}
	if err := f.set(p, text); err != nil {
		return fault.Userf("%s of the input: %w", f.Name, err)
	}
	return nil
}

// Get returns the setting as text.
func (f PrepField) Get(p *Prep) string { return f.get(p) }

// PrepFields lists the settings. "recipe" comes first, since it sets several.
func PrepFields() []PrepField {
	return []PrepField{
		{"recipe", "a well-known preparation to start from", recipeNames(), setRecipe, func(p *Prep) string { return "" }},
		{"size", "width and height the network takes, as 224 or 320x240", nil, setSize, func(p *Prep) string { return fmt.Sprintf("%dx%d", p.Width, p.Height) }},
		{"fit", "how a picture gets that size", []string{string(FitCrop), string(FitStretch), string(FitPad)},
			setFit, func(p *Prep) string { return string(p.Fit) }},
		{"shorter", "length of the shorter side before the crop, in pixels; 0 is that of the crop", nil,
			func(p *Prep, s string) (err error) { p.Shorter, err = positive(s); return }, func(p *Prep) string { return strconv.Itoa(p.Shorter) }},
		{"filter", "how pixels are interpolated", nil,
			func(p *Prep, s string) (err error) { p.Filter, err = data.ParseFilter(s); return }, func(p *Prep) string { return p.Filter.String() }},
		{"channels", "order of the colours", []string{string(RGB), string(BGR), string(Gray)},
			func(p *Prep, s string) error { p.Channels = Channels(s); return nil }, func(p *Prep) string { return string(p.Channels) }},
		{"scale", "factor for pixels of 0 to 255, as 1 or 1/255", nil,
			func(p *Prep, s string) (err error) { p.Scale, err = fraction(s); return }, func(p *Prep) string { return formatScale(p.Scale) }},
		{"mean", "subtracted after the scale, for all or for each channel", nil,
			func(p *Prep, s string) (err error) { p.Mean, err = numbers(s); return }, func(p *Prep) string { return formatNumbers(p.Mean) }},
		{"std", "divided by last, for all or for each channel", nil,
			func(p *Prep, s string) (err error) { p.Std, err = numbers(s); return }, func(p *Prep) string { return formatNumbers(p.Std) }},
		{"layout", "order of the input's axes", []string{string(NCHW), string(NHWC)},
			func(p *Prep, s string) error { p.Layout = Layout(s); return nil }, func(p *Prep) string { return string(p.Layout) }},
	}
}

// Apply gives a Prep several settings by name, in the order of PrepFields.
func (p *Prep) Apply(settings map[string]string) error {
	var names []string
	for _, f := range PrepFields() {
		names = append(names, f.Name)
		if text, ok := settings[f.Name]; ok {
			if err := f.Set(p, text); err != nil {
				return err
			}
		}
	}
	for name := range settings {
		if !slices.Contains(names, name) {
			return fault.Userf("the input has no setting %q%s; there are %s", name, spell.Hint(name, names), strings.Join(names, ", "))
		}
	}
	return p.check()
}

func (p *Prep) check() error {
	const most = 1 << 14
	if p.Width < 1 || p.Height < 1 || p.Width > most || p.Height > most {
		return fault.Userf("the input cannot be %d by %d pixels; each side is 1 to %d", p.Width, p.Height, most)
	}
	if p.Shorter < 0 || p.Shorter > most {
		return fault.Userf("shorter of the input cannot be %d pixels; it is at most %d", p.Shorter, most)
	}
	for name, v := range map[string][]float64{"scale": {p.Scale}, "mean": p.Mean, "std": p.Std} {
		if n := len(v); n > 1 && n != p.Channels.Count() {
			return fault.Userf("%s of the input has %d numbers for %d channels", name, n, p.Channels.Count())
		}
		if slices.ContainsFunc(v, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
			return fault.Userf("%s of the input is not finite", name)
		}
	}
	if slices.Contains(p.Std, 0) {
		return fault.Userf("std of the input is zero, and it is divided by")
	}
	return nil
}

// setFit drops the size before the crop, which belongs to cropping; "shorter"
// may set it again.
func setFit(p *Prep, s string) error {
	if p.Fit = Fit(s); p.Fit != FitCrop {
		p.Shorter = 0
	}
	return nil
}

// String describes the preparation on one line, as pictures show it.
func (p *Prep) String() string {
	fit := string(p.Fit)
	switch cut := p.Shorter > min(p.Width, p.Height); {
	case cut && p.Fit == FitCrop:
		fit = fmt.Sprintf("shorter side %d, centre crop", p.Shorter)
	case cut && p.Fit == FitStretch:
		fit = fmt.Sprintf("stretch to %d, centre crop", p.Shorter)
	}
	s := fmt.Sprintf("%d×%d (%s, %s) · %s · ×%s", p.Width, p.Height, fit, p.Filter, strings.ToUpper(string(p.Channels)), formatScale(p.Scale))
	if slices.ContainsFunc(p.Mean, func(x float64) bool { return x != 0 }) {
		s += " − " + formatNumbers(p.Mean)
	}
	if slices.ContainsFunc(p.Std, func(x float64) bool { return x != 1 }) {
		s += " ÷ " + formatNumbers(p.Std)
	}
	return s + " · " + strings.ToUpper(string(p.Layout))
}

// MarshalJSON writes the settings as tomo.json holds them.
func (p *Prep) MarshalJSON() ([]byte, error) {
	m := map[string]string{}
	for _, f := range PrepFields() {
		if text := f.get(p); text != "" {
			m[f.Name] = text
		}
	}
	return json.Marshal(m)
}

func setSize(p *Prep, s string) (err error) {
	w, h, both := strings.Cut(s, "x")
	if p.Width, err = positive(w); err != nil {
		return err
	}
	p.Height = p.Width
	if both {
		p.Height, err = positive(h)
	}
	return err
}

func positive(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is no whole number of pixels", s)
	}
	return n, nil
}

func fraction(s string) (float64, error) {
	over, under, split := strings.Cut(s, "/")
	x, err := strconv.ParseFloat(strings.TrimSpace(over), 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", s)
	}
	if !split {
		return x, nil
	}
	y, err := strconv.ParseFloat(strings.TrimSpace(under), 64)
	if err != nil || y == 0 {
		return 0, fmt.Errorf("%q is no number", s)
	}
	return x / y, nil
}

func numbers(s string) ([]float64, error) {
	var out []float64
	for _, part := range strings.Split(s, ",") {
		x, err := fraction(part)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// formatScale writes 1/255 and 1/127.5 as such.
func formatScale(x float64) string {
	if x > 0 && x < 1 {
		if twice := math.Round(2 / x); math.Abs(twice*x/2-1) < 1e-6 {
			return "1/" + strconv.FormatFloat(twice/2, 'f', -1, 64)
		}
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}

func formatNumbers(v []float64) string {
	parts := make([]string, len(v))
	for i, x := range v {
		parts[i] = strconv.FormatFloat(x, 'g', 6, 64)
	}
	return strings.Join(parts, ",")
}

package gradlog

import (
	"regexp"
	"strings"
)

// A Measure is what is measured of a parameter.
type Measure string

// The measures.
const (
	Norm         Measure = "norm"
	Mean         Measure = "mean"
	Std          Measure = "std"
	Min          Measure = "min"
	Max          Measure = "max"
	Zeros        Measure = "zeros"
	NonFinite    Measure = "nonfinite"
	WeightNorm   Measure = "weight norm"
	Update       Measure = "update ratio"
	Turn         Measure = "cosine" // of the angle to the gradient before
	Distribution Measure = "histogram"
)

// OrderSetting is the setting of a run that lists its parameters in the order of
// the network.
const OrderSetting = "gradients/parameters"

// Name is the name of the metric, or of the histogram, of a measure. The empty
// parameter stands for all together.
func Name(parameter string, m Measure) string {
	path := func(parts ...string) string {
		if parameter == "" {
			parts = append(parts[:1:1], parts[2:]...)
		}
		return strings.Join(parts, "/")
	}
	switch m {
	case WeightNorm:
		return path("weights", parameter, "norm")
	case Update:
		return path("updates", parameter, "ratio")
	case Distribution:
		return strings.TrimSuffix("gradients/"+parameter, "/")
	}
	return path("gradients", parameter, string(m))
}

// A Known is what a name in a log stands for.
type Known struct {
	Parameter string // empty for all parameters together
	Measure   Measure
}

// A spelling is a way of writing the name of a metric. The first group of the
// pattern is the parameter.
type spelling struct {
	measure Measure
	pattern *regexp.Regexp
}

// gradient is any of the words that stand for it.
const gradient = `(?:gradients?|grads?)`

// group is what may stand before a number of the whole network.
const group = `(?:(?:train|training|trainer|val|optim|optimizer|metrics|stats|debug|monitor|perf)/)?`

// scalars are the spellings of numbers, the first that fits first. In front of
// each may stand a group, such as train/.
var scalars = []spelling{
	// Tomo's own.
	{Norm, regexp.MustCompile(`^(?:.*/)?gradients/(.+)/norm$`)},
	{Mean, regexp.MustCompile(`^(?:.*/)?gradients/(.+)/mean$`)},
	{Std, regexp.MustCompile(`^(?:.*/)?gradients/(.+)/std$`)},
	{Min, regexp.MustCompile(`^(?:.*/)?gradients/(.+)/min$`)},
	{Max, regexp.MustCompile(`^(?:.*/)?gradients/(.+)/max$`)},
	{Zeros, regexp.MustCompile(`^(?:.*/)?gradients/(.+)/zeros$`)},
	{NonFinite, regexp.MustCompile(`^(?:.*/)?gradients/(.+)/nonfinite$`)},
	{Turn, regexp.MustCompile(`^(?:.*/)?gradients/(.+)/cosine$`)},
	{WeightNorm, regexp.MustCompile(`^(?:.*/)?weights/(.+)/norm$`)},
	{Update, regexp.MustCompile(`^(?:.*/)?updates/(.+)/ratio$`)},
	// All together: Hugging Face's grad_norm, DeepSpeed's global_grad_norm,
	// Lightning's grad_2.0_norm_total, Megatron's grad-norm, fairseq's gnorm.
	{Norm, regexp.MustCompile(`(?i)^` + group + `(?:(?:global|total)[_-])?(?:` + gradient + `[_-]?norm|gradients/norm|gnorm)(?:[_-](?:total|global))?()$`)},
	{Norm, regexp.MustCompile(`^` + group + `grad_2(?:\.0)?_norm_total()$`)},
	// Lightning's grad_norm: grad_2.0_norm/<parameter>, before 2.0 with an
	// underscore.
	{Norm, regexp.MustCompile(`^(?:.*/)?grad_2(?:\.0)?_norm[/_](.+)$`)},
	// Written by hand, after examples that go around.
	{Norm, regexp.MustCompile(`(?i)^(?:.*/)?` + gradient + `[_-]?norms?/(.+)$`)},
	{Norm, regexp.MustCompile(`(?i)^(.+?)[/._]` + gradient + `[_-]?norm$`)},
	{Update, regexp.MustCompile(`(?i)^(?:.*/)?update[_-](?:to[_-]weight[_-])?ratios?/(.+)$`)},
}

// histograms are the spellings of histograms.
var histograms = []spelling{
	// wandb.watch writes gradients/<parameter>, and graph_1 before the name for a
	// second model; TensorBoard's users write as they like.
	{Distribution, regexp.MustCompile(`(?i)^(?:.*/)?` + gradient + `[/.](.+)$`)},
	{Distribution, regexp.MustCompile(`(?i)^(.+?)[/._]` + gradient + `(?:_0|:0)?$`)},
}

// Recognize says what a metric stands for, if it is one of gradients.
func Recognize(metric string) (Known, bool) { return recognize(scalars, metric) }

// RecognizeHistogram does so for a histogram.
func RecognizeHistogram(name string) (Known, bool) { return recognize(histograms, name) }

func recognize(spellings []spelling, name string) (Known, bool) {
	for _, s := range spellings {
		if m := s.pattern.FindStringSubmatch(name); m != nil {
			return Known{m[1], s.measure}, true
		}
	}
	return Known{}, false
}

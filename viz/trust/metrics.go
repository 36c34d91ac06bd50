package trust

import (
	"context"

	"github.com/tomo-viz/tomo/viz"
)

// A Result is what a metric says of one map: a number, and for some the curve
// that it sums up. The number is NaN where the metric has nothing to say.
type Result struct {
	Value float64
	X, Y  []float64
	// Least is ROAD's other curve: the score with the least relevant removed.
	Least []float64
}

// A Metric is the name of a way to measure a map.
type Metric string

// An entry is one metric: its words, which way is better, and how it is
// measured, a function of the case alone.
type entry struct {
	name, title, help string
	// higher is whether more is better.
	higher bool
	// ranks is whether it counts for a method's rank. What any map of noise or a
	// flat one may do well in is shown and warned of, and does not.
	ranks bool
	// masked is whether it needs a mask.
	masked  bool
	measure func(context.Context, *Case) (Result, error)
}

// metrics is the one table of them.
var metrics = []entry{
	{"deletion", "deletion", "area under the class's probability while the hottest pixels are taken away first; less is better (Petsiuk 2018)", false, true, false, deletion},
	{"insertion", "insertion", "the same while the hottest pixels are given back to a blurred picture; more is better (Petsiuk 2018)", true, true, false, insertion},
	{"road", "ROAD", "probability after the least relevant pixels are filled in by their neighbours, less that after the most relevant, halved; more is better (Rong 2022)", true, true, false, road},
	{"drop", "average drop", "share of the probability that is lost when only the heat is seen; less is better (Chattopadhay 2018)", false, false, false, averageDrop},
	{"increase", "increase", "share of pictures whose probability rises when only the heat is seen (Chattopadhay 2018)", true, false, false, increase},
	{"complexity", "complexity", "mean of the map scaled to 0 to 1; less is easier to read (Poppi 2021)", false, false, false, complexity},
	{"coherency", "coherency", "how alike the map is when only its heat is seen; 1 is the same (Poppi 2021)", true, false, false, coherency},
	{"adcc", "ADCC", "harmonic mean of coherency and what is left of 1 by complexity and drop; more is better (Poppi 2021)", true, true, false, adcc},
	{"sensitivity", "sensitivity", "most that the map changes with a little noise, as a share of itself; less is better (Yeh 2019)", false, false, false, sensitivity},
	{"randomized", "randomized", "rank correlation with the map of the same network with all weights drawn anew; near 0 is right (Adebayo 2018)", false, false, false, randomized},
	{"classes", "other class", "rank correlation with the map for the most likely other class; near 1, the map is not about the class", false, false, false, otherClass},
	{"pointing", "pointing game", "share of pictures whose hottest place lies on the mask (Zhang 2016)", true, true, true, pointing},
	{"mass", "heat on the mask", "share of the heat that lies on the mask (Wang 2020)", true, true, true, mass},
	{"iou", "IoU", "overlap of the mask and as many of the hottest pixels, as a share of both", true, true, true, overlap},
}

// Choices lists the metrics.
func (Metric) Choices() []viz.Choice { return viz.ChoicesOf(metrics, entry.choice) }

func (e entry) choice() viz.Choice { return viz.Choice{Name: e.name, Help: e.help} }

func (m Metric) entry() *entry { return viz.Chosen(metrics, entry.choice, string(m)) }

// Measure measures a case.
func (m Metric) Measure(ctx context.Context, c *Case) (Result, error) {
	return m.entry().measure(ctx, c)
}

// Metrics lists all metrics; without masks, those that need none.
func Metrics(masked bool) []Metric {
	var out []Metric
	for _, e := range metrics {
		if masked || !e.masked {
			out = append(out, Metric(e.name))
		}
	}
	return out
}

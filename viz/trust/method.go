package trust

import (
	"context"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A Method makes maps of evidence. It is asked again about changed pictures and
// about the same network with other weights, so it takes both.
type Method struct {
	Name, Title string
	Layer       string // that it reads, for people; may be empty
	// Signed says that values below 0 speak against the class; else they are
	// none.
	Signed bool
	// Percentile of the magnitudes at which the colours end, where a few extreme
	// pixels would darken the rest; 0 is the greatest of all.
	Percentile float64
	// Baseline marks what is no explanation but has to be beaten.
	Baseline bool
	// Explain returns the map for a class on a prepared picture. The model has
	// the same graph as the one that is explained. The same call gives the same
	// map.
	Explain func(ctx context.Context, m *model.Model, x *tensor.Tensor, class int) (attribution.Field, error)
}

// Noise is a baseline: a map of chance, the same for every picture of a size.
func Noise(seed int64) Method {
	return Method{Name: "random", Title: "Random", Baseline: true,
		Explain: func(_ context.Context, m *model.Model, _ *tensor.Tensor, _ int) (attribution.Field, error) {
			f := attribution.Field{W: m.Prep.Width, H: m.Prep.Height}
			random := rand.New(rand.NewPCG(uint64(seed), 0x4015e))
			for range f.W * f.H {
				f.Values = append(f.Values, random.Float32())
			}
			return f, nil
		}}
}

// A Case is one map of one picture, to be measured.
type Case struct {
	*attribution.Answer
	// Target is what is measured while the picture changes: the probability of
	// the class that the map explains.
	Target attribution.Target
	Method Method
	Field  attribution.Field // as the method made it
	// Heat is the map at the picture's size, scaled to 0 to 1.
	Heat []float32
	// Order lists the pixels, the hottest first; among equals, by place.
	Order []int
	// Mask tells for each pixel whether it belongs to what is known to matter;
	// nil if it is not known.
	Mask    []bool
	Options Options
	// Randomized are networks whose weights are drawn anew; they are made when
	// they are needed and may be shared by cases of one model.
	Randomized []*model.Model
	shared     *shared
}

// NewCase explains a class of an answer by a method.
func NewCase(ctx context.Context, a *attribution.Answer, class int, method Method, mask []bool, o Options) (*Case, error) {
	f, err := method.Explain(ctx, a.Model, a.Input, class)
	if err != nil {
		return nil, err
	}
	return caseOf(a, class, method, f, mask, o), nil
}

func caseOf(a *attribution.Answer, class int, method Method, f attribution.Field, mask []bool, o Options) *Case {
	c := &Case{
		Answer: a, Target: attribution.OfClass(a.Model, class, attribution.Probability),
		Method: method, Field: f, Mask: mask, Options: o.withDefaults(), shared: &shared{},
	}
	planes := a.Planes()
	large := f.Enlarge(planes.W, planes.H).Values
	c.Order = hottestFirst(large)
	if method.Signed { // what speaks against the class is no heat
		for i, v := range large {
			large[i] = max(v, 0)
		}
	}
	c.Heat = attribution.Normalize(large)
	return c
}

// Options say how maps are measured. Zero fields get defaults.
type Options struct {
	// Steps is in how many steps pixels are taken away or given back; 20.
	Steps int
	// Deleted and Inserted are what stands where pixels are gone, for the
	// deletion and the insertion curve; the mean colour and the blurred picture.
	Deleted, Inserted Baseline
	// Shares of the picture that ROAD removes; 0.2, 0.4, 0.6, 0.8.
	Shares []float64
	// ImputationNoise is the standard deviation of what ROAD adds to imputed
	// values, in the network's units; 0.01, negative for none.
	ImputationNoise float64
	// Radius is how far sensitivity changes each number of the input, as a share
	// of the input's standard deviation; 0.1. Perturbed is how often; 5.
	Radius    float64
	Perturbed int
	// Stages is in how many stages the weights are drawn anew from the answer
	// down; 3.
	Stages int
	// Seed starts every random choice.
	Seed int64
	// Progress is told how many passes or maps of a metric are done.
	Progress func(metric string, done, total int)
}

func (o Options) withDefaults() Options {
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&o.Steps, 20)
	set(&o.Perturbed, 5)
	set(&o.Stages, 3)
	if o.Deleted == "" {
		o.Deleted = Mean
	}
	if o.Inserted == "" {
		o.Inserted = Blurred
	}
	if len(o.Shares) == 0 {
		o.Shares = []float64{0.2, 0.4, 0.6, 0.8}
	}
	if o.ImputationNoise == 0 {
		o.ImputationNoise = 0.01
	}
	if o.Radius <= 0 {
		o.Radius = 0.1
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	return o
}

package viztest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/gradlog"
	"github.com/tomo-viz/tomo/track/series"
)

// A training is what one run logged.
type training struct {
	name string
	log  func() *track.Batch
}

// trainings are runs that techniques must be able to serve, and after the first
// few, which hold all that a run may hold, such as some cannot serve.
var trainings = []training{
	{"healthy", func() *track.Batch { return ordinaryRun(0.1, 0) }},
	{"overfitting", func() *track.Batch { return ordinaryRun(0.01, 0.004) }},
	{"nothing in it", func() *track.Batch { return &track.Batch{} }},
	{"one point", func() *track.Batch { return metricsOf([]float64{0}, []float64{1}) }},
	{"one value at all steps", func() *track.Batch { return metricsOf(ramp(50), make([]float64, 50)) }},
	{"no finite value", func() *track.Batch {
		return metricsOf(ramp(3), []float64{math.NaN(), math.Inf(1), math.Inf(-1)})
	}},
	{"numbers at the ends of their range", func() *track.Batch {
		return metricsOf([]float64{-1e300, 0, 1e300}, []float64{-math.MaxFloat64, 5e-324, math.MaxFloat64})
	}},
	{"steps that go back", func() *track.Batch {
		return metricsOf([]float64{0, 1, 2, 1, 2, 3, 3, 3, 0.5}, []float64{9, 8, 7, 8, 7, 6, 5, math.NaN(), 8})
	}},
	{"absurd names", absurdNames},
	{"records that are damaged or odd", oddRecords},
}

// ordinary is how many of the trainings are.
const ordinary = 2

// ordinaryRun is a loss that falls, with one for validation that rises again by
// a rate, gradients of a few layers, and a record of each kind.
func ordinaryRun(lr, rise float64) *track.Batch {
	random := rand.New(rand.NewPCG(5, 5))
	const steps = 600
	train, val := make([]float64, steps), make([]float64, steps)
	for i := range steps {
		fall := 2 * math.Exp(-float64(i)/80)
		train[i] = 0.1 + fall + 0.02*random.NormFloat64()
		val[i] = 0.2 + fall + rise*float64(max(0, i-200)) + 0.02*random.NormFloat64()
	}
	b := metricsOf(ramp(steps), train)
	b.Metrics[0].Name = "train/loss"
	b.Metrics = append(b.Metrics, track.Metric{Name: "val/loss", Points: pointsOf(ramp(steps), val)})
	for _, layer := range []string{"conv1", "conv2", "conv3", "fc"} {
		norms := make([]float64, steps)
		for i := range norms {
			norms[i] = math.Exp(0.3 * random.NormFloat64())
		}
		b.Metrics = append(b.Metrics, track.Metric{Name: gradlog.Name(layer+".weight", gradlog.Norm), Points: pointsOf(ramp(steps), norms)})
	}
	b.Config = map[string]any{"lr": lr, "optimizer": "adam", "layers": []any{64, 32}}
	b.Tags = map[string]string{"stage": "trial"}
	for i := range 3 {
		b.Records = append(b.Records,
			track.Record{Kind: track.Text, Name: "notes", Step: float64(10 * i), Time: 1, Body: fmt.Appendf(nil, "after %d steps", 10*i)},
			track.Record{Kind: track.Image, Name: "samples/digits", Step: float64(10 * i), Time: 1, Body: squarePNG(uint8(80 * i))},
			track.Record{Kind: track.Histogram, Name: "weights/fc", Step: float64(10 * i), Time: 1, Body: bell(float64(i))},
			track.Record{Kind: track.Histogram, Name: gradlog.Name("fc.weight", gradlog.Distribution), Step: float64(10 * i), Time: 1, Body: bell(0)})
	}
	return b
}

func ramp(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

func pointsOf(steps, values []float64) []series.Point {
	out := make([]series.Point, len(steps))
	for i := range out {
		out[i] = series.Point{Step: steps[i], Time: began.Add(time.Duration(i) * time.Second).UnixMicro(), Value: values[i]}
	}
	return out
}

func metricsOf(steps, values []float64) *track.Batch {
	return &track.Batch{Metrics: []track.Metric{{Name: "loss", Points: pointsOf(steps, values)}}}
}

func absurdNames() *track.Batch {
	b := &track.Batch{Config: map[string]any{"": nil, "<b>": "\x1b[31m", "a/b/c": map[string]any{"d": []any{nil, true}}}}
	delete(b.Config, "")
	for _, name := range []string{"/", "//", "loss/", "/loss", "<script>alert(1)</script>", "../../etc", "\x1b[31mred", " ", "損失", strings.Repeat("long ", 200), "(", "[", "val_"} {
		b.Metrics = append(b.Metrics, track.Metric{Name: name, Points: pointsOf(ramp(3), []float64{3, 2, 1})})
	}
	return b
}

func oddRecords() *track.Batch {
	b := metricsOf(ramp(3), []float64{3, 2, 1})
	for _, body := range []string{"", "{", "\x89PNG\r\n\x1a\n", "\xff\xfe", "GIF89a"} {
		b.Records = append(b.Records, track.Record{Kind: track.Image, Name: "damaged", Step: 1, Time: 1, Body: []byte(body)})
	}
	for _, body := range []string{"", "\x1b[31m\x00", "<script>alert(1)</script>"} {
		b.Records = append(b.Records, track.Record{Kind: track.Text, Name: "odd", Step: 1, Time: 1, Body: []byte(body)})
	}
	for _, body := range []string{`{"edges":[0,1],"counts":[0]}`, `{"edges":[-1e300,1e300],"counts":[1e300]}`} {
		b.Records = append(b.Records, track.Record{Kind: track.Histogram, Name: "odd", Step: 1, Time: 1, Body: []byte(body)})
	}
	return b
}

func squarePNG(shade uint8) []byte {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = shade + uint8(i)
	}
	img.SetGray(0, 0, color.Gray{255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// bell is a histogram around a place, as HistogramBody writes it.
func bell(at float64) []byte {
	var h struct {
		Edges  []float64 `json:"edges"`
		Counts []float64 `json:"counts"`
	}
	for i := range 21 {
		x := at + float64(i-10)/4
		h.Edges = append(h.Edges, x)
		if i < 20 {
			h.Counts = append(h.Counts, math.Round(100*math.Exp(-float64((i-10)*(i-10))/20)))
		}
	}
	raw, err := json.Marshal(h)
	if err != nil {
		panic(err)
	}
	return raw
}

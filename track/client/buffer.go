package client

import (
	"maps"
	"time"

	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/wire"
)

// A buffer is what waits to be sent.
type buffer struct {
	at      map[string]int // where a metric is
	metrics []wire.Metric
	config  map[string]any
	tags    map[string]string
	records []wire.Record
	size    int  // in points
	due     bool // someone waits for it
}

func (b *buffer) points(name string, points ...series.Point) {
	i, ok := b.at[name]
	if !ok {
		i = len(b.metrics)
		if b.at == nil {
			b.at = map[string]int{}
		}
		b.at[name] = i
		b.metrics = append(b.metrics, wire.Metric{Name: name})
	}
	m := &b.metrics[i]
	m.Points = append(m.Points, points...)
}

func (b *buffer) setConfig(values map[string]any) {
	if b.config == nil {
		b.config = map[string]any{}
	}
	maps.Copy(b.config, values)
}

func (b *buffer) setTags(tags map[string]string) {
	if b.tags == nil {
		b.tags = map[string]string{}
	}
	maps.Copy(b.tags, tags)
}

// batch is what is sent of it.
func (b *buffer) batch() *wire.Batch {
	return &wire.Batch{Metrics: b.metrics, Config: b.config, Tags: b.tags, Records: b.records}
}

// halves splits a batch of which something was refused, so that the rest is not
// lost with it; the result is nil where it cannot be split. Points of one metric
// stay in their order.
func halves(b *wire.Batch) []*wire.Batch {
	rest := len(b.Config)+len(b.Tags)+len(b.Records) > 0
	switch m, n := len(b.Metrics), len(b.Records); {
	case m > 0 && rest:
		return []*wire.Batch{{Metrics: b.Metrics}, {Config: b.Config, Tags: b.Tags, Records: b.Records}}
	case m > 1:
		return []*wire.Batch{{Metrics: b.Metrics[:m/2]}, {Metrics: b.Metrics[m/2:]}}
	case m == 1 && len(b.Metrics[0].Points) > 1:
		name, points := b.Metrics[0].Name, b.Metrics[0].Points
		half := len(points) / 2
		return []*wire.Batch{{Metrics: []wire.Metric{{Name: name, Points: points[:half]}}}, {Metrics: []wire.Metric{{Name: name, Points: points[half:]}}}}
	case n > 0 && len(b.Config)+len(b.Tags) > 0:
		return []*wire.Batch{{Config: b.Config, Tags: b.Tags}, {Records: b.Records}}
	case n > 1:
		return []*wire.Batch{{Records: b.Records[:n/2]}, {Records: b.Records[n/2:]}}
	}
	return nil
}

// A pause grows with each failure in a row.
type pause struct{ last time.Duration }

const (
	shortest = 100 * time.Millisecond
	longest  = 10 * time.Second
)

func (p *pause) next() time.Duration {
	p.last = min(max(2*p.last, shortest), longest)
	return p.last
}

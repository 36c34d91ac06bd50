package saliency

import (
	"context"
	"math/bits"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// A coalition says which parts of the input show; the others are the
// baseline's.
type coalition []bool

func (z coalition) size() int {
	n := 0
	for _, on := range z {
		if on {
			n++
		}
	}
	return n
}

// allCoalitions lists every subset of m parts, the empty one first.
func allCoalitions(m int) []coalition {
	out := make([]coalition, 1<<m)
	for i := range out {
		out[i] = make(coalition, m)
		for k := range m {
			out[i][k] = i>>k&1 == 1
		}
	}
	return out
}

// fewParts reports whether the network can be asked about every subset of m
// parts in so many queries.
func fewParts(m, queries int) bool { return m < bits.Len(uint(queries)) }

// values returns the score of the input for each coalition.
func (p *probe) values(ctx context.Context, s *segments, list []coalition) ([]float64, error) {
	planes := p.Planes()
	x, base := p.Input.F32(), p.baseline()
	return p.Scores(ctx, p.target, attribution.Variations{
		Value: p.Main, N: len(list), Progress: p.progress,
		Fill: func(i int, row []float32) {
			for k, part := range s.of {
				from := base
				if list[i][part] {
					from = x
				}
				for c := range planes.Channels {
					at := planes.At(c, k/planes.W, k%planes.W)
					row[at] = from[at]
				}
			}
		},
	})
}

// paint gives every place the number of its part.
func (s *segments) paint(values []float64) attribution.Field {
	f := attribution.Field{W: s.w, H: s.h, Values: make([]float32, len(s.of))}
	for i, part := range s.of {
		f.Values[i] = float32(values[part])
	}
	return f
}

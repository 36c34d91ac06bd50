package arch

import (
	"fmt"

	"github.com/tomo-viz/tomo/figure"
)

// totals are the sums over the whole network.
func totals(s *network) []figure.Fact {
	t := s.total
	out := []figure.Fact{{Name: "parameters", Value: figure.Thousands(t.params)}}
	if t.buffers > 0 {
		out = append(out, figure.Fact{Name: "buffers", Value: figure.Thousands(t.buffers)})
	}
	return append(out,
		figure.Fact{Name: "weights in the file", Value: bytesText(s.stored)},
		figure.Fact{Name: "multiply-accumulates", Value: countText(t.macs)},
		figure.Fact{Name: "floating-point operations", Value: countText(t.flops)},
		figure.Fact{Name: "largest activations at once", Value: bytesText(s.peak)},
	)
}

// countText writes 1814073344 as "1.81 G".
func countText(n int64) string {
	return scaled(float64(n), 1000, []string{"", " k", " M", " G", " T", " P"})
}

func bytesText(n int64) string {
	return scaled(float64(n), 1024, []string{" B", " KiB", " MiB", " GiB", " TiB"})
}

func scaled(x, step float64, units []string) string {
	i := 0
	for x >= step && i < len(units)-1 {
		x /= step
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%.0f%s", x, units[0])
	}
	return fmt.Sprintf("%.3g%s", x, units[i])
}

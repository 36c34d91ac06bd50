package render

import (
	"encoding/csv"
	"fmt"
	"strconv"

	"github.com/tomo-viz/tomo/figure"
)

// writeHeatmapCSV writes a line for each number of the maps, with where it lies:
// of the attributions, which are whole, if there are any.
func writeHeatmapCSV(out *csv.Writer, h *figure.Heatmap) error {
	numbers := h.Attributions
	if len(numbers) == 0 {
		for _, p := range h.Panels {
			for _, m := range p.Maps {
				numbers = append(numbers, figure.Attribution{Name: figure.MapName(p.Name, m), Shape: []int{m.H, m.W}, Values: m.Values})
			}
		}
	}
	rank := 0
	for _, a := range numbers {
		rank = max(rank, len(a.Shape))
	}
	head := []string{"map"}
	for axis := range rank {
		head = append(head, fmt.Sprint("axis ", axis))
	}
	if err := out.Write(append(head, "value")); err != nil {
		return err
	}
	for _, a := range numbers {
		if err := writeElementsCSV(out, a, rank); err != nil {
			return err
		}
	}
	return nil
}

// writeElementsCSV writes an array's numbers, each behind its index, which is
// empty along axes that the array does not have.
func writeElementsCSV(out *csv.Writer, a figure.Attribution, rank int) error {
	line := make([]string, rank+2)
	line[0] = safeCell(a.Name)
	for i, v := range a.Values {
		rest := i
		for axis := len(a.Shape) - 1; axis >= 0; axis-- {
			extent := max(a.Shape[axis], 1)
			line[axis+1] = strconv.Itoa(rest % extent)
			rest /= extent
		}
		line[rank+1] = csvFloat(float64(v))
		if err := out.Write(line); err != nil {
			return err
		}
	}
	return nil
}

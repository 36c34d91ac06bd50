package render

import (
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

// TestBarsFillTheirRoom: the longest bar fills its side of the room, sums of groups
// have no bar, and columns without numbers no scale.
func TestBarsFillTheirRoom(t *testing.T) {
	table := func(values ...float64) *figure.Table {
		f := &figure.Table{Columns: []figure.Column{{Name: "share", Number: true, Bars: true}}, Rows: []figure.Row{{Group: true, Cells: []figure.Cell{{Value: 99}}}}}
		for _, v := range values {
			f.Rows = append(f.Rows, figure.Row{Cells: []figure.Cell{{Value: v}}})
		}
		return f
	}
	for _, c := range []struct {
		values []float64
		want   barScale
	}{
		{[]float64{-2, 4}, barScale{barLane / 2, barLane / 8}},
		{[]float64{1, 2}, barScale{0, barLane / 2}},
		{[]float64{-1, -2}, barScale{barLane, barLane / 2}},
		{[]float64{0, 0}, barScale{}}, {nil, barScale{}},
	} {
		if got := barScales(table(c.values...))[0]; got != c.want {
			t.Errorf("%v: %+v, want %+v", c.values, got, c.want)
		}
	}
	plain, barred := table(1, 2), table(1, 2)
	plain.Columns[0].Bars = false
	if d := layOutTable(barred).(*tableDrawing).widths[0] - layOutTable(plain).(*tableDrawing).widths[0]; d != laneGap+barLane {
		t.Errorf("bars make the column wider by %v", d)
	}
}

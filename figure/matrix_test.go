package figure

import (
	"fmt"
	"math"
	"testing"
)

func TestMatrixShares(t *testing.T) {
	m := &Matrix{Rows: make([]Line, 3), Columns: make([]Line, 2), Low: 0, High: 10,
		Values: Floats{1, 7, 5, float32(math.NaN()), 3, 7}}
	if got, want := fmt.Sprint(m.Shares()), "[0.1 0.7 0.5 NaN 0.3 0.7]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	m.PerColumn = true
	if got, want := fmt.Sprint(m.Shares()), "[0 0 1 NaN 0.5 0]"; got != want {
		t.Errorf("by column: got %s, want %s", got, want)
	}
}

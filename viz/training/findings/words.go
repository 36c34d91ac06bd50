package findings

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// Figure writes a number in at most four figures, whole ones with their thousands
// set apart.
func Figure(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return figure.Thousands(int64(v))
	}
	return strings.Replace(strconv.FormatFloat(v, 'g', 4, 64), "e-0", "e-", 1)
}

func percent(share float64) string {
	if share > 10 {
		return fmt.Sprintf("%s times", Figure(math.Round(share)))
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// errors writes a distance in standard errors, which is without end where there
// is no noise.
func errors(z float64) string {
	if math.IsInf(z, 0) || z >= 100 {
		return "over 100"
	}
	return fmt.Sprintf("%.1f", z)
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// Plural counts things in words: 1 run, 3 runs.
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%s %ss", figure.Thousands(int64(n)), thing)
}

func isAre(n int, thing string) string {
	if n == 1 {
		return "1 " + thing + " is"
	}
	return Plural(n, thing) + " are"
}

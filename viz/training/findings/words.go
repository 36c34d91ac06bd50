package findings

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Figure writes a number in at most four figures, whole ones with their thousands
// set apart.
func Figure(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strings.Replace(strconv.FormatFloat(v, 'g', 4, 64), "e-0", "e-", 1)
}

func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
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

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Figure(float64(n)) + " " + thing + "s"
}

func isAre(n int, thing string) string {
	if n == 1 {
		return "1 " + thing + " is"
	}
	return plural(n, thing) + " are"
}

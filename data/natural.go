package data

import (
	"cmp"
	"strings"
)

// naturally orders names as people do: runs of digits by their number, so that
// "9.png" comes before "10.png", folder by folder, and all else by its bytes.
func naturally(a, b string) int {
	whole := strings.Compare(a, b)
	for a != "" && b != "" {
		x, y := leadingRun(a), leadingRun(b)
		if c := compareRuns(x, y); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), whole)
}

// leadingRun returns the digits at the beginning of s, or its first byte.
func leadingRun(s string) string {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return s[:max(n, 1)]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// compareRuns compares two runs of which each is a number or a byte. The
// separator of folders comes before all else, so that a folder stays together.
func compareRuns(x, y string) int {
	if isDigit(x[0]) && isDigit(y[0]) {
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y))
	}
	if x[0] == '/' || y[0] == '/' {
		return cmp.Compare(isSeparator(y), isSeparator(x))
	}
	return strings.Compare(x[:1], y[:1])
}

func isSeparator(run string) int {
	if run[0] == '/' {
		return 1
	}
	return 0
}

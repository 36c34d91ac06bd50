package model

import (
	"slices"
	"strings"
)

// IsNote reports whether a file is called like one that says how a model beside
// it, or in a folder below, is used: its preparation or its labels. Who keeps a
// model open opens it anew when such a file changes.
func IsNote(name string) bool {
	return slices.Contains([]string{"tomo.json", "config.json", "preprocessor_config.json"}, name) ||
		strings.HasSuffix(name, ".tomo.json") || labelFile.MatchString(name)
}

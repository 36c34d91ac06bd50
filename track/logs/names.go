package logs

import (
	"strings"
)

// Bounds of stores.
const (
	maxName    = 4 << 10  // bytes of a name
	maxSetting = 1 << 20  // of a setting, as JSON
	maxBody    = 32 << 20 // of a record
	maxPoints  = 1 << 22  // of a batch
)

// cleanName makes a name that a store takes of any text.
func cleanName(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD")
	name = shorten(name, maxName)
	if name == "" {
		return "(without a name)"
	}
	return name
}

// shorten cuts a text to so many bytes.
func shorten(text string, most int) string {
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

package logs

import (
	"strings"

	"github.com/tomo-viz/tomo/track"
)

// cleanName makes a name that a store takes of any text.
func cleanName(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD")
	name = shorten(name, track.MaxName)
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

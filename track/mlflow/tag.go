package mlflow

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/tomo-viz/tomo/track"
)

// checkTags refuses tags that the store would refuse, before anything is made to
// which they are added afterwards: what is refused must not leave half of itself.
func checkTags(tags map[string]string) error {
	for key, value := range tags {
		switch {
		case key == "":
			return invalid("a tag without a key")
		case len(key) > track.MaxName:
			return invalid("the key %.200q... of a tag has %d bytes; at most %d are taken", key, len(key), track.MaxName)
		case !utf8.ValidString(key) || strings.ContainsRune(key, 0):
			return invalid("the key %.200q of a tag is no text in UTF-8", key)
		case len(quote(value)) > track.MaxNote:
			return invalid("the tag %q has %d bytes as JSON; at most %d are taken", key, len(quote(value)), track.MaxNote)
		}
	}
	return checkTitle(tags[nameTag])
}

// checkTitle refuses a title that a run cannot have, likewise.
func checkTitle(title string) error {
	if len(title) > track.MaxName {
		return invalid("the name %.200q... of the run has %d bytes; at most %d are taken", title, len(title), track.MaxName)
	}
	return nil
}

// quote is a text as JSON.
func quote(text string) []byte {
	raw, _ := json.Marshal(text) // texts never fail
	return raw
}

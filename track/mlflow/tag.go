package mlflow

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Bounds of the store, looked at before anything is made to which tags, or a
// title, are added afterwards: what is refused must not leave half of itself.
const (
	maxKey   = 4 << 10 // bytes of a key, and of a title
	maxValue = 1 << 20 // bytes of a value as JSON
)

// checkTags refuses tags that the store would refuse.
func checkTags(tags map[string]string) error {
	for key, value := range tags {
		switch {
		case key == "":
			return invalid("a tag without a key")
		case len(key) > maxKey:
			return invalid("the key %.200q... of a tag has %d bytes; at most %d are taken", key, len(key), maxKey)
		case !utf8.ValidString(key) || strings.ContainsRune(key, 0):
			return invalid("the key %.200q of a tag is no text in UTF-8", key)
		case len(quote(value)) > maxValue:
			return invalid("the tag %q has %d bytes as JSON; at most %d are taken", key, len(quote(value)), maxValue)
		}
	}
	return checkTitle(tags[nameTag])
}

// checkTitle refuses a title that a run cannot have.
func checkTitle(title string) error {
	if len(title) > maxKey {
		return invalid("the name %.200q... of the run has %d bytes; at most %d are taken", title, len(title), maxKey)
	}
	return nil
}

// quote is a text as JSON.
func quote(text string) []byte {
	raw, _ := json.Marshal(text) // texts never fail
	return raw
}

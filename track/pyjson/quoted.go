package pyjson

import "bytes"

// Quoted is a document as the standard has it, for encoding/json: where it spells
// numbers that have no digits, with texts in their place.
func Quoted(document []byte) []byte {
	var out []byte // nil while there is nothing to change
	done, inText := 0, false
	for i := 0; i < len(document); i++ {
		switch c := document[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case !inText && (c == 'N' || c == 'I' || c == '-'):
			if n := spelled(document[i:]); n > 0 {
				out = append(append(append(append(out, document[done:i]...), '"'), document[i:i+n]...), '"')
				i += n - 1
				done = i + 1
			}
		}
	}
	if out == nil {
		return document
	}
	return append(out, document[done:]...)
}

// spelled is how long the number is that is spelled here; 0 for none.
func spelled(text []byte) int {
	for word := range Spelled {
		if bytes.HasPrefix(text, []byte(word)) {
			return len(word)
		}
	}
	return 0
}

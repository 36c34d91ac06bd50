package mlflow

import (
	"strings"
	"unicode/utf8"
)

// maxPattern bounds the bytes of what LIKE compares with.
const maxPattern = 4 << 10

// like matches a text with a pattern in which % stands for any text and _ for
// any character. What lies between the % is looked for from left to right, each
// piece where it comes first, but the last one at the end. The time is the
// product of both lengths at the very most, divided by the bits of a word.
func like(text, pattern string) bool {
	pieces := strings.Split(pattern, "%")
	text, ok := afterPrefix(text, pieces[0])
	last := len(pieces) - 1
	if !ok || last == 0 {
		return ok && text == ""
	}
	if text, ok = beforeSuffix(text, pieces[last]); !ok {
		return false
	}
	for _, piece := range pieces[1:last] {
		if text, ok = after(text, piece); !ok {
			return false
		}
	}
	return true
}

// afterPrefix returns what stands behind a piece at the beginning.
func afterPrefix(text, piece string) (string, bool) {
	for piece != "" {
		if text == "" {
			return "", false
		}
		t, n := utf8.DecodeRuneInString(text)
		p, m := utf8.DecodeRuneInString(piece)
		if p != '_' && p != t {
			return "", false
		}
		text, piece = text[n:], piece[m:]
	}
	return text, true
}

// beforeSuffix returns what stands before a piece at the end.
func beforeSuffix(text, piece string) (string, bool) {
	at := len(text)
	for range utf8.RuneCountInString(piece) {
		_, n := utf8.DecodeLastRuneInString(text[:at])
		at -= n
	}
	rest, ok := afterPrefix(text[at:], piece)
	return text[:at], ok && rest == ""
}

// after returns what stands behind the first place that a piece fits.
func after(text, piece string) (string, bool) {
	if !strings.Contains(piece, "_") {
		_, rest, ok := strings.Cut(text, piece)
		return rest, ok
	}
	if len(text) < utf8.RuneCountInString(piece) {
		return "", false
	}
	return afterMasked(text, []rune(piece))
}

// afterMasked is after by the shift-and method (Baeza-Yates and Gonnet, A new
// approach to text searching, 1992): bit i of fits tells that the first i+1
// characters of the piece fit what was read last.
func afterMasked(text string, piece []rune) (string, bool) {
	words := (len(piece) + 63) / 64
	masks, others := masksOf(piece, words)
	fits := make([]uint64, words)
	end := uint64(1) << ((len(piece) - 1) % 64)
	for i, r := range text {
		mask, ok := masks[r]
		if !ok {
			mask = others
		}
		carry := uint64(1)
		for w := range fits {
			next := fits[w] >> 63
			fits[w] = (fits[w]<<1 | carry) & mask[w]
			carry = next
		}
		if fits[words-1]&end != 0 {
			_, n := utf8.DecodeRuneInString(text[i:])
			return text[i+n:], true
		}
	}
	return "", false
}

// masksOf tells for each character of a piece where it fits, and where all
// others do.
func masksOf(piece []rune, words int) (masks map[rune][]uint64, others []uint64) {
	masks, others = map[rune][]uint64{}, make([]uint64, words)
	for i, r := range piece {
		mask := others
		if r != '_' {
			if masks[r] == nil {
				masks[r] = make([]uint64, words)
			}
			mask = masks[r]
		}
		mask[i/64] |= 1 << (i % 64)
	}
	for _, mask := range masks {
		for w := range mask {
			mask[w] |= others[w]
		}
	}
	return masks, others
}

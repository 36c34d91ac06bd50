package role

import (
	"slices"
	"strings"
	"unicode"
)

// segmentsOf cuts a name at slashes, and each part into words in small letters.
func segmentsOf(name string) [][]string {
	var out [][]string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		if w := wordsOf(part); len(w) > 0 {
			out = append(out, w)
		}
	}
	return out
}

func wordsOf(part string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
		}
		word = nil
	}
	before := ' '
	for _, r := range part {
		switch {
		case strings.ContainsRune("_-.: ()[]{}|,=+", r):
			flush()
		case unicode.IsUpper(r) && unicode.IsLower(before):
			flush()
			word = append(word, r)
		default:
			word = append(word, r)
		}
		before = r
	}
	flush()
	return out
}

// takeSplit takes the word of a split out of a name: val_loss, loss/train,
// best_val_loss; but not the deviation of std_dev.
func takeSplit(segments [][]string) (Split, [][]string) {
	for i, s := range segments {
		for at, word := range s {
			split, ok := splitWords[word]
			if !ok || at > 0 && s[at-1] == "std" {
				continue
			}
			if len(segments) == 1 && len(s) == 1 {
				return split, segments // it is all there is
			}
			return split, without(segments, i, at)
		}
	}
	return Unsaid, segments
}

// takeEvery takes epoch_ or _step off a name that says more than that.
func takeEvery(segments [][]string) (string, [][]string) {
	every := map[string]string{"epoch": "epoch", "step": "step", "batch": "step", "iter": "step"}
	for i, s := range segments {
		for _, at := range []int{0, len(s) - 1} {
			if e := every[s[at]]; e != "" && len(s) > 1 && !onlyProgress(s) {
				return e, without(segments, i, at)
			}
		}
	}
	return "", segments
}

func onlyProgress(s []string) bool {
	return !slices.ContainsFunc(s, func(w string) bool { return !progressWords[w] })
}

// without leaves out one word, and a part that is empty then.
func without(segments [][]string, i, at int) [][]string {
	out := slices.Clone(segments)
	out[i] = slices.Delete(slices.Clone(out[i]), at, at+1)
	return slices.DeleteFunc(out, func(s []string) bool { return len(s) == 0 })
}

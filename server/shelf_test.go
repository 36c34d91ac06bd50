package server

import (
	"errors"
	"fmt"
	"testing"
)

// TestShelf keeps what was used last, within its bounds, and forgets what
// changed or failed.
func TestShelf(t *testing.T) {
	opened := []string{}
	s := shelf[string]{most: 3, mostBytes: 10, bytesOf: func(text string) int64 { return int64(len(text)) }}
	take := func(name, stamp, text string) {
		t.Helper()
		got, err := s.take(name, stamp, func() (string, error) {
			opened = append(opened, name+stamp)
			if text == "" {
				return "", errors.New("nothing there")
			}
			return text, nil
		})
		if got != text || (err != nil) != (text == "") {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	for _, step := range []struct{ name, stamp, text, opened string }{
		{"a", "1", "aa", "[a1]"},
		{"b", "1", "bb", "[b1]"},
		{"a", "1", "aa", "[]"},
		{"c", "1", "cc", "[c1]"},
		{"d", "1", "dd", "[d1]"}, // b, not used since, gives way
		{"a", "1", "aa", "[]"},
		{"b", "1", "bb", "[b1]"},
		{"a", "2", "aaa", "[a2]"}, // the file changed
		{"big", "1", "0123456789abc", "[big1]"},
		{"a", "2", "aaa", "[a2]"}, // there was no room beside the big one
		{"gone", "1", "", "[gone1]"},
		{"gone", "1", "", "[gone1]"}, // tried anew
	} {
		opened = opened[:0]
		take(step.name, step.stamp, step.text)
		if got := fmt.Sprint(opened); got != step.opened {
			t.Errorf("taking %s%s opened %s, want %s", step.name, step.stamp, got, step.opened)
		}
	}
}

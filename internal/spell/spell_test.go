package spell

import (
	"slices"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"gradcam", "gradcam++", "layercam", "zebra", "tabby, tabby cat", "Samoyed"}
	cases := []struct {
		text string
		want []string
	}{
		{"gradcma", []string{"gradcam"}},
		{"zebr", []string{"zebra"}},
		{"SAMOYED", []string{"Samoyed"}},
		{"cat", []string{"tabby, tabby cat"}},
		{"xylophone", nil},
		{"", nil},
	}
	for _, c := range cases {
		got := Nearest(c.text, names, 1)
		if !slices.Equal(got, c.want) {
			t.Errorf("nearest to %q is %q, want %q", c.text, got, c.want)
		}
	}
}

// TestEdits holds known distances of Levenshtein.
func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"kitten", "sitting", 3}, {"", "abc", 3}, {"flaw", "lawn", 2}, {"日本", "日", 1}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("%q to %q takes %d edits, want %d", c.a, c.b, got, c.want)
		}
	}
}

// TestHints names several where several are near, the nearest in length first.
func TestHints(t *testing.T) {
	layers := []string{"layer1.0.conv1", "layer1.0.conv2", "layer1", "layer2", "layer3.1", "layer3", "fc"}
	for text, want := range map[string]string{
		"laye":           `; did you mean "layer1", "layer2" or "layer3"?`,
		"layer1.0.conv3": `; did you mean "layer1.0.conv1" or "layer1.0.conv2"?`,
		"fd":             `; did you mean "fc"?`,
		"nothing":        "",
	} {
		if got := Hints(text, layers); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

package attribution

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// PickClasses reads "zebra", "340", "top" and "top 3"; ranked is the answer, the
// best class first.
func PickClasses(m *model.Model, wanted []string, ranked []figure.Prediction) ([]int, error) {
	var out []int
	add := func(class int) {
		if !slices.Contains(out, class) {
			out = append(out, class)
		}
	}
	for _, text := range wanted {
		if n, ok, err := top(text, len(ranked)); err != nil {
			return nil, err
		} else if ok {
			for _, r := range ranked[:n] {
				add(r.Class)
			}
			continue
		}
		class, err := m.Class(text)
		if err != nil {
			return nil, err
		}
		add(class)
	}
	return out, nil
}

func top(text string, most int) (n int, ok bool, err error) {
	rest, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(text)), "top")
	if !ok || rest != "" && !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "-") && !isDigit(rest) {
		return 0, false, nil
	}
	rest = strings.TrimLeft(rest, " -")
	if rest == "" {
		return min(1, most), true, nil
	}
	n, err = strconv.Atoi(rest)
	if err != nil {
		return 0, false, nil // a label such as "top hat"
	}
	if n < 1 {
		return 0, false, viz.Userf("%q asks for no class; give top 1 or more", text)
	}
	return min(n, most), true, nil
}

func isDigit(s string) bool { return s[0] >= '0' && s[0] <= '9' }

// Truth returns the prediction for the class that a picture is labelled with,
// nil if the model does not know one by that name.
func Truth(m *model.Model, label string, ranked []figure.Prediction) *figure.Prediction {
	if label == "" {
		return nil
	}
	class, err := m.Class(label)
	if err != nil {
		return nil
	}
	for _, r := range ranked {
		if r.Class == class {
			return &r
		}
	}
	return nil
}

// shownPredictions is how many of the network's answers stand beside a map.
const shownPredictions = 5

// Shown returns the first predictions, and the explained ones if they are not
// among them.
func Shown(ranked []figure.Prediction, classes []int) []figure.Prediction {
	out := slices.Clone(ranked[:min(shownPredictions, len(ranked))])
	for _, r := range ranked[len(out):] {
		if slices.Contains(classes, r.Class) {
			out = append(out, r)
		}
	}
	return out
}

package training

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/findings"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// setting is a run's value of a setting or of a tag, as text.
func (r *subject) setting(key string) (string, bool) {
	if v, ok := r.Config[key]; ok {
		return settingText(v), true
	}
	if v, ok := r.Tags[key]; ok {
		return v, true
	}
	switch key {
	case "project":
		return r.Project, true
	case "state":
		return string(r.State), true
	}
	return "", false
}

func settingText(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// grouped draws the mean of the runs of each group, for each split.
func (c *charter) grouped(drawn []drawnTrace) []figure.Curve {
	type key struct {
		group string
		split role.Split
		thing string
	}
	members := map[key][]drawnTrace{}
	for _, d := range drawn {
		value, ok := d.run.setting(c.p.Group)
		if !ok {
			value = "none"
		}
		k := key{value, d.role.Split, d.role.Thing + d.role.Every}
		members[k] = append(members[k], d)
	}
	var keys []key
	for k := range members {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(compareSettings(a.group, b.group), strings.Compare(a.thing, b.thing), strings.Compare(string(a.split), string(b.split)))
	})
	hues := map[string]int{}
	var out []figure.Curve
	for _, k := range keys {
		if hues[k.group+k.thing] == 0 {
			hues[k.group+k.thing] = len(hues) + 1
		}
		band := c.together(members[k])
		name := fmt.Sprintf("%s %s, %s", c.p.Group, k.group, findings.Plural(len(members[k]), "run"))
		if k.split != role.Unsaid {
			name += ", " + string(k.split)
		}
		out = append(out, figure.Curve{
			Name: name, X: band.X, Y: band.Mean, Low: band.Low, High: band.High, Hue: hues[k.group+k.thing],
			Dashed: members[k][0].dashes(),
		})
	}
	return out
}

// together is the mean of some runs with its band, and counts of how many runs its
// points are.
func (c *charter) together(members []drawnTrace) curve.Band {
	var lines []curve.Line
	for _, d := range members {
		from := d.raw
		if c.p.Smoothing > 0 {
			from = d.smooth
		}
		lines = append(lines, curve.NewLine(from.X, from.Y))
	}
	band := curve.Together(lines, curve.Everything, c.columns, c.p.LogX, c.p.Band.entry().Of)
	for _, n := range band.Lines {
		if c.lines[0] == 0 || n < c.lines[0] {
			c.lines[0] = n
		}
		c.lines[1] = max(c.lines[1], n)
	}
	return band
}

// compareSettings orders numbers by value and before texts.
func compareSettings(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Compare(x, y)
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return strings.Compare(a, b)
}

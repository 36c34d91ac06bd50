package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/nn/exec"
)

// printable drops what could steer a terminal: names come from the model's file.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' {
			return r
		}
		return -1
	}, s)
}

// findings are the lines of a report: what was looked at, and what was found.
func findings(r *inspect.Report) [][2]string {
	lines := [][2]string{{"nodes", fmt.Sprintf("%d of %d operators", r.Nodes, r.Operators)}}
	add := func(name, format string, args ...any) {
		lines = append(lines, [2]string{name, fmt.Sprintf(format, args...)})
	}
	for _, o := range r.Obstacles {
		add("in the way", "%s", o.What)
	}
	if r.Runs {
		text := fmt.Sprintf("ran in %s", roundTime(r.Time))
		if r.Executor == exec.Default().Name() {
			text += "; " + kernelText(r.Reference)
		}
		add(r.Executor, "%s", text)
		differenceText(r, add)
		originText("NaN", r.FirstNaN, add)
		originText("Inf", r.FirstInf, add)
		if r.FirstNaN == nil && r.FirstInf == nil {
			add("numbers", "all are finite")
		}
		gradientText(r.Gradient, add)
	}
	for _, in := range r.Made {
		add("made up", "%q: %s", in.Name, in)
	}
	return lines
}

type addLine = func(name, format string, args ...any)

func kernelText(reference []inspect.Nodes) string {
	if len(reference) == 0 {
		return "every step has a kernel"
	}
	return "without a kernel, on the slow reference: " + nodesText(reference)
}

// nodesText names operators with how many nodes each has.
func nodesText(list []inspect.Nodes) string {
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = fmt.Sprintf("%s (%d)", n.Op, len(n.Nodes))
	}
	return strings.Join(parts, ", ")
}

func differenceText(r *inspect.Report, add addLine) {
	d := r.Difference
	if d == nil {
		return
	}
	add("plain", "ran in %s; the outputs differ from %s's by at most %.2g of their range", roundTime(r.Plain), r.Executor, d.Outputs)
	if d.Largest > 0 {
		add("", "the largest difference, %.2g, is in %q, which node %q makes", d.Largest, d.Value, d.Node)
	}
	if d.Unequal != "" {
		add("", "of %q some elements are finite in only one of the runs", d.Unequal)
	}
	if len(r.Random) > 0 {
		add("", "the runs draw random numbers: %s", nodesText(r.Random))
	}
}

func originText(kind string, o *inspect.Origin, add addLine) {
	if o == nil {
		return
	}
	add(kind, "first at node %q (%s), which makes %s", o.Node, o.Op, o.Output)
	for _, in := range o.Inputs {
		add("", "from %s", in)
	}
}

func gradientText(g *inspect.GradientPath, add addLine) {
	switch {
	case g == nil:
		add("gradient", "there is nothing to differentiate")
	case g.Error != "":
		add("gradient", "from %q back to %q it cannot be taken: %s", g.To, g.From, g.Error)
	case len(g.Missing) == 0:
		add("gradient", "from %q back to %q, through every node between", g.To, g.From)
	}
	if g != nil && len(g.Missing) > 0 {
		add("gradient", "from %q back to %q some nodes have none: %s", g.To, g.From, nodesText(g.Missing))
	}
}

// roundTime keeps three figures or so.
func roundTime(d time.Duration) time.Duration {
	for unit := time.Second; unit >= time.Microsecond; unit /= 10 {
		if d >= unit {
			return d.Round(unit / 100)
		}
	}
	return d
}

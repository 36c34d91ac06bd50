package main

import (
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

const note = "<!-- Written by `make generate` from the technique itself; edit that. -->\n\n"

// pages returns the text of each page by its file's name: one for each
// technique, and README.md that lists them.
func pages(methods []*viz.Method) map[string]string {
	out := map[string]string{"README.md": index(methods)}
	for _, m := range methods {
		out[m.Name+".md"] = page(m)
	}
	return out
}

func index(methods []*viz.Method) string {
	var b strings.Builder
	b.WriteString(note + "# Techniques\n\n| technique | shows | when |\n|---|---|---|\n")
	for _, m := range methods {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s |\n", m.Name, m.Name, m.Doc, phases(m))
	}
	return b.String()
}

func page(m *viz.Method) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s# tomo %s\n\n**%s.**\n\n%s\n\n", note, m.Name, capital(m.Doc), m.About)
	fmt.Fprintf(&b, "Of use %s. Needs: %s", phases(m), strings.Join(m.Needs.Names(), ", "))
	if m.Instead != 0 {
		fmt.Fprintf(&b, "; or: %s", strings.Join(m.Instead.Names(), ", "))
	}
	b.WriteString(".\n\n")
	b.WriteString("## Examples\n\n```sh\n")
	for _, e := range m.Examples {
		fmt.Fprintf(&b, "# %s\ntomo %s\n", e.Remark, e.Line)
	}
	b.WriteString("```\n\n")
	if m.Verdict != nil {
		fmt.Fprintf(&b, "## For scripts\n\n`tomo %s verdict` takes the same arguments, prints what it found, with `--json` as JSON, and ends with exit code 3 if any of it is at least as grave as `--fail-on` says (%s; a warning by default), with 0 if not.\n\n", m.Name, strings.Join(figure.Severities(), ", "))
	}
	b.WriteString("## Parameters\n\nFlags of the command line, fields of the app's form, and names in its addresses.\n\n| name | | default |\n|---|---|---|\n")
	for _, p := range m.Params() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, cell(p.Help+span(p)), defaultOf(p))
	}
	for _, p := range m.Params() {
		b.WriteString(choices(p))
	}
	return b.String()
}

// choices lists the values of a parameter that has some to choose from.
func choices(p viz.Param) string {
	if len(p.Choices) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n| value | |\n|---|---|\n", p.Name)
	for _, c := range p.Choices {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c.Name, cell(c.Help))
	}
	return b.String()
}

func phases(m *viz.Method) string {
	words := map[viz.Phase]string{viz.Before: "before training", viz.While: "while training", viz.After: "after training", viz.InUse: "in use"}
	var parts []string
	for _, p := range m.Phases {
		parts = append(parts, words[p])
	}
	return strings.Join(parts, ", ")
}

func span(p viz.Param) string {
	switch {
	case p.Min != nil && p.Max != nil:
		return fmt.Sprintf(" (%v to %v)", *p.Min, *p.Max)
	case p.Min != nil:
		return fmt.Sprintf(" (at least %v)", *p.Min)
	case p.Max != nil:
		return fmt.Sprintf(" (at most %v)", *p.Max)
	}
	return ""
}

func defaultOf(p viz.Param) string {
	text := p.Default.String()
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// cell keeps a text from ending its cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

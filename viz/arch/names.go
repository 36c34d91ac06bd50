package arch

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// moduleWithin is what a module is called inside another one. The numbers that
// the members of lists have say too little and stand behind the list's name.
func moduleWithin(path, outer string) string {
	title := strings.TrimPrefix(strings.TrimPrefix(path, outer), ".")
	for outer != "" && isNumber(title) {
		i := strings.LastIndexByte(outer, '.')
		title = outer[i+1:] + "." + title
		outer = outer[:max(i, 0)]
	}
	return title
}

// isNumber reports whether a path begins with a number.
func isNumber(path string) bool {
	first, _, _ := strings.Cut(path, ".")
	return first != "" && strings.Trim(first, "0123456789") == ""
}

// nodeWithin is what a node is called inside a module, beyond its operator: the
// module of its own that it is, or its name if that says more than operator and
// count.
func nodeWithin(n *ir.Node, outer string) string {
	if rest, ok := strings.CutPrefix(n.Module, outer); ok && rest != "" {
		return shorten(moduleWithin(n.Module, outer))
	}
	name := n.Name[strings.LastIndexByte(n.Name, '/')+1:]
	if saysOperator(name, n.Op) {
		return ""
	}
	return shorten(name)
}

// saysOperator recognizes "Conv_25", "p2o.Conv.25" and the like.
func saysOperator(name, op string) bool {
	plain := func(s string) string {
		s = strings.ToLower(strings.Trim(s, "0123456789_."))
		return s[strings.LastIndexByte(s, '.')+1:]
	}
	name, op = plain(strings.TrimPrefix(name, "node_")), plain(op)
	return name == "" || name == op || name == "n"
}

// shorten cuts the middle out of a long name; its end tells nodes apart.
func shorten(name string) string {
	const most = 34
	r := []rune(name)
	if len(r) <= most {
		return name
	}
	return string(r[:8]) + "…" + string(r[len(r)-most+9:])
}

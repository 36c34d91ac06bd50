package layout

import (
	"fmt"
	"math"
)

// largest bounds every length, so that sums over millions of them stay exact
// enough to keep boxes apart.
const largest = 1e6

func validate(g Graph, opt Options) error {
	for i, n := range g.Nodes {
		if err := checkLengths(fmt.Sprintf("node %d", i), n.W, n.H); err != nil {
			return err
		}
		if n.Group != None && !within(n.Group, len(g.Groups)) {
			return fmt.Errorf("layout: node %d is in group %d, but there are %d groups", i, n.Group, len(g.Groups))
		}
	}
	for i, e := range g.Edges {
		if !within(e.From, len(g.Nodes)) || !within(e.To, len(g.Nodes)) {
			return fmt.Errorf("layout: edge %d joins nodes %d and %d, but there are %d nodes", i, e.From, e.To, len(g.Nodes))
		}
		if err := checkLengths(fmt.Sprintf("edge %d", i), e.Weight, e.LabelW, e.LabelH); err != nil {
			return err
		}
	}
	for i, gr := range g.Groups {
		if err := checkLengths(fmt.Sprintf("group %d", i), gr.TitleW, gr.TitleH); err != nil {
			return err
		}
	}
	if err := checkNesting(g.Groups); err != nil {
		return err
	}
	if opt.Direction != TopDown && opt.Direction != LeftRight {
		return fmt.Errorf("layout: unknown direction %d", opt.Direction)
	}
	return checkLengths("options", opt.NodeGap, opt.LayerGap, opt.EdgeGap, opt.GroupPad)
}

func within(i, n int) bool { return 0 <= i && i < n }

func checkLengths(what string, lengths ...float64) error {
	for _, v := range lengths {
		if math.IsNaN(v) || v < 0 || v > largest {
			return fmt.Errorf("layout: %s: %v is not between 0 and %g", what, v, largest)
		}
	}
	return nil
}

// deepest bounds the nesting of groups; far less is readable.
const deepest = 256

// checkNesting follows each group's parents outwards and fails where that
// leads out of range, back to the group or through too many groups.
func checkNesting(groups []Group) error {
	state := make([]visit, len(groups))
	for i := range groups {
		g, depth := i, 0
		for ; g != None && state[g] != open; g = groups[g].Parent {
			if depth++; depth > deepest {
				return fmt.Errorf("layout: group %d is more than %d groups deep", i, deepest)
			}
			if state[g] == done {
				continue
			}
			state[g] = open
			if p := groups[g].Parent; p != None && !within(p, len(groups)) {
				return fmt.Errorf("layout: group %d is in group %d, but there are %d groups", g, p, len(groups))
			}
		}
		if g != None {
			return fmt.Errorf("layout: group %d is inside itself", g)
		}
		for g = i; g != None && state[g] == open; g = groups[g].Parent {
			state[g] = done
		}
	}
	return nil
}

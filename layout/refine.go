package layout

import "context"

// Bounds of refine in members looked at, the second per unknown. Beyond them
// the projection keeps all gaps but is not the nearest; the next round goes on
// from there.
const (
	leastRefining = 2_000_000
	refining      = 10
)

// refine takes regions apart where a gap holds together two sides that would
// rather part, as merging leaves behind when the sides have moved since, until
// there is none: then the projection is exact.
func (d *projection) refine(ctx context.Context) {
	var queue []int
	for id := range d.regions {
		if len(d.regions[id].tight) > 0 {
			queue = append(queue, id)
		}
	}
	budget := d.work + leastRefining + refining*d.n
	for i := 0; i < len(queue) && d.work < budget && ctx.Err() == nil; i++ {
		id := queue[i]
		if len(d.regions[id].tight) == 0 {
			continue // merged meanwhile
		}
		d.work += len(d.regions[id].members)
		d.plant(id)
		g := d.loosest(id)
		if g == none {
			d.clear(id)
			continue
		}
		d.split(id, g)
		d.resettle(d.gaps[g].left, leftwards)
		d.resettle(d.gaps[g].right, rightwards) // may have joined the left by another gap
		queue = append(queue, d.of[d.gaps[g].left], d.of[d.gaps[g].right])
	}
}

// resettle merges the region of v, which has moved, with those it now overlaps
// on a side.
func (d *projection) resettle(v int, s side) {
	d.await(d.of[v], s)
	for {
		g := d.violated(d.of[v], s)
		if g == none {
			return
		}
		other := d.of[d.gaps[g].left]
		if s == rightwards {
			other = d.of[d.gaps[g].right]
		}
		d.await(other, s)
		d.merge(g, s)
	}
}

// plant files the tight gaps of a region under their ends; clear removes them.
func (d *projection) plant(id int) {
	for _, g := range d.regions[id].tight {
		gap := d.gaps[g]
		d.tree[gap.left] = append(d.tree[gap.left], g)
		d.tree[gap.right] = append(d.tree[gap.right], g)
	}
}

func (d *projection) clear(id int) {
	for _, v := range d.regions[id].members {
		d.tree[v] = d.tree[v][:0]
	}
}

// loosest is the tight gap whose ends pull apart the most, or none. What
// presses on a gap, its Lagrange multiplier, is what all on its right, as one,
// want to go to the left.
func (d *projection) loosest(id int) int {
	order, link := d.climb(d.regions[id].members[0], none)
	const slight = 1e-7
	loosest, most := none, slight
	for i := len(order) - 1; i > 0; i-- {
		v, g := order[i], link[i]
		pulls := d.force[v]
		if d.gaps[g].right == v {
			pulls = -pulls
		}
		if pulls > most {
			loosest, most = g, pulls
		}
		d.force[d.gaps[g].left+d.gaps[g].right-v] += d.force[v]
	}
	return loosest
}

// climb lists what the planted tree connects to root without the gap barred,
// with the gap by which each was reached, and sets the force on each alone.
func (d *projection) climb(root, barred int) (order, link []int) {
	order, link = []int{root}, []int{barred}
	for i := 0; i < len(order); i++ {
		v := order[i]
		d.force[v] = d.weight[v] * (d.position(v) - d.target[v])
		for _, g := range d.tree[v] {
			if g != link[i] && g != barred {
				order = append(order, d.gaps[g].left+d.gaps[g].right-v)
				link = append(link, g)
			}
		}
	}
	return order, link
}

// split cuts a region at a gap. One of the two parts keeps its name, the other
// gets that of a member, which no region has.
func (d *projection) split(id, g int) {
	leftMembers, leftTight := d.climb(d.gaps[g].left, g)
	rightMembers, rightTight := d.climb(d.gaps[g].right, g)
	d.clear(id)
	left, right := d.gaps[g].left, d.gaps[g].right
	for _, v := range leftMembers {
		if v == id {
			left = id
		}
	}
	if left != id {
		right = id
	}
	d.found(left, leftMembers, leftTight[1:])
	d.found(right, rightMembers, rightTight[1:])
}

// found makes a region of members that keep their offsets.
func (d *projection) found(id int, members, tight []int) {
	d.regions[id] = region{members: members, tight: tight}
	for _, v := range members {
		d.of[v] = id
	}
	d.weigh(id)
}

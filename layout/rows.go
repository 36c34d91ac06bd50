package layout

import "math"

// rows are the y of the layers. A layer reaches from top to bottom; between
// layers come the lower ends of groups, a channel in which edges move sideways,
// and the upper ends and titles of groups.
type rows struct {
	top, bottom               []float64
	channelTop, channelBottom []float64 // below each layer
	groupTop, groupBottom     []float64
	width, height             float64
}

// setRows stacks the layers.
func (l *layered) setRows() {
	n := len(l.layers)
	r := rows{top: make([]float64, n), bottom: make([]float64, n),
		channelTop: make([]float64, n), channelBottom: make([]float64, n),
		groupTop: make([]float64, len(l.groups)), groupBottom: make([]float64, len(l.groups))}
	tall := make([]float64, n)
	for _, v := range l.vertices {
		tall[v.layer] = max(tall[v.layer], v.tall)
	}
	starting, ending := l.ends()
	y := 0.0 // of the end of the channel above
	for layer := range l.layers {
		header := l.header(starting[layer], r.groupTop)
		if layer > 0 {
			used := r.channelTop[layer-1] - r.bottom[layer-1] + header
			y = r.channelTop[layer-1] + l.channel(layer-1, used)
			r.channelBottom[layer-1] = y
		}
		r.top[layer] = y + header
		for _, g := range starting[layer] {
			r.groupTop[g] = r.top[layer] - r.groupTop[g]
		}
		r.bottom[layer] = r.top[layer] + tall[layer]
		r.channelTop[layer] = r.bottom[layer] + l.footer(ending[layer], r.bottom[layer], r)
	}
	r.height = r.channelTop[n-1]
	l.rows = r
}

// ends lists the groups that start and end in each layer, innermost first.
func (l *layered) ends() (starting, ending [][]int) {
	starting, ending = make([][]int, len(l.layers)), make([][]int, len(l.layers))
	for g := len(l.groups) - 1; g > 0; g-- {
		starting[l.top[g]] = append(starting[l.top[g]], g)
		ending[l.bottom[g]] = append(ending[l.bottom[g]], g)
	}
	return starting, ending
}

// header sets reach to how far each group that starts in a layer reaches above
// it, and returns the furthest.
func (l *layered) header(starting []int, reach []float64) float64 {
	furthest := 0.0
	for _, g := range starting {
		reach[g] += l.groups[g].top
		furthest = max(furthest, reach[g])
		if around := l.groups[g].parent; around > 0 && l.top[around] == l.top[g] {
			reach[around] = max(reach[around], reach[g])
		}
	}
	return furthest
}

// footer sets the lower borders of the groups that end in a layer, and returns
// how far they reach below it. A group shorter than its title is long gets the
// rest here.
func (l *layered) footer(ending []int, bottom float64, r rows) float64 {
	furthest := 0.0
	for _, g := range ending {
		f := l.groups[g]
		end := max(max(bottom, r.groupBottom[g])+f.bottom, r.groupTop[g]+f.minH)
		r.groupBottom[g] = end
		furthest = max(furthest, end-bottom)
		if f.parent > 0 && l.bottom[f.parent] == l.bottom[g] {
			r.groupBottom[f.parent] = max(r.groupBottom[f.parent], end)
		}
	}
	return furthest
}

// channel is the height of the space below a layer in which edges move
// sideways: what the ends of groups leave of the layer gap, but enough for a
// curve, and more where edges have far to go, lest they run almost level.
func (l *layered) channel(layer int, used float64) float64 {
	const (
		least  = 0.7  // in layer gaps
		free   = 2    // in layer gaps: this far sideways costs nothing
		slope  = 0.08 // per unit beyond
		most   = 2    // in layer gaps
		beside = 0.6  // of the layer gap where one layer has only labels and bends
	)
	gap, far := l.opt.LayerGap, 0.0
	if !l.hasNodes(layer) || !l.hasNodes(layer+1) {
		gap *= beside
	}
	for _, v := range l.layers[layer] {
		for _, s := range l.down.of(v) {
			far = max(far, math.Abs(l.x[l.segments[s].lower]-l.x[v]))
		}
	}
	return max(least*gap, gap-used) + min(most*gap, slope*max(0, far-free*gap))
}

func (l *layered) hasNodes(layer int) bool {
	for _, v := range l.layers[layer] {
		if l.vertices[v].kind == nodeVertex {
			return true
		}
	}
	return false
}

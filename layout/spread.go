package layout

// spread arranges in columns the pieces of a level that no arc connects to
// anything, as in a model of which only the weights are known. Without it they
// would all stand in one layer.
func (s *stacker) spread(l level) {
	pieces := s.loosePieces(l)
	if len(pieces) < 2 {
		return
	}
	var total extent
	for _, piece := range pieces {
		e := s.pieceExtent(piece)
		total.w += e.w
		total.h += e.h
	}
	n := float64(len(pieces))
	columns := columns(len(pieces), extent{total.w / n, total.h / n}, s.opt.aspect())
	for i := 0; i+columns < len(pieces); i++ {
		s.above(pieces[i], pieces[i+columns])
	}
}

// loosePieces lists the items of each piece that has no arcs to elsewhere.
func (s *stacker) loosePieces(l level) [][]int {
	items, at := s.itemsOf(l)
	sets := newUnion(len(items))
	ends := make([]int, len(items)) // of arcs that leave the level
	for _, v := range l.nodes {
		ends[at[s.item[v]]] += s.degree[v]
	}
	for _, a := range l.arcs {
		from, to := at[s.item[s.arcs[a].from]], at[s.item[s.arcs[a].to]]
		sets.join(from, to)
		ends[from]--
		ends[to]--
	}
	for i, n := range ends {
		if root := sets.find(i); root != i {
			ends[root] += n
		}
	}
	var pieces [][]int
	pieceOf := make(map[int]int)
	for i, item := range items {
		root := sets.find(i)
		if ends[root] > 0 {
			continue
		}
		piece, known := pieceOf[root]
		if !known {
			piece = len(pieces)
			pieceOf[root] = piece
			pieces = append(pieces, nil)
		}
		pieces[piece] = append(pieces[piece], item)
	}
	return pieces
}

// extent is the size that something will have, roughly.
type extent struct{ w, h float64 }

// groupExtents guesses the sizes of groups from the inside out, as if nothing
// in them were connected.
func (s *stacker) groupExtents() []extent {
	sum, count := make([]extent, len(s.groups)), make([]float64, len(s.groups))
	add := func(g int, e extent) {
		sum[g].w += e.w
		sum[g].h += e.h
		count[g]++
	}
	for _, b := range s.nodes {
		add(b.group, extent{b.w + s.opt.NodeGap, b.tall + s.opt.LayerGap})
	}
	for g := len(s.groups) - 1; g >= 0; g-- {
		f, n := s.groups[g], count[g]
		mean := extent{sum[g].w / n, sum[g].h / n}
		k := columns(int(n), mean, s.opt.aspect())
		rows := (int(n) + k - 1) / k
		sum[g] = extent{float64(k)*mean.w + f.left + f.right, float64(rows)*mean.h + f.top + f.bottom}
		if g > 0 {
			add(f.parent, sum[g])
		}
	}
	return sum
}

// pieceExtent guesses that connected items stand below each other.
func (s *stacker) pieceExtent(items []int) extent {
	var e extent
	for _, item := range items {
		one := extent{}
		if s.isGroup(item) {
			one = s.extents[s.groupOf(item)]
		} else {
			b := s.nodes[item]
			one = extent{b.w + s.opt.NodeGap, b.tall + s.opt.LayerGap}
		}
		e = extent{max(e.w, one.w), e.h + one.h}
	}
	return e
}

// columns for n pieces such that the whole fits the smallest box of an aspect,
// width over height.
func columns(n int, mean extent, aspect float64) int {
	best, least := 1, 0.0
	for k := 1; k <= n; k++ {
		rows := (n + k - 1) / k
		size := max(float64(k)*mean.w, aspect*float64(rows)*mean.h)
		if k == 1 || size < least {
			best, least = k, size
		}
	}
	return best
}

// above puts all items of one piece above those of another, by way of a
// variable between them.
func (s *stacker) above(upper, lower []int) {
	between := s.bottomOf(len(s.groups)-1) + 1 + s.extra
	s.extra++
	for _, item := range upper {
		s.spans = append(s.spans, span{s.itemBottom(item), between, 0, 0})
	}
	for _, item := range lower {
		s.spans = append(s.spans, span{between, item, 1, 0})
	}
}

package layout

// heap is a binary min-heap of indices by key; equal keys come out by index.
type heap []entry

type entry struct {
	key  float64
	item int
}

func (a entry) before(b entry) bool {
	return a.key < b.key || a.key == b.key && a.item < b.item
}

func (h *heap) push(key float64, item int) {
	s := append(*h, entry{key, item})
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !s[i].before(s[up]) {
			break
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
	*h = s
}

func (h *heap) pop() entry {
	s := *h
	top := s[0]
	last := len(s) - 1
	s[0] = s[last]
	*h = s[:last]
	h.sink(0)
	return top
}

// sink restores the order below i after its key has grown.
func (h *heap) sink(i int) {
	s := *h
	for {
		least := i
		for down := 2*i + 1; down <= 2*i+2 && down < len(s); down++ {
			if s[down].before(s[least]) {
				least = down
			}
		}
		if least == i {
			return
		}
		s[i], s[least] = s[least], s[i]
		i = least
	}
}

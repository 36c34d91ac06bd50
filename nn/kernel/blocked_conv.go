package kernel

import (
	"sync"

	"github.com/tomo-viz/tomo/internal/pages"
)

// BlockedConv is a convolution into the blocked layout (see [Block]) with its
// weights packed, ready to run any number of times, by several goroutines at once.
//
// A tile of results is a few positions by a few blocks of filters, held in
// registers; each step broadcasts a channel's number at each position against the
// weights of all filters (Zhang et al., arXiv 1809.10170, section 3). Nothing is
// unfolded or padded.
type BlockedConv struct {
	spec     ConvSpec
	minimal  *winograd           // if that is asked for and possible
	direct   func() *BlockedConv // the same without, for numbers that it is not for
	sliding  sliding
	kernels  [][]blockFunc // by blocks of a panel, less 1
	panels   []filterPanel // the filters, a few blocks at a time
	together int           // how many panels are computed at a time
	channels []int         // where each channel of a group lies in an image
	steps    int           // into how many parts they are cut
	weights  []float32     // of each panel: for each tap and channel a row of filters
}

// filterPanel is a few blocks of filters.
type filterPanel struct {
	first, blocks int
	image         int // the first block of channels that they see
	weights       int // where the weights begin
}

// CanBlock says whether a convolution can be computed in the blocked layout: there
// is one group, or each channel has its own filter, or the groups are whole blocks.
func (s *ConvSpec) CanBlock() bool {
	return s.Groups == 1 || s.depthwise() || s.groupChannels()%Block() == 0 && s.groupFilters()%Block() == 0
}

// depthwise says that each filter sees a channel of its own.
func (s *ConvSpec) depthwise() bool { return s.Groups == s.Channels && s.Groups == s.Filters }

// NewBlockedConv plans a convolution and packs its weights on the threads of t,
// whose context must not end meanwhile; they must not change afterwards. Images are blocked too, unless plain says that they are not; that takes a
// single group. The spec must be valid; see [ConvSpec.Validate] and
// [ConvSpec.CanBlock].
func NewBlockedConv(t *Team, spec ConvSpec, weights []float32, plain bool) *BlockedConv {
	return newBlockedConv(t, spec, weights, plain, target{size: spec.Out(), step: [3]int{1, 1, 1}})
}

// newBlockedConv is NewBlockedConv with results that go to some positions of
// larger images.
func newBlockedConv(t *Team, spec ConvSpec, weights []float32, plain bool, to target) *BlockedConv {
	spec.checkWeights(weights)
	if !spec.CanBlock() || plain && spec.Groups > 1 {
		panic("kernel: a convolution whose groups are no whole blocks cannot be blocked")
	}
	c := &BlockedConv{spec: spec, steps: 1, together: 1}
	if spec.Minimal && spec.minimalPossible() && spec.Groups == 1 && !plain {
		c.filterMinimally(t, weights, false, to)
		c.direct = sync.OnceValue(func() *BlockedConv { return NewBlockedConv(nil, spec.directly(), weights, plain) })
		return c
	}
	w, unit := spec.Window, Block()
	if plain {
		unit = 1
	}
	if spec.pointwise() && to.size == w.In {
		w = Window1D(volume(w.In), 1)
		to = target{size: w.In, step: [3]int{1, 1, 1}}
	}
	if spec.depthwise() && spec.Groups > 1 {
		c.kernels, c.sliding = [][]blockFunc{active.block.lanewise}, newSliding(w, unit, 1)
		c.sliding.target = to
		c.together = planesAtOnce(&c.sliding)
		c.cutPanels(1, blockCount(spec.Filters), 0)
		c.packLanewise(weights)
		return c
	}
	c.kernels, c.sliding = active.block.product, newSliding(w, unit, spec.groupChannels())
	c.sliding.target = to
	for i := range spec.groupChannels() {
		c.channels = append(c.channels, i/unit*unit*volume(spec.In)+i%unit)
	}
	c.cutPanels(spec.Groups, blockCount(spec.groupFilters()), spec.groupChannels()/Block())
	c.packProduct(t, weights)
	return c
}

// filterMinimally plans Winograd's algorithm, with weights that lie as those of
// the convolution do or, backwards, as those of the one whose gradient it computes.
func (c *BlockedConv) filterMinimally(t *Team, weights []float32, backwards bool, to target) {
	c.minimal, c.sliding.target = newWinograd(c.spec), to
	c.minimal.blocked = true
	c.minimal.setWeights(t, weights, backwards)
}

// cutPanels cuts the filters of each group into panels of about the same size, as
// large as the kernels take; with a single kind of them, panels are blocks and see
// the block of channels of the same number.
func (c *BlockedConv) cutPanels(groups, blocks, channelBlocks int) {
	count, depth := (blocks-1)/len(c.kernels)+1, max(1, len(c.channels))*volume(c.spec.Kernel)
	for i := range groups * count {
		g := i / count
		lo, hi := g*blocks+split(blocks, count, i%count), g*blocks+split(blocks, count, i%count+1)
		p := filterPanel{first: lo, blocks: hi - lo, image: g * channelBlocks, weights: lo * Block() * depth}
		if len(c.channels) == 0 {
			p.image = lo
		}
		c.panels = append(c.panels, p)
	}
	c.weights = pages.Make[float32](groups * blocks * Block() * depth)
	if most := c.panels[0].blocks * Block() * depth; len(c.channels) > 0 {
		c.steps = min(len(c.channels), (most-1)/maxPanel+1)
	}
}

// maxPanel is how many weights are multiplied at a time, so that they stay in a
// second cache of half a megabyte or more while they meet one line of results
// after the other.
const maxPanel = 64 << 10

// planesAtOnce is how many blocks of separate channels are computed at a time, so
// that they stay in a second cache while they are computed region by region.
func planesAtOnce(s *sliding) int {
	return max(1, maxUnit/max(1, volume(s.window.In)*Block()+s.size()))
}

// packProduct stores, for each panel, tap and channel, the weights of the filters.
func (c *BlockedConv) packProduct(t *Team, weights []float32) {
	taps, channels := volume(c.spec.Kernel), len(c.channels)
	if taps == 0 { // some interleaved images of a gradient
		return
	}
	t.Run(len(c.panels), func(i int) {
		p := &c.panels[i]
		width, first := p.blocks*Block(), p.first*Block()
		for f := range min(width, c.spec.Filters-first) {
			from, to := weights[(first+f)*channels*taps:], c.weights[p.weights+f:]
			for ch := range channels {
				for tap := range taps {
					to[(tap*channels+ch)*width] = from[ch*taps+tap]
				}
			}
		}
	})
}

// packLanewise stores, for each block and tap, the weights of its channels.
func (c *BlockedConv) packLanewise(weights []float32) {
	taps := volume(c.spec.Kernel)
	for f := range c.spec.Filters {
		for t := range taps {
			c.weights[(f/Block()*taps+t)*Block()+f%Block()] = weights[f*taps+t]
		}
	}
}

// Spec returns what the convolution was made from.
func (c *BlockedConv) Spec() ConvSpec { return c.spec }

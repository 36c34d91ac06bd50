package kernel

import "fmt"

// Block returns how many channels lie together in the blocked layout: as many as
// a vector has numbers. There, the channels of an image are cut into blocks, the
// last one filled up, and each position of the image holds its numbers of a block
// one after the other: [n, channels/Block, size, Block] instead of
// [n, channels, size]. Kernels then find the channels of a position in a vector,
// whatever the image's width, the window's stride and the padding, and no image
// is copied or padded first. What fills up the last block is anything, and nothing
// depends on it.
func Block() int { return active.block.lanes }

// BlockedSize returns how many numbers n images of the given channels and size
// take in the blocked layout.
func BlockedSize(n, channels, size int) int { return n * blockedChannels(channels) * size }

// blockedChannels rounds up to whole blocks.
func blockedChannels(channels int) int { return blockCount(channels) * Block() }

// blockCount is how many blocks channels are cut into.
func blockCount(channels int) int { return (channels + Block() - 1) / Block() }

// ToBlocked copies n images of the given channels and size to the blocked layout,
// filled up with zeros.
func ToBlocked(t *Team, dst, src []float32, n, channels, size int) {
	checkBlocked(dst, src, n, channels, size)
	eachBlock(t, n, channels, size, func(blocked, plain, count int) {
		to := dst[blocked : blocked+Block()*size]
		if count < Block() {
			clear(to)
		}
		transposeStrided(to, Block(), src[plain:], size, count, size)
	})
}

// FromBlocked copies them back.
func FromBlocked(t *Team, dst, src []float32, n, channels, size int) {
	checkBlocked(src, dst, n, channels, size)
	eachBlock(t, n, channels, size, func(blocked, plain, count int) {
		transposeStrided(dst[plain:], size, src[blocked:], Block(), size, count)
	})
}

// eachBlock calls body for each block of channels, in parallel: where it begins in
// both layouts, and how many channels it has.
func eachBlock(t *Team, n, channels, size int, body func(blocked, plain, count int)) {
	block, blocks := Block(), blockCount(channels)
	t.Ranges(n*blocks, packGrain/max(1, block*size), func(lo, hi int) {
		for i := lo; i < hi && size > 0; i++ {
			first := i % blocks * block
			body(i*block*size, (i/blocks*channels+first)*size, min(block, channels-first))
		}
	})
}

// checkBlocked panics unless the slices hold the images.
func checkBlocked(blocked, plain []float32, n, channels, size int) {
	have, ok1 := product(n, blockedChannels(channels), size)
	want, ok2 := product(n, channels, size)
	if n < 0 || !ok1 || !ok2 || len(blocked) < have || len(plain) < want {
		panic(fmt.Sprintf("kernel: %d images of %d channels of %d numbers, but a blocked slice of %d and a plain one of %d",
			n, channels, size, len(blocked), len(plain)))
	}
}

package op

// blockElements bounds the matrix of columns that is made at a time.
const blockElements = 1 << 18

// eachBlock calls f for blocks of output positions [lo, hi) of every image and
// group. buf is kept from call to call.
func eachBlock[T float](c *conv, f func(image, group, lo, hi int, buf *[]T)) {
	column := c.in * c.taps()
	if c.outputs() == 0 || c.out == 0 {
		return
	}
	var buf []T
	step := max(1, blockElements/max(1, column))
	for image := range c.batch {
		for group := range c.groups {
			for lo := 0; lo < c.outputs(); lo += step {
				f(image, group, lo, min(lo+step, c.outputs()), &buf)
			}
		}
	}
}

// part is the slice of x, whose images and groups hold n elements each, that
// belongs to one of them.
func part[T float](c *conv, x []T, image, group, n int) []T {
	return x[(image*c.groups+group)*n:][:n]
}

// weights are those of one group: a row per output channel.
func weights[T float](c *conv, w []T, group int) matrix[T] {
	n := c.in * c.taps()
	return dense(w[group*c.out*n:][:c.out*n], c.out, n)
}

// columns gathers the inputs under the kernel for the output positions
// [lo, hi): a row per input channel and tap, a column per position, zero where
// the kernel reads padding.
func columns[T float](c *conv, x []T, lo, hi int, buf *[]T) matrix[T] {
	if c.isIdentity() {
		return dense(x, c.in, c.outputs()).columns(lo, hi)
	}
	*buf = grow(*buf, c.in*c.taps()*(hi-lo))
	clear(*buf)
	col := dense(*buf, c.in*c.taps(), hi-lo)
	stride := c.axis[2].stride
	eachTap(c, lo, hi, func(row, channel, at, from, n int) {
		dst := col.data[row*col.cols+at:][:n]
		src := x[channel*c.inputs()+from:]
		if stride == 1 {
			copy(dst, src)
			return
		}
		for i := range dst {
			dst[i] = src[i*stride]
		}
	})
	return col
}

// scatterColumns adds each element of the columns to the input it stands for:
// the adjoint of columns.
func scatterColumns[T float](c *conv, x []T, col matrix[T], lo, hi int) {
	stride := c.axis[2].stride
	eachTap(c, lo, hi, func(row, channel, at, from, n int) {
		dst := x[channel*c.inputs()+from:]
		for i, v := range col.data[row*col.cols+at:][:n] {
			dst[i*stride] += v
		}
	})
}

// eachTap calls f for the runs of every input channel and tap; see
// window.runs.
func eachTap(c *conv, lo, hi int, f func(row, channel, at, from, n int)) {
	row := 0
	for channel := range c.in {
		for i := range c.axis[0].kernel {
			for j := range c.axis[1].kernel {
				for k := range c.axis[2].kernel {
					c.runs([3]int{i, j, k}, lo, hi, func(at, from, n int) { f(row, channel, at, from, n) })
					row++
				}
			}
		}
	}
}

// grow returns a slice of n elements, in the memory of buf if it suffices.
func grow[T any](buf []T, n int) []T {
	if cap(buf) < n {
		return make([]T, n)
	}
	return buf[:n]
}

package kernel

// portableTile multiplies tiles of 4x4 in plain Go: as many results as processors
// with 16 registers hold.
var portableTile = newTile(4, 4, 256, []multiplyFunc{1: multiply1, 2: multiply2, 3: multiply3, 4: multiply4})

func multiply1(a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool) {
	var r [4]float32
	for k, o := range off {
		x, y := a[k], b[o:o+4]
		r[0] += x * y[0]
		r[1] += x * y[1]
		r[2] += x * y[2]
		r[3] += x * y[3]
	}
	storeRow(c, r, cols, alpha, add)
}

func multiply2(a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool) {
	var r, s [4]float32
	for k, o := range off {
		x, y := a[2*k:2*k+2], b[o:o+4]
		r[0] += x[0] * y[0]
		r[1] += x[0] * y[1]
		r[2] += x[0] * y[2]
		r[3] += x[0] * y[3]
		s[0] += x[1] * y[0]
		s[1] += x[1] * y[1]
		s[2] += x[1] * y[2]
		s[3] += x[1] * y[3]
	}
	storeRow(c, r, cols, alpha, add)
	storeRow(c[stride:], s, cols, alpha, add)
}

func multiply3(a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool) {
	multiplyRows(3, a, b, off, c, stride, cols, alpha, add)
}

func multiply4(a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool) {
	multiplyRows(4, a, b, off, c, stride, cols, alpha, add)
}

// multiplyRows does the rows of a tile two by two.
func multiplyRows(rows int, a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool) {
	for r := 0; r < rows; r += 2 {
		var p, q [4]float32
		second := min(r+1, rows-1)
		for k, o := range off {
			x, z, y := a[k*rows+r], a[k*rows+second], b[o:o+4]
			p[0] += x * y[0]
			p[1] += x * y[1]
			p[2] += x * y[2]
			p[3] += x * y[3]
			q[0] += z * y[0]
			q[1] += z * y[1]
			q[2] += z * y[2]
			q[3] += z * y[3]
		}
		storeRow(c[r*stride:], p, cols, alpha, add)
		if second > r {
			storeRow(c[second*stride:], q, cols, alpha, add)
		}
	}
}

func storeRow(c []float32, r [4]float32, cols int, alpha float32, add bool) {
	for j := range cols {
		v := alpha * r[j]
		if add {
			v += c[j]
		}
		c[j] = v
	}
}

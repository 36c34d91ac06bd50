package kernel

// transformFunc multiplies a small matrix with some vectors at a time: those that
// lie srcStride numbers apart. Its results go dstStride numbers apart. This is
// done n times, dstStep and srcStep numbers further on each.
type transformFunc func(dst []float32, dstStride, dstStep int, src []float32, srcStride, srcStep, n int)

// winogradKernels are the matrices of Winograd's minimal filtering, along one
// axis.
type winogradKernels struct {
	lanes  int           // numbers of a vector
	image  transformFunc // six numbers of an image
	filter transformFunc // three taps to six numbers
	result transformFunc // six numbers to four results
	// For the gradient of the filters:
	slope       transformFunc // four gradients of results to six numbers
	filterSlope transformFunc // six numbers to the gradients of three taps
}

// portableWinograd does it by the matrices, whose points are 0, 11/16, -11/16,
// 11/8, -11/8 and infinity: with those the error is half that of 0, 1, -1, 2, -2
// and infinity.
var portableWinograd = func() winogradKernels {
	const a, b = 11.0 / 16, 11.0 / 8
	const a2, b2 = a * a, b * b
	const overA, overB = 1 / (2 * a2 * (a2 - b2)), 1 / (2 * b2 * (b2 - a2))
	return winogradKernels{
		lanes: 4,
		image: matrix{
			{a2 * b2, 0, -a2 - b2, 0, 1, 0},
			{0, -a * b2, -b2, a, 1, 0},
			{0, a * b2, -b2, -a, 1, 0},
			{0, -b * a2, -a2, b, 1, 0},
			{0, b * a2, -a2, -b, 1, 0},
			{0, a2 * b2, 0, -a2 - b2, 0, 1},
		}.apply,
		filter: matrix{
			{1 / (a2 * b2), 0, 0},
			{overA, overA * a, overA * a2},
			{overA, -overA * a, overA * a2},
			{overB, overB * b, overB * b2},
			{overB, -overB * b, overB * b2},
			{0, 0, 1},
		}.apply,
		result: matrix{
			{1, 1, 1, 1, 1, 0},
			{0, a, -a, b, -b, 0},
			{0, a2, a2, b2, b2, 0},
			{0, a * a2, -a * a2, b * b2, -b * b2, 1},
		}.apply,
		slope: matrix{
			{1 / (a2 * b2), 0, 0, 0},
			{overA, overA * a, overA * a2, overA * a * a2},
			{overA, -overA * a, overA * a2, -overA * a * a2},
			{overB, overB * b, overB * b2, overB * b * b2},
			{overB, -overB * b, overB * b2, -overB * b * b2},
			{0, 0, 0, 1},
		}.apply,
		filterSlope: matrix{
			{1, 1, 1, 1, 1, 0},
			{0, a, -a, b, -b, 0},
			{0, a2, a2, b2, b2, 1},
		}.apply,
	}
}()

type matrix [][]float32

// apply is a transformFunc.
func (m matrix) apply(dst []float32, dstStride, dstStep int, src []float32, srcStride, srcStep, n int) {
	const lanes = 4
	for i := range n {
		from, to := src[i*srcStep:], dst[i*dstStep:]
		for r, row := range m {
			var sum [lanes]float32
			for c, f := range row {
				if f == 0 {
					continue
				}
				for k, v := range from[c*srcStride:][:lanes] {
					sum[k] += f * v
				}
			}
			copy(to[r*dstStride:][:lanes], sum[:])
		}
	}
}

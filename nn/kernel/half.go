package kernel

// HalfToFloat widens IEEE binary16 numbers.
func HalfToFloat(dst []float32, src []uint16) { active.vec.halfToFloat(dst, src[:len(dst)]) }

// FloatToHalf rounds to IEEE binary16, to nearest, ties to even. What is too
// large becomes infinite.
func FloatToHalf(dst []uint16, src []float32) { active.vec.floatToHalf(dst, src[:len(dst)]) }

// BFloatToFloat widens bfloat16 numbers, the upper halves of binary32.
func BFloatToFloat(dst []float32, src []uint16) { active.vec.bfloatToFloat(dst, src[:len(dst)]) }

// FloatToBFloat rounds to bfloat16, to nearest, ties to even.
func FloatToBFloat(dst []uint16, src []float32) { active.vec.floatToBFloat(dst, src[:len(dst)]) }

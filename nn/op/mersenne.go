package op

// A mersenne is the generator MT19937 (Matsumoto and Nishimura, ACM TOMACS
// 8(1), 1998). NumPy's legacy generator is it, and with it the reference
// implementation of ONNX: the same seed drops the same elements here.
type mersenne struct {
	state [624]uint32
	next  int
}

func newMersenne(seed uint32) *mersenne {
	m := &mersenne{next: 624}
	m.state[0] = seed
	for i := 1; i < len(m.state); i++ {
		prev := m.state[i-1]
		m.state[i] = 1812433253*(prev^prev>>30) + uint32(i)
	}
	return m
}

func (m *mersenne) uint32() uint32 {
	if m.next == len(m.state) {
		m.refill()
	}
	y := m.state[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (m *mersenne) refill() {
	n := len(m.state)
	for i := range m.state {
		y := m.state[i]&0x80000000 | m.state[(i+1)%n]&0x7fffffff
		m.state[i] = m.state[(i+397)%n] ^ y>>1
		if y&1 == 1 {
			m.state[i] ^= 0x9908b0df
		}
	}
	m.next = 0
}

// float64 draws from [0, 1) with 53 bits.
func (m *mersenne) float64() float64 {
	high, low := m.uint32()>>5, m.uint32()>>6
	return (float64(high)*(1<<26) + float64(low)) / (1 << 53)
}

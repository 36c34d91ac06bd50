package main

import "math"

// A program is the body of a loop over slices, written down as expressions of
// vectors: each node is the result of one instruction. The machines turn it into
// assembly. Nodes are in the order in which they are computed.
type program struct {
	nodes     []*node
	constants map[uint32]*node
	loaded    map[int]*node
	sums      []*sum
	machine   machine
}

// node is one value. It is a vector of 32-bit numbers, or a mask of lanes.
type node struct {
	p    *program
	op   op
	args []*node
	imm  int    // a source's index, or how far to shift
	bits uint32 // of a constant
	last int    // index of the last node that uses it
	reg  string
}

type op int

const (
	opConst   op = iota
	opScalar     // parameter imm, spread over the lanes
	opLoad       // source imm
	opStore      // to place imm of the destination
	opPartial    // what sum imm holds so far
	opRenew      // sum imm takes a new value

	opAdd
	opSub
	opMul
	opDiv
	opMulAdd // a*b + c
	opNegMulAdd
	opMax // b if one of them is NaN
	opMin
	opSqrt
	opRound // to the nearest integer, ties to even
	opToInt // float to integer, rounded likewise
	opFromInt
	opAnd
	opAndNot // ^a & b
	opOr
	opXor
	opAddInt
	opSubInt
	opShiftLeft
	opShiftRight // keeps the sign
	opScale      // a * 2^b
	opLess       // masks
	opEqual
	opUnordered
	opSelect // mask ? a : b
)

// sum is a value that the loop carries along: a total, a maximum.
type sum struct {
	start   uint32
	combine op // puts two partial ones together; a maximum keeps NaN
	regs    []string
}

func (p *program) add(o op, imm int, args ...*node) *node {
	n := &node{p: p, op: o, args: args, imm: imm}
	p.nodes = append(p.nodes, n)
	return n
}

// bits returns a constant with the given bits in each lane.
func (p *program) bits(b uint32) *node {
	if p.constants[b] == nil {
		p.constants[b] = &node{p: p, op: opConst, bits: b}
	}
	return p.constants[b]
}

// c returns a constant number.
func (p *program) c(v float64) *node { return p.bits(math.Float32bits(float32(v))) }

// scalar returns the i-th scalar parameter in each lane.
func (p *program) scalar(i int) *node { return &node{p: p, op: opScalar, imm: i} }

// load returns the numbers of the i-th source.
func (p *program) load(i int) *node {
	if p.loaded[i] == nil {
		p.loaded[i] = p.add(opLoad, i)
	}
	return p.loaded[i]
}

func (p *program) store(v *node) { p.storeAt(0, v) }

// storeAt stores to the i-th of several places.
func (p *program) storeAt(i int, v *node) { p.add(opStore, i, v) }

// carry adds a value that the loop carries along, starting from start in each
// lane; step returns its next value.
func (p *program) carry(start float64, combine op, step func(before *node) *node) {
	i := len(p.sums)
	p.sums = append(p.sums, &sum{start: math.Float32bits(float32(start)), combine: combine})
	p.add(opRenew, i, step(p.add(opPartial, i)))
}

func (n *node) add(b *node) *node          { return n.p.add(opAdd, 0, n, b) }
func (n *node) sub(b *node) *node          { return n.p.add(opSub, 0, n, b) }
func (n *node) mul(b *node) *node          { return n.p.add(opMul, 0, n, b) }
func (n *node) div(b *node) *node          { return n.p.add(opDiv, 0, n, b) }
func (n *node) mulAdd(b, c *node) *node    { return n.p.add(opMulAdd, 0, n, b, c) }
func (n *node) negMulAdd(b, c *node) *node { return n.p.add(opNegMulAdd, 0, n, b, c) }
func (n *node) sqrt() *node                { return n.p.add(opSqrt, 0, n) }
func (n *node) round() *node               { return n.p.add(opRound, 0, n) }
func (n *node) toInt() *node               { return n.p.add(opToInt, 0, n) }
func (n *node) fromInt() *node             { return n.p.add(opFromInt, 0, n) }
func (n *node) and(b *node) *node          { return n.p.add(opAnd, 0, n, b) }
func (n *node) andNot(b *node) *node       { return n.p.add(opAndNot, 0, n, b) }
func (n *node) or(b *node) *node           { return n.p.add(opOr, 0, n, b) }
func (n *node) xor(b *node) *node          { return n.p.add(opXor, 0, n, b) }
func (n *node) addInt(b *node) *node       { return n.p.add(opAddInt, 0, n, b) }
func (n *node) subInt(b *node) *node       { return n.p.add(opSubInt, 0, n, b) }
func (n *node) shiftLeft(by int) *node     { return n.p.add(opShiftLeft, by, n) }
func (n *node) shiftRight(by int) *node    { return n.p.add(opShiftRight, by, n) }
func (n *node) less(b *node) *node         { return n.p.add(opLess, 0, n, b) }
func (n *node) equal(b *node) *node        { return n.p.add(opEqual, 0, n, b) }
func (n *node) unordered(b *node) *node    { return n.p.add(opUnordered, 0, n, b) }

// choose returns a where the mask is set, else b.
func (n *node) choose(a, b *node) *node { return n.p.add(opSelect, 0, n, a, b) }

// max returns the larger, and b if one of them is NaN: the bound is a, the number b.
func (n *node) max(b *node) *node { return n.p.add(opMax, 0, n, b) }

// min returns the smaller, likewise.
func (n *node) min(b *node) *node { return n.p.add(opMin, 0, n, b) }

// abs clears the sign.
func (n *node) abs() *node { return n.p.bits(signBit).andNot(n) }

const signBit = 1 << 31

// maxNaN is max that keeps the NaN of either.
func maxNaN(a, b *node) *node { return a.unordered(a).choose(a, a.max(b)) }

// minNaN is min that keeps the NaN of either.
func minNaN(a, b *node) *node { return a.unordered(a).choose(a, a.min(b)) }

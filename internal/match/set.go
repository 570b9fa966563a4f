package match

import (
	"iter"
	"math/bits"
)

// set is a set of small numbers, in their order.
type set struct {
	words []uint64
	n     int
}

// sets makes n empty sets of numbers below size.
func sets(n, size int) []set {
	words := (size + 63) / 64
	all := make([]uint64, n*words)
	out := make([]set, n)
	for i := range out {
		out[i].words = all[i*words : (i+1)*words : (i+1)*words]
	}
	return out
}

func (s *set) has(i int) bool { return s.words[i/64]&(1<<(i%64)) != 0 }
func (s *set) len() int       { return s.n }

func (s *set) add(i int) {
	if !s.has(i) {
		s.words[i/64] |= 1 << (i % 64)
		s.n++
	}
}

func (s *set) remove(i int) {
	if s.has(i) {
		s.words[i/64] &^= 1 << (i % 64)
		s.n--
	}
}

// first is the smallest member, -1 for none.
func (s *set) first() int {
	for i := range s.all() {
		return i
	}
	return -1
}

// all yields the members in order.
func (s *set) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for w, word := range s.words {
			for ; word != 0; word &= word - 1 {
				if !yield(w*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

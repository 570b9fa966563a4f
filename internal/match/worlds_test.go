package match

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawn(t *rapid.T) func(int, string) int {
	return func(n int, what string) int { return rapid.IntRange(0, n-1).Draw(t, what) }
}

// worlds is how many are tried: RECONCILE_WORLDS, or few.
func worlds() int {
	if n, err := strconv.Atoi(os.Getenv("RECONCILE_WORLDS")); err == nil {
		return n
	}
	return 300
}

// tally counts what became of the objects of many worlds.
type tally struct{ worlds, matched, twins, asked, left int }

func (c *tally) judge(t *testing.T, seed uint64, w *world) {
	t.Helper()
	got := Solve(w.in)
	if err := w.check(got); err != nil {
		t.Fatalf("world %d: %v\n%v\n%v", seed, err, lines(got), w)
	}
	for _, m := range got.Matches {
		if len(m.Twins) > 0 {
			c.twins++
		}
	}
	c.worlds, c.matched, c.asked, c.left = c.worlds+1, c.matched+len(got.Matches), c.asked+len(got.Questions), c.left+len(got.Unplaced)
}

func (c *tally) say(t *testing.T) {
	t.Helper()
	t.Logf("%d worlds: %d objects matched (%d of them twins), %d questions, %d leftovers", c.worlds, c.matched, c.twins, c.asked, c.left)
	if c.matched < c.asked/2 {
		t.Errorf("%d objects matched and %d asked about: it asks about nearly everything", c.matched, c.asked)
	}
}

// TestNoWorldMakesAWrongMatch fails when an object is given an address that it
// was not made for, or is told to be nobody's. RECONCILE_WORLDS sets how many
// worlds are tried; with -v the test says how many objects found their address.
func TestNoWorldMakesAWrongMatch(t *testing.T) {
	tally := &tally{}
	for seed := range uint64(worlds()) {
		r := rand.New(rand.NewPCG(seed, 7))
		tally.judge(t, seed, newWorld(func(n int, _ string) int { return r.IntN(n) }))
	}
	tally.say(t)
}

// TestNoDrawnWorldMakesAWrongMatch is the same with worlds that shrink.
func TestNoDrawnWorldMakesAWrongMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(drawn(t))
		r := Solve(w.in)
		if err := w.check(r); err != nil {
			t.Fatalf("%v\n%v\n%v", err, lines(r), w)
		}
	})
}

func TestTheOrderOfTheInputChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		make := newWorld
		if rapid.Bool().Draw(t, "hard") {
			make = hardWorld
		}
		w := make(drawn(t))
		want := Solve(w.in)
		shuffled := w.in
		shuffled.Open = rapid.Permutation(w.in.Open).Draw(t, "open")
		shuffled.Objects = rapid.Permutation(w.in.Objects).Draw(t, "objects")
		got := Solve(shuffled)
		if d := cmp.Diff(lines(want), lines(got)); d != "" {
			t.Fatal(d)
		}
		if d := cmp.Diff(fits(want), fits(got)); d != "" {
			t.Fatal(d)
		}
	})
}

func fits(r Result) [][]string {
	var out [][]string
	for _, m := range r.Matches {
		out = append(out, m.Fits)
	}
	for _, q := range r.Questions {
		for _, c := range q.Candidates {
			out = append(out, c.Tells)
		}
	}
	return out
}

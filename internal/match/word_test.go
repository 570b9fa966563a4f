package match

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"reconcile/internal/diff"
	"reconcile/providers"
)

func TestAWordSettlesWhatItNamesAndNothingThatContradictsIt(t *testing.T) {
	log := func(pairs ...string) map[string]Word {
		out := map[string]Word{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = Word{ID: pairs[i+1], Says: "the log"}
		}
		return out
	}
	two := []Address{at("aws_vpc.a", "cidr_block", "10.0.0.0/16"), at("aws_vpc.b", "cidr_block", "10.0.0.0/16")}
	vpcs := []diff.Object{made("aws_vpc", "vpc-1", "cidr_block", "10.0.0.0/16"), made("aws_vpc", "vpc-2", "cidr_block", "10.0.0.0/16")}
	subnet := func(name string) Address {
		return at("aws_subnet."+name, "vpc_id", ref("aws_vpc."+name+".id"), "cidr_block", "10.0.1.0/24")
	}
	net := func(id, vpc string) diff.Object {
		return made("aws_subnet", id, "vpc_id", vpc, "cidr_block", "10.0.1.0/24")
	}
	for name, c := range map[string]struct {
		in   Input
		want []string
	}{
		"without a word they are not told apart, as different resources": {
			Input{Open: two, Objects: vpcs},
			[]string{"vpc-1 ? aws_vpc.a aws_vpc.b: it fits 2 addresses", "vpc-2 ? aws_vpc.a aws_vpc.b: it fits 2 addresses"}},
		"one word leaves the other one address": {
			Input{Open: two, Objects: vpcs, Told: log("aws_vpc.b", "vpc-1")},
			[]string{"vpc-1 -> aws_vpc.b, says the log", "vpc-2 -> aws_vpc.a"}},
		"what refers to it follows": {
			Input{Open: append([]Address{subnet("a"), subnet("b")}, two...), Objects: append([]diff.Object{net("subnet-1", "vpc-1"), net("subnet-2", "vpc-2")}, vpcs...),
				Told: log("aws_vpc.b", "vpc-1")},
			[]string{"subnet-1 -> aws_subnet.b", "subnet-2 -> aws_subnet.a", "vpc-1 -> aws_vpc.b, says the log", "vpc-2 -> aws_vpc.a"}},
		"and what it refers to": {
			Input{Open: append([]Address{subnet("a"), subnet("b")}, two...), Objects: append([]diff.Object{net("subnet-1", "vpc-1"), net("subnet-2", "vpc-2")}, vpcs...),
				Told: log("aws_subnet.b", "subnet-1")},
			[]string{"subnet-1 -> aws_subnet.b, says the log", "subnet-2 -> aws_subnet.a", "vpc-1 -> aws_vpc.b", "vpc-2 -> aws_vpc.a"}},
		"another value of what the create call fixed is a question with both sides": {
			Input{Open: []Address{at("aws_vpc.a", "cidr_block", "10.0.0.0/16"), at("aws_vpc.b", "cidr_block", "10.1.0.0/16")}, Objects: vpcs[:1], Told: log("aws_vpc.b", "vpc-1")},
			[]string{"vpc-1 ? aws_vpc.a aws_vpc.b: the log puts it at aws_vpc.b, but its cidr_block is 10.0.0.0/16, and the address wants 10.1.0.0/16"}},
		"a reference that leads elsewhere as well": {
			Input{Open: []Address{subnet("a")}, Bound: map[string]providers.Attrs{"aws_vpc.a": attrs("id", "vpc-7")}, Objects: []diff.Object{net("subnet-1", "vpc-1")},
				Told: log("aws_subnet.a", "subnet-1")},
			[]string{"subnet-1 ? aws_subnet.a: the log puts it at aws_subnet.a, but its vpc_id is vpc-1, and the address wants aws_vpc.a.id = vpc-7"}},
		"a reference that cannot be read does not": {
			Input{Open: []Address{subnet("a")}, Unread: map[string]bool{"aws_vpc.a": true}, Objects: []diff.Object{net("subnet-1", "vpc-1")}, Told: log("aws_subnet.a", "subnet-1")},
			[]string{"subnet-1 -> aws_subnet.a, says the log"}},
		"an address of which nothing is known takes what it is told": {
			Input{Open: []Address{at("aws_vpc.a", "cidr_block", unknown{})}, Objects: vpcs[:1], Told: log("aws_vpc.a", "vpc-1")},
			[]string{"vpc-1 -> aws_vpc.a, says the log"}},
		"a word of another id keeps others away, as a question": {
			Input{Open: two[:1], Objects: vpcs[:1], Told: log("aws_vpc.a", "vpc-9")},
			[]string{"vpc-1 ? aws_vpc.a: it fits aws_vpc.a, and the log says that vpc-9 is there"}},
		"two words for one object are none": {
			Input{Open: two, Objects: vpcs, Told: log("aws_vpc.a", "vpc-1", "aws_vpc.b", "vpc-1")},
			[]string{"vpc-1 ? aws_vpc.a aws_vpc.b: the log puts it at aws_vpc.a and at aws_vpc.b",
				"vpc-2 ? aws_vpc.a aws_vpc.b: it fits aws_vpc.a, and the log says that vpc-1 is there"}},
		"an id of another type is no object of this one": {
			Input{Open: []Address{at("aws_vpc.a", "cidr_block", "10.0.1.0/24")}, Objects: []diff.Object{net("subnet-1", "vpc-1")}, Told: log("aws_vpc.a", "subnet-1")},
			[]string{"subnet-1 -"}},
		"what a later call changed is no contradiction": {
			Input{Open: []Address{at("aws_internet_gateway.x", "vpc_id", "vpc-1")}, Objects: []diff.Object{made("aws_internet_gateway", "igw-1", "vpc_id", "vpc-9")},
				Told: log("aws_internet_gateway.x", "igw-1")},
			[]string{"igw-1 -> aws_internet_gateway.x, says the log"}},
		"a request for other tags is, but for a person": {
			Input{Open: []Address{at("aws_vpc.a", "cidr_block", "10.0.0.0/16", "tags_all", tags("Name", "a")), at("aws_vpc.b", "cidr_block", "10.0.0.0/16", "tags_all", tags("Name", "b"))},
				Objects: []diff.Object{asking(vpcs[0], "Name", "z"), asking(vpcs[1], "Name", "z")},
				Told:    map[string]Word{"aws_vpc.a": {ID: "vpc-1", Says: "the log"}, "aws_vpc.b": {ID: "vpc-2", Says: "--map", Firm: true}}},
			[]string{"vpc-1 ? aws_vpc.a: the log puts it at aws_vpc.a, but the session asked for other tags than the address wants", "vpc-2 -> aws_vpc.b, says --map"}},
		"a blocked address stays blocked": {
			Input{Open: []Address{{Wanted: two[0].Wanted, Kind: two[0].Kind, Place: here, Blocked: "it could not be read"}}, Objects: vpcs[:1], Told: log("aws_vpc.a", "vpc-1")},
			[]string{"vpc-1 ? aws_vpc.a: it cannot be imported there now: it could not be read"}},
		"a route by its own id": {
			Input{Open: []Address{at("aws_route.r", "route_table_id", ref("aws_route_table.a.id", "aws_route_table.b.id"), "destination_cidr_block", "0.0.0.0/0")},
				Bound:   map[string]providers.Attrs{"aws_route_table.a": attrs("id", "rtb-1"), "aws_route_table.b": attrs("id", "rtb-2")},
				Objects: []diff.Object{route("rtb-1"), route("rtb-2")}, Told: log("aws_route.r", "rtb-2_0.0.0.0/0")},
			[]string{"rtb-1_0.0.0.0/0 -", "rtb-2_0.0.0.0/0 -> aws_route.r, says the log"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, said(Solve(c.in))); d != "" {
				t.Error(d)
			}
		})
	}
}

func route(table string) diff.Object {
	o := made("aws_route", table+"_0.0.0.0/0", "route_table_id", table, "destination_cidr_block", "0.0.0.0/0")
	return o
}

// said are the lines of a result, with who says so.
func said(r Result) []string {
	out := lines(r)
	for _, m := range r.Matches {
		if m.Says != "" {
			line := m.Object.ID + " -> " + m.Address.Wanted.Address
			out[slices.Index(out, line)] = line + ", says " + m.Says
		}
	}
	return out
}

// TestTrueWordsAreFollowedAndMislead fails when an object does not get the
// address that a true word gives it, or when others go wrong because of it.
func TestTrueWordsAreFollowedAndMisleadNobody(t *testing.T) {
	matched, without := 0, 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 11))
		w := newWorld(func(n int, _ string) int { return r.IntN(n) })
		without += len(Solve(w.in).Matches)
		w.in.Told = map[string]Word{}
		blocked := map[string]bool{}
		for _, a := range w.in.Open {
			blocked[a.Wanted.Address] = a.Blocked != ""
			if id := w.ids[a.Wanted.Address]; id != "" && w.truth[id] == a.Wanted.Address && r.IntN(2) == 0 {
				w.in.Told[a.Wanted.Address] = Word{ID: id, Says: "the log"}
			}
		}
		got := Solve(w.in)
		if err := w.check(got); err != nil {
			t.Fatalf("world %d: %v\n%v\n%v", seed, err, lines(got), w)
		}
		for address, word := range w.in.Told {
			if !blocked[address] && !slices.ContainsFunc(got.Matches, func(m Match) bool {
				return m.Address.Wanted.Address == address && m.Object.ID == word.ID && m.Says == "the log"
			}) {
				t.Fatalf("world %d: %s was told to be at %s and is not\n%v\n%v", seed, word.ID, address, lines(got), w)
			}
		}
		matched += len(got.Matches)
	}
	t.Logf("%d objects matched with words, %d without", matched, without)
	if matched <= without {
		t.Errorf("%d objects matched with words and %d without: they are of no use", matched, without)
	}
}

// TestNoWordPlacesWhatContradictsIt draws words of which most are false.
func TestNoWordPlacesWhatContradictsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(drawn(t))
		if len(w.in.Objects) == 0 {
			return
		}
		w.in.Told = map[string]Word{}
		for _, a := range w.in.Open {
			if rapid.Bool().Draw(t, "told") {
				o := w.in.Objects[rapid.IntRange(0, len(w.in.Objects)-1).Draw(t, "object")]
				w.in.Told[a.Wanted.Address] = Word{ID: o.ID, Says: "the log", Firm: rapid.Bool().Draw(t, "firm")}
			}
		}
		got := Solve(w.in)
		times := map[string]int{}
		for _, m := range got.Matches {
			times[m.Object.ID]++
			for name, v := range m.Address.Wanted.Values {
				if slices.Contains(m.Address.Kind.Hard(), name) && v.IsKnown() && providers.Canon(v.Known) != "" && providers.Canon(v.Known) != providers.Canon(m.Object.Attrs[name]) {
					t.Fatalf("%s is given %s against its %s\n%v", m.Object.ID, m.Address.Wanted.Address, name, w)
				}
			}
			if word, told := w.in.Told[m.Address.Wanted.Address]; told && word.ID != m.Object.ID {
				t.Fatalf("%s is given %s, where %s was told to be", m.Object.ID, m.Address.Wanted.Address, word.ID)
			}
		}
		for _, q := range got.Questions {
			times[q.Object.ID]++
			if len(q.Candidates) == 0 || q.Reason == "" {
				t.Fatalf("the question about %s has no candidate or no reason", q.Object.ID)
			}
		}
		for _, o := range got.Unplaced {
			times[o.ID]++
			if slices.ContainsFunc(sortedWords(w.in.Told), func(word Word) bool { return word.ID == o.ID && o.Type == typeOf(addressOf(w.in.Told, word)) }) {
				t.Fatalf("%s was told to be at an address and is called a leftover", o.ID)
			}
		}
		for _, o := range w.in.Objects {
			if times[o.ID] != 1 {
				t.Fatalf("%s is told %d times", o.ID, times[o.ID])
			}
		}
		shuffled := w.in
		shuffled.Open = rapid.Permutation(w.in.Open).Draw(t, "open")
		shuffled.Objects = rapid.Permutation(w.in.Objects).Draw(t, "objects")
		if d := cmp.Diff(said(got), said(Solve(shuffled))); d != "" {
			t.Fatal(d)
		}
	})
}

func sortedWords(told map[string]Word) []Word {
	var out []Word
	for _, w := range told {
		out = append(out, w)
	}
	return out
}

func addressOf(told map[string]Word, word Word) string {
	for a, w := range told {
		if w == word {
			return a
		}
	}
	return ""
}

package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// drawIncident is any state, plan, trail and reading, consistent or not.
func drawIncident(t *rapid.T) *incident {
	pick := func(n int, what string) int { return rapid.IntRange(0, n-1).Draw(t, what) }
	c := newIncident()
	cidr := func() string { return fmt.Sprintf("10.%d.0.0/16", pick(2, "cidr")) }
	ids := map[string]string{"aws_vpc": "vpc", "aws_route_table": "rtb", "aws_subnet": "subnet", "aws_main_route_table_association": "rtbassoc"}
	types := slices.Sorted(func(yield func(string) bool) {
		for typ := range ids {
			if !yield(typ) {
				return
			}
		}
	})
	facts := func(typ string) providers.Attrs {
		if typ == "aws_vpc" {
			return attrs("cidr_block", cidr())
		}
		return attrs("vpc_id", fmt.Sprintf("vpc-%d", pick(3, "vpc")), "cidr_block", cidr())
	}
	for _, typ := range types {
		for n := range 3 {
			id, address := fmt.Sprintf("%s-%d", ids[typ], n), fmt.Sprintf("%s.x[%d]", typ, n)
			a := facts(typ)
			if pick(3, "live") > 0 {
				o := c.live(typ, id, a)
				if l := pick(6, "life"); l > 3 {
					o.Life = []providers.Life{providers.Pending, providers.Gone}[l-4]
				}
			}
			for _, by := range []string{"ci", "eve", "unclear"} {
				for range pick(3, by) {
					c.event(by, pick(5, "second"), []string{"Created", "Deleted", "Changed"}[pick(3, "role")]+" "+typ+" "+id)
				}
			}
			if pick(3, "recorded") == 2 {
				again := attrs("id", id)
				for k, v := range a {
					again[k] = v
				}
				c.recorded(fmt.Sprintf("%s.x[%d]", typ, pick(3, "address")*10+n), []string{"", "", "tainted", "00000001"}[pick(4, "mark")], again)
			}
			if pick(3, "wanted") > 0 {
				action := []wanted.Action{wanted.Create, wanted.Replace, wanted.ReplaceCBD, wanted.Update, wanted.NoOp, wanted.Delete}[pick(6, "action")]
				prior := ""
				if action != wanted.Create {
					prior = id
				}
				switch typ {
				case "aws_vpc":
					c.wanted(address, action, prior, "cidr_block", cidr())
				default:
					c.wanted(address, action, prior, "vpc_id", fmt.Sprintf("=aws_vpc.x[%d].id", pick(3, "target")), "cidr_block", cidr())
				}
			}
		}
		switch pick(8, "reading") {
		case 5:
			c.coverage(typ, providers.Throttled)
		case 6:
			c.reading.Looks[diff.LookKey{Type: typ, Place: west}] = diff.Look{Err: fmt.Errorf("RequestLimitExceeded")}
		case 7:
			delete(c.reading.Looks, diff.LookKey{Type: typ, Place: west})
		}
	}
	// Replacements whose old object is gone, alive or neither.
	for n, action := range []wanted.Action{wanted.Replace, wanted.ReplaceCBD} {
		address, old, fresh := fmt.Sprintf("aws_vpc.r%d", n), fmt.Sprintf("vpc-old%d", n), fmt.Sprintf("vpc-new%d", n)
		c.recorded(address, []string{"", "", "tainted"}[pick(3, "mark")], attrs("id", old, "cidr_block", "10.8.0.0/16"))
		c.wanted(address, action, old, "cidr_block", fmt.Sprintf("10.9%d.0.0/16", n))
		if pick(4, "deposed") == 3 {
			c.recorded(address, "00000001", attrs("id", old+"-deposed"))
		}
		switch pick(4, "old") {
		case 0, 1:
			c.event("ci", 1, "Deleted aws_vpc "+old)
		case 2:
			c.live("aws_vpc", old, attrs("cidr_block", "10.8.0.0/16"))
		}
		if pick(4, "new") < 3 {
			o := c.made(2, "aws_vpc", fresh, attrs("cidr_block", fmt.Sprintf("10.9%d.0.0/16", n)))
			if pick(5, "life") == 4 {
				o.Life, o.State = providers.Pending, "pending"
			}
		}
	}
	for n := range c.reading.Trail.Own {
		c.reading.Trail.Own[n].EventID += fmt.Sprintf("-%d", n)
	}
	if pick(4, "adopt") == 3 {
		c.in.Adopt = []string{fmt.Sprintf("vpc-%d", pick(3, "adopted"))}
	}
	c.in.AllowMassRemoval = true
	return c
}

func (c *incident) calls(role providers.Role, typ, id string) bool {
	return slices.ContainsFunc(c.reading.Trail.Own, func(e providers.Call) bool {
		return slices.ContainsFunc(e.Mutations, func(m providers.Mutation) bool { return m.Role == role && m.Type == typ && m.ID == id })
	})
}

func (c *incident) wantedAt(address string) wanted.Instance {
	w, ok := c.want.Find(address)
	if !ok {
		return wanted.Instance{}
	}
	return *w
}

func TestNoRemovalWithoutProofOrLabel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawIncident(t)
		r := c.build()
		for n, a := range r.Actions {
			if a.Op != StateRm {
				continue
			}
			if a.Releases {
				next := slices.IndexFunc(r.Actions, func(b Action) bool { return b.Op == Import && b.Address == a.Address })
				if next != n+1 || c.wantedAt(a.Address).Action != wanted.ReplaceCBD {
					t.Fatalf("step %d releases %s without its successor", a.N, a.ID)
				}
				continue
			}
			at := diff.LookKey{Type: a.Type, Place: west}
			look, asked := c.reading.Looks[at]
			if c.reading.Inventory.Status(a.Type, west) != providers.Read || !asked || look.Err != nil {
				t.Fatalf("%s is removed, and it was not read completely and twice", a.Address)
			}
			if slices.ContainsFunc(c.reading.Inventory.Objects, func(o providers.Object) bool {
				return o.Type == a.Type && o.ID == a.ID && o.Life != providers.Gone
			}) {
				t.Fatalf("%s is removed, and %s is alive", a.Address, a.ID)
			}
			if a.Confirm == nil || len(a.Confirm.Argv) == 0 {
				t.Fatalf("%s is removed without a last look", a.Address)
			}
			own := len(a.EventIDs) > 0
			for _, id := range a.EventIDs {
				own = own && slices.ContainsFunc(c.reading.Trail.Own, func(e providers.Call) bool {
					return e.EventID == id && e.Mutations[0].Role == providers.Deleted
				})
			}
			if !own {
				t.Fatalf("%s is removed on the events %v, which are not the session's deletions", a.Address, a.EventIDs)
			}
			for _, i := range r.Findings {
				if i.Address == a.Address && i.Deposed != "" && i.Status != GoneExplained {
					t.Fatalf("%s is removed, and its deposed object %s is %s", a.Address, i.ID, i.Status)
				}
			}
		}
	})
}

func TestNothingIsImportedThatTheSessionDidNotMake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawIncident(t)
		r := c.build()
		for _, a := range r.Actions {
			switch a.Op {
			case Import:
				if k, _ := kinds.Find(a.Type); k.Import == "" {
					t.Fatalf("%s is imported, and its type cannot be", a.Address)
				}
				if !c.calls(providers.Created, a.Type, a.ID) && !slices.Contains(c.in.Adopt, a.ID) {
					t.Fatalf("%s is imported, and the session did not make it", a.ID)
				}
				if w := c.wantedAt(a.Address); w.Action == "" || w.Action == wanted.Delete || w.Type != a.Type {
					t.Fatalf("%s is imported, and the plan wants nothing there", a.Address)
				}
			case Untaint:
				if !c.calls(providers.Created, a.Type, a.ID) {
					t.Fatalf("%s is untainted, and the session did not make it", a.ID)
				}
			}
		}
	})
}

func TestEverythingIsToldOnce(t *testing.T) {
	first := []FindingStatus{InState, Drifted, GoneExplained, GoneUnexplained, Replaced, PendingObject, Unknown}
	rapid.Check(t, func(t *rapid.T) {
		c := drawIncident(t)
		r := c.build()
		for _, i := range c.state.Instances {
			a, err := i.Attrs()
			if err != nil {
				t.Fatal(err)
			}
			told := 0
			for _, f := range r.Findings {
				if f.Address == i.Address && f.Deposed == i.Deposed && slices.Contains(first, f.Status) && (f.OldID == a.Text("id") || (f.OldID == "" && f.ID == a.Text("id"))) {
					told++
				}
			}
			same := 0
			for _, j := range c.state.Instances {
				if b, err := j.Attrs(); err == nil && j.Address == i.Address && j.Deposed == i.Deposed && b.Text("id") == a.Text("id") {
					same++
				}
			}
			if told != same {
				t.Fatalf("%s %q (%s) has %d findings", i.Address, i.Deposed, a.Text("id"), told)
			}
		}
		for _, o := range diff.Compare(diff.NewSubject(&c.state, &c.want, kinds, west.Region, nil), c.reading).Objects {
			if o.Maker == diff.BySession && !o.Kind.Facet && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Type == o.Type && f.ID == o.ID }) {
				t.Fatalf("%s was made by the session and is not told", o.ID)
			}
		}
		if len(r.Mutations) != len(c.reading.Trail.Own) {
			t.Fatalf("%d calls accounted for of %d", len(r.Mutations), len(c.reading.Trail.Own))
		}
		for _, m := range r.Mutations {
			if !slices.Contains(outcomes, m.Outcome) {
				t.Fatalf("call %s has the outcome %q", m.EventID, m.Outcome)
			}
		}
		for _, q := range r.Questions {
			for _, candidate := range q.Candidates {
				if !slices.ContainsFunc(r.Guard.KnownAlive, func(a Alive) bool { return a.Address == candidate.Address && a.ID == q.ID }) {
					t.Fatalf("%s may be at %s, and the closing check does not know", q.ID, candidate.Address)
				}
			}
		}
		for _, f := range r.Findings {
			pending := f.Status == PendingObject && f.Address != "" && strings.HasPrefix(f.Reason, "made by")
			if pending && !slices.ContainsFunc(r.Guard.KnownAlive, func(a Alive) bool { return a.Address == f.Address }) {
				t.Fatalf("%s is pending at %s, and the closing check does not know", f.ID, f.Address)
			}
		}
	})
}

func TestStepsComeInAnOrderThatCanBeRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawIncident(t).build()
		at, done := map[string]bool{}, map[string]bool{}
		loose := false
		for n, a := range r.Actions {
			if a.N != n+1 {
				t.Fatalf("step %d has number %d", n+1, a.N)
			}
			if k := string(a.Op) + a.Address; done[k] {
				t.Fatalf("%s %s comes twice", a.Op, a.Address)
			} else {
				done[k] = true
			}
			for _, need := range a.Needs {
				if !at[need] {
					t.Fatalf("%s needs %s, which comes later or not at all", a.Address, need)
				}
			}
			at[a.Address] = true
			followed := n+1 < len(r.Actions) && r.Actions[n+1].Address == a.Address
			if loose && !(a.Op == StateRm && !followed) {
				t.Fatalf("%s %s comes after removals that nothing follows", a.Op, a.Address)
			}
			loose = loose || (a.Op == StateRm && !followed)
		}
	})
}

func TestTheOrderOfTheInputChangesNoByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawIncident(t)
		want, err := json.Marshal(c.build())
		if err != nil {
			t.Fatal(err)
		}
		d := *c
		d.state.Instances = rapid.Permutation(c.state.Instances).Draw(t, "state")
		d.want.Instances = rapid.Permutation(c.want.Instances).Draw(t, "plan")
		d.reading.Inventory.Objects = rapid.Permutation(c.reading.Inventory.Objects).Draw(t, "objects")
		d.reading.Inventory.Coverage = rapid.Permutation(c.reading.Inventory.Coverage).Draw(t, "coverage")
		d.reading.Trail.Own = rapid.Permutation(c.reading.Trail.Own).Draw(t, "own")
		d.reading.Trail.Others = rapid.Permutation(c.reading.Trail.Others).Draw(t, "others")
		d.reading.Trail.Unclear = rapid.Permutation(c.reading.Trail.Unclear).Draw(t, "unclear")
		got, err := json.Marshal(d.build())
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(got) {
			t.Fatal(cmp.Diff(string(want), string(got)))
		}
		var again Report
		if err := json.Unmarshal(want, &again); err != nil {
			t.Fatal(err)
		}
		if twice, err := json.Marshal(again); err != nil || string(twice) != string(want) {
			t.Fatalf("decoding and encoding changes the report: %v", err)
		}
	})
}

// TestADeletionThatTheRunDidNotSeeThroughIsLeftToTheRefresh fails when a state
// rm is planned for what Terraform itself may still have waited for.
func TestADeletionThatTheRunDidNotSeeThroughIsLeftToTheRefresh(t *testing.T) {
	for name, c := range map[string]struct {
		seen  map[string]bool
		adopt []string
		steps int
	}{
		"not seen":          {nil, nil, 0},
		"seen":              {map[string]bool{"aws_waited x-1": true}, nil, 1},
		"a person's word":   {nil, []string{"x-1"}, 1},
		"another was seen":  {map[string]bool{"aws_waited x-2": true}, nil, 0},
		"word about others": {nil, []string{"x-2"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			waited := providers.Kind{Type: "aws_waited", Import: "{id}", Account: "owner_id", Confirm: confirm, Wait: providers.Wait{Call: "DescribeWaited", Names: "{id}"}}
			i.recorded("aws_waited.a", "", attrs("id", "x-1"))
			i.event("ci", 1, "Deleted aws_waited x-1")
			i.reading.Inventory.Coverage = append(i.reading.Inventory.Coverage, providers.Coverage{Type: "aws_waited", Place: west, Status: providers.Read})
			i.reading.Looks[diff.LookKey{Type: "aws_waited", Place: west}] = diff.Look{}
			in := i.in
			in.Subject, in.Reading = diff.NewSubject(&i.state, &i.want, append(slices.Clone(kinds), waited), west.Region, nil), i.reading
			in.SeenThrough, in.Adopt = c.seen, c.adopt
			r := Build(in)
			if len(r.Actions) != c.steps {
				t.Errorf("%d steps, want %d: %v", len(r.Actions), c.steps, r.Findings[0].Reason)
			}
			if told := len(r.Notes) > 0; told != (name == "word about others") {
				t.Errorf("notes %v", r.Notes)
			}
			if got := Deletions(in); len(got) != 1 || got[0].Key != "aws_waited x-1" || got[0].Names != "x-1" {
				t.Errorf("deletions %v", got)
			}
		})
	}
}

func TestMassRemovalWaits(t *testing.T) {
	many := func(gone, there int, allow bool) *Report {
		c := newIncident()
		for n := range gone {
			c.recorded(fmt.Sprintf("aws_vpc.gone[%d]", n), "", attrs("id", fmt.Sprintf("vpc-g%d", n)))
			c.event("ci", n, fmt.Sprintf("Deleted aws_vpc vpc-g%d", n))
		}
		for n := range there {
			c.recorded(fmt.Sprintf("aws_vpc.there[%d]", n), "", attrs("id", fmt.Sprintf("vpc-t%d", n)))
			c.live("aws_vpc", fmt.Sprintf("vpc-t%d", n), attrs())
		}
		// A replacement is no loss, held or not.
		c.recorded("aws_vpc.new", "", attrs("id", "vpc-old", "cidr_block", "10.0.0.0/16"))
		c.event("ci", 0, "Deleted aws_vpc vpc-old")
		c.made(50, "aws_vpc", "vpc-new", attrs("cidr_block", "10.1.0.0/16"))
		c.wanted("aws_vpc.new", wanted.Replace, "vpc-old", "cidr_block", "10.1.0.0/16")
		c.in.AllowMassRemoval = allow
		return c.build()
	}
	for _, c := range []struct {
		gone, there int
		allow       bool
		held        int
	}{{10, 0, false, 0}, {11, 0, false, 11}, {11, 0, true, 0}, {11, 99, false, 0}, {11, 97, false, 11}} {
		r := many(c.gone, c.there, c.allow)
		if len(r.Held) != c.held || len(r.Actions) != c.gone-c.held+2 {
			t.Errorf("%d gone of %d, allowed %v: %d held and %d steps, want %d and %d", c.gone, c.gone+c.there+1, c.allow, len(r.Held), len(r.Actions), c.held, c.gone-c.held+2)
		}
		if (c.held > 0) != (r.Verdict == NeedsPerson) {
			t.Errorf("%d held, and the verdict is %s", c.held, r.Verdict)
		}
	}
}

func TestACycleOrdersTheRestStill(t *testing.T) {
	got := topological([]string{"a", "b", "c", "d"}, map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"b"}})
	if d := cmp.Diff([]string{"d", "b", "a", "c"}, got); d != "" {
		t.Error(d)
	}
}

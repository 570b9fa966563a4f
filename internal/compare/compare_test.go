package compare

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"reconcile/internal/plan"
	"reconcile/providers"
)

func sample() *plan.Report {
	return &plan.Report{
		Schema: plan.Schema, Incident: "INC-1", GeneratedAt: time.Unix(1e9, 0).UTC(), Verdict: plan.NeedsPerson,
		Findings: []plan.Finding{
			{Status: plan.InState, Address: "aws_vpc.a", Type: "aws_vpc", ID: "vpc-1"},
			{Status: plan.Unknown, Address: "aws_subnet.a", Type: "aws_subnet", ID: "subnet-1"},
			{Status: plan.Unrecorded, Type: "aws_route_table", ID: "rtb-1"},
		},
		Actions: []plan.Action{
			{N: 1, Op: plan.StateRm, Address: "aws_vpc.b", Type: "aws_vpc", ID: "vpc-2"},
			{N: 2, Op: plan.Import, Address: "aws_vpc.b", Type: "aws_vpc", ID: "vpc-3"},
		},
		Questions: []plan.Question{{Type: "aws_route_table", ID: "rtb-1", Text: "which?", Candidates: []plan.Candidate{{Address: "aws_route_table.a"}}}},
		Coverage:  []providers.Coverage{{Type: "aws_vpc", Place: providers.Place{Account: "1", Region: "r"}, Status: providers.Read, Objects: 3}},
		Mutations: []plan.Accounted{{Call: providers.Call{EventID: "e1", Name: "CreateVpc"}, Outcome: "unrecorded"}},
	}
}

// copyOf is a report that shares nothing with r.
func copyOf(t interface{ Fatal(...any) }, r *plan.Report) *plan.Report {
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out plan.Report
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

// TestWhatDiffersIsTold: one change of the second report, and what is told of it.
func TestWhatDiffersIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*plan.Report)
		told   func(*Diff) any
		want   any
	}{
		"a later plan by another version of the same world": {
			func(r *plan.Report) {
				r.GeneratedAt, r.Tool.Version, r.Notes = r.GeneratedAt.Add(time.Hour), "v2", []string{"note"}
				r.Coverage[0].Objects = 9
			}, func(d *Diff) any { return d.Same }, true,
		},
		"a verdict": {
			func(r *plan.Report) { r.Verdict = plan.InSync },
			func(d *Diff) any { return d.Facts }, []Fact{{"verdict", "needs_person", "in_sync"}},
		},
		"a finding that becomes known": {
			func(r *plan.Report) { r.Findings[1].Status = plan.GoneExplained },
			func(d *Diff) any { return []any{d.Findings[0].Change, d.Findings[0].Fields} }, []any{Changed, []string{"status"}},
		},
		"an address with another object is one change, not two": {
			func(r *plan.Report) { r.Findings[0].Status, r.Findings[0].ID = plan.Replaced, "vpc-9" },
			func(d *Diff) any { return []any{len(d.Findings), d.Findings[0].Fields} }, []any{1, []string{"id", "status"}},
		},
		"a finding without an address comes and goes by its id": {
			func(r *plan.Report) { r.Findings[2].ID = "rtb-2" },
			func(d *Diff) any { return []any{d.Findings[0].Change, d.Findings[1].Change} }, []any{Went, Came},
		},
		"a step that goes": {
			func(r *plan.Report) { r.Actions = r.Actions[1:]; r.Actions[0].N = 1 },
			func(d *Diff) any { return []any{len(d.Actions), d.Actions[0].Change, d.Actions[0].A.Op, d.Reordered} },
			[]any{1, Went, plan.StateRm, false},
		},
		"another order": {
			func(r *plan.Report) { slices.Reverse(r.Actions) },
			func(d *Diff) any { return []any{len(d.Actions), d.Reordered, d.Same} }, []any{0, true, false},
		},
		"a question that an answer settled": {
			func(r *plan.Report) {
				r.Questions, r.Answers = nil, []plan.Answer{{Address: "aws_route_table.a", Type: "aws_route_table", ID: "rtb-1"}}
			}, func(d *Diff) any { return d.Questions[0].Settled }, "answered: aws_route_table.a",
		},
		"a question that a step settled": {
			func(r *plan.Report) {
				r.Questions = nil
				r.Actions = append(r.Actions, plan.Action{Op: plan.Import, Address: "aws_route_table.a", Type: "aws_route_table", ID: "rtb-1"})
			}, func(d *Diff) any { return d.Questions[0].Settled }, "a step imports it at aws_route_table.a",
		},
		"a question whose object is another's": {
			func(r *plan.Report) { r.Questions, r.Findings[2].Status = nil, plan.Foreign },
			func(d *Diff) any { return d.Questions[0].Settled }, "it is foreign",
		},
		"a question that is simply gone": {
			func(r *plan.Report) { r.Questions, r.Findings = nil, r.Findings[:2] },
			func(d *Diff) any { return d.Questions[0].Settled }, "it is asked no more",
		},
		"a listing that is denied now": {
			func(r *plan.Report) { r.Coverage[0].Status, r.Coverage[0].Error = providers.Denied, "denied" },
			func(d *Diff) any { return d.Coverage[0].Fields }, []string{"error", "status"},
		},
		"a record that arrived late": {
			func(r *plan.Report) {
				r.Mutations = append(r.Mutations, plan.Accounted{Call: providers.Call{EventID: "e2"}, Outcome: "gone"})
			}, func(d *Diff) any { return []any{d.Calls[0].Change, d.Calls[0].B.EventID} }, []any{Came, "e2"},
		},
		"a reason of incompleteness": {
			func(r *plan.Report) { r.Incomplete = []string{"denied"} },
			func(d *Diff) any { return []any{d.Incomplete[0].Change, *d.Incomplete[0].B} }, []any{Came, "denied"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := copyOf(t, sample())
			c.change(b)
			d := Reports(sample(), b)
			if diff := cmp.Diff(c.want, c.told(d)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAReportIsTheSameAsItself, and what came one way round went the other.
func TestAReportIsTheSameAsItselfAndTheOtherWayRoundIsTheReverse(t *testing.T) {
	status := rapid.SampledFrom([]plan.FindingStatus{plan.InState, plan.Unknown, plan.Unrecorded})
	few := rapid.SampledFrom([]string{"", "a", "b", "c"})
	report := rapid.Custom(func(t *rapid.T) *plan.Report {
		r := &plan.Report{Incident: few.Draw(t, "incident")}
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			r.Findings = append(r.Findings, plan.Finding{Status: status.Draw(t, "s"), Address: few.Draw(t, "a"), ID: few.Draw(t, "i")})
			r.Actions = append(r.Actions, plan.Action{Op: plan.Import, Address: few.Draw(t, "aa"), ID: few.Draw(t, "ai")})
			r.Held = append(r.Held, few.Draw(t, "h"))
		}
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := report.Draw(t, "a"), report.Draw(t, "b")
		if d := Reports(a, copyOf(t, a)); len(d.Findings)+len(d.Actions)+len(d.Held)+len(d.Facts) > 0 {
			t.Fatalf("a report differs from itself: %+v", d)
		}
		there, back := Reports(a, b), Reports(b, a)
		if x, y := tally(there.Findings), tally(back.Findings); x[Came] != y[Went] || x[Went] != y[Came] || x[Changed] != y[Changed] {
			t.Fatalf("%v one way, %v the other", x, y)
		}
		if x, y := tally(there.Held), tally(back.Held); x[Came] != y[Went] || x[Went] != y[Came] {
			t.Fatalf("%v one way, %v the other", x, y)
		}
	})
}

func tally[T any](all []Change[T]) map[string]int {
	n := map[string]int{}
	for _, c := range all {
		n[c.Change]++
	}
	return n
}

package verify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
	"reconcile/internal/statefile"
	"reconcile/providers"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a report whose four steps are done, and all that shows it.
func world() Input {
	report := &plan.Report{
		State: plan.State{Format: "raw", Lineage: "l", Serial: 4}, Guard: plan.Guard{Account: "1", KnownAlive: []plan.Alive{}},
		Lock: backend.Lock{Status: backend.Held, ID: "id"},
		Actions: []plan.Action{
			{N: 1, Op: plan.Import, Address: "aws_vpc.new", ID: "vpc-2", NewStateID: "vpc-2"},
			{N: 2, Op: plan.StateRm, Address: "aws_vpc.gone", ID: "vpc-1", OldStateID: "vpc-1"},
			{N: 3, Op: plan.Untaint, Address: "aws_eip.hurt", ID: "eip-1", OldStateID: "eip-1", NewStateID: "eip-1"},
		},
	}
	instance := func(address, id string, tainted bool) statefile.Instance {
		return statefile.Instance{Address: address, Mode: statefile.Managed, Tainted: tainted, Attributes: []byte(`{"id":"` + id + `"}`)}
	}
	return Input{
		Report: report, Now: &plan.Report{Verdict: plan.InSync, Caller: providers.Caller{Account: "1"}}, At: noon, Written: noon.Add(-time.Minute),
		State: &statefile.State{Source: "s3://b/k", Format: statefile.Raw, Lineage: "l", Serial: 7, SHA256: "sum", Instances: []statefile.Instance{
			instance("aws_eip.hurt", "eip-1", false), instance("aws_vpc.new", "vpc-2", false)}},
	}
}

func fresh(in *Input, changes ...Change) {
	in.Fresh = &Fresh{Source: "fresh.json", At: noon, Changes: changes}
}

func TestCleanOnlyIfNothingIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		change func(in *Input)
		left   string // part of the one sentence; "" for clean
		seen   string
	}{
		"all done":                    {func(*Input) {}, "", ""},
		"an import is missing":        {func(in *Input) { in.State.Instances = in.State.Instances[:1] }, "step 1 is not done", ""},
		"another object was imported": {func(in *Input) { in.State.Instances[1].Attributes = []byte(`{"id":"vpc-9"}`) }, "holds vpc-9 at aws_vpc.new", ""},
		"a removal is missing": {func(in *Input) {
			in.State.Instances = append(in.State.Instances, statefile.Instance{Address: "aws_vpc.gone", Mode: "managed", Attributes: []byte(`{"id":"vpc-1"}`)})
		}, "still holds vpc-1", ""},
		"the address has a new object": {func(in *Input) {
			in.State.Instances = append(in.State.Instances, statefile.Instance{Address: "aws_vpc.gone", Mode: "managed", Attributes: []byte(`{"id":"vpc-7"}`)})
		}, "", ""},
		"still tainted": {func(in *Input) { in.State.Instances[0].Tainted = true }, "still tainted", ""},
		"the errored state not pushed": {func(in *Input) {
			in.Report.Errored = &plan.Errored{Serial: 9}
			in.Report.Actions = []plan.Action{{N: 1, Op: plan.StatePush}}
		}, "errored.tfstate has 9", ""},
		"another lineage": {func(in *Input) { in.State.Lineage = "m" }, "its lineage is m", ""},
		"an older state":  {func(in *Input) { in.State.Serial = 3 }, "an older state was put in place", ""},
		"a new step":      {func(in *Input) { in.Now.Actions = []plan.Action{{Op: plan.Import, Address: "aws_vpc.x", ID: "vpc-5"}} }, "a new plan would import vpc-5 at aws_vpc.x", ""},
		"incomplete":      {func(in *Input) { in.Now.Incomplete = []string{"no rights"} }, "not everything could be seen: no rights", ""},
		"a question":      {func(in *Input) { in.Now.Questions = []plan.Question{{Type: "aws_vpc", ID: "vpc-6", Text: "which?"}} }, "a question is open", ""},
		"held back":       {func(in *Input) { in.Now.Held = []string{"aws_vpc.y"} }, "--allow-mass-removal", ""},
		"pending": {func(in *Input) {
			in.Now.Findings = []plan.Finding{{Status: plan.PendingObject, Type: "aws_vpc", ID: "vpc-8"}}
		}, "on its way", ""},
		"drift":            {func(in *Input) { in.Now.Findings = []plan.Finding{{Status: plan.Drifted, Address: "aws_vpc.new"}} }, "", "differ from AWS in attributes"},
		"another account":  {func(in *Input) { in.Now.Caller.Account = "2" }, "read in account 2", ""},
		"a quiet plan":     {func(in *Input) { fresh(in, Change{"create", "aws_vpc.more"}) }, "", "will also create 1"},
		"created again":    {func(in *Input) { fresh(in, Change{"create", "aws_vpc.new"}) }, "would create what was reconciled", ""},
		"replaced":         {func(in *Input) { fresh(in, Change{"replace", "aws_eip.hurt"}) }, "would replace what was reconciled", ""},
		"destroyed":        {func(in *Input) { fresh(in, Change{"delete", "aws_vpc.new"}) }, "would delete what was reconciled", ""},
		"updated in place": {func(in *Input) { fresh(in, Change{"update", "aws_vpc.new"}) }, "", "would update in place"},
		"what was removed": {func(in *Input) { fresh(in, Change{"create", "aws_vpc.gone"}) }, "", "will also create 1"},
		"alive and known": {func(in *Input) {
			alive(in, plan.Alive{Address: "aws_x.y", ID: "x-1"})
			fresh(in, Change{"create", "aws_x.y"})
		}, "alive and known as x-1", ""},
		"alive, safe to make": {func(in *Input) {
			alive(in, plan.Alive{Address: "aws_x.y", ID: "x-1", CreateIsSafe: true})
			fresh(in, Change{"create", "aws_x.y"})
		}, "", "which changes nothing"},
		"alive, no way to say": {func(in *Input) {
			alive(in, plan.Alive{Address: "aws_x.y", ID: "x-1", CannotImport: true})
			fresh(in, Change{"create", "aws_x.y"})
		}, "", "AWS may refuse that"},
		"a partial plan": {func(in *Input) { fresh(in); in.Fresh.Partial = "-target" }, "does not speak for everything", ""},
		"an old plan":    {func(in *Input) { fresh(in); in.Fresh.At = noon.Add(-time.Hour) }, "older than the state", ""},
	} {
		in := world()
		c.change(&in)
		x := Judge(in)
		if x.Clean != (len(x.Left) == 0) || x.Clean != (c.left == "") || (c.left != "" && (len(x.Left) != 1 || !strings.Contains(x.Left[0], c.left))) {
			t.Errorf("%s: clean %v, left %q, want %q", name, x.Clean, x.Left, c.left)
		}
		if c.seen != "" && !slices.ContainsFunc(x.Seen, func(s string) bool { return strings.Contains(s, c.seen) }) {
			t.Errorf("%s: it does not say %q: %q", name, c.seen, x.Seen)
		}
	}
}

func alive(in *Input, al plan.Alive) { in.Now.Guard.KnownAlive = append(in.Now.Guard.KnownAlive, al) }

func TestFreshPlanIsReadOrRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"format_version":"1.2","planned_values":{},"timestamp":"2026-03-01T12:00:00Z","resource_changes":[
			{"address":"aws_a.a","mode":"managed","change":{"actions":["create"]}},{"address":"aws_a.b","mode":"managed","change":{"actions":["delete","create"]}},
			{"address":"aws_a.c","mode":"managed","change":{"actions":["create","delete"]}},{"address":"aws_a.d","mode":"managed","change":{"actions":["no-op"]}},
			{"address":"data.aws_a.e","mode":"data","change":{"actions":["read"]}},{"address":"aws_a.a","mode":"managed","deposed":"byebye01","change":{"actions":["delete"]}},
			{"address":"aws_a.f","mode":"managed","change":{"actions":["forget"]}}]}`: "create aws_a.a, replace aws_a.b, replace aws_a.c, forget aws_a.f",
		`{"format_version":"1.2","planned_values":{},"complete":false}`:                                                                       "partial",
		`{"format_version":"1.2","planned_values":{},"errored":true}`:                                                                         "partial",
		`{"format_version":"2.0","planned_values":{}}`:                                                                                        "newer",
		`{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"a","mode":"managed","change":{"actions":["explode"]}}]}`: "cannot be read",
		`{"version":4}`: "not the output", `hush`: "not the output", ``: "not the output",
	} {
		f, err := ReadFresh(strings.NewReader(text), "x")
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case f.Partial != "":
			got = "partial"
		default:
			var all []string
			for _, c := range f.Changes {
				all = append(all, c.Action+" "+c.Address)
			}
			got = strings.Join(all, ", ")
		}
		if !strings.Contains(got, want) || strings.Contains(got, "hush") {
			t.Errorf("%.80s: %q, want %q", text, got, want)
		}
	}
}

func FuzzReadFresh(f *testing.F) {
	f.Add([]byte(`{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"aws_a.a","mode":"managed","change":{"actions":["create"]}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ReadFresh(strings.NewReader(string(b)), "x")
		if (p == nil) == (err == nil) {
			t.Fatal("neither a plan nor an error")
		}
		if p == nil {
			return
		}
		for _, c := range p.Changes {
			if c.Address == "" || !slices.Contains([]string{"create", "update", "replace", "delete", "forget"}, c.Action) {
				t.Fatalf("a change that nobody knows: %q", c)
			}
		}
	})
}

func TestTheLockIsReleasedOnlyPastItsGates(t *testing.T) {
	base := func() Release {
		in := world()
		in.Report.Execution = Judge(in)
		return Release{Report: in.Report, Lock: backend.Lock{Status: backend.Held, ID: "id", Who: "ci@7"}, Serial: 7, Lineage: "l", SHA256: "sum", Verdict: "probably-dead", Snapshot: noon}
	}
	for name, c := range map[string]struct {
		change func(in *Release)
		why    string // "" for none
		hard   bool
	}{
		"all holds":           {func(*Release) {}, "", false},
		"alive":               {func(in *Release) { in.Verdict = Alive }, "the holder of the lock is alive", true},
		"another lock":        {func(in *Release) { in.Lock.ID = "other" }, "another one than the plan saw", true},
		"a lock since":        {func(in *Release) { in.Report.Lock.Status = backend.NotHeld }, "somebody has come since", true},
		"never verified":      {func(in *Release) { in.Report.Execution = nil }, "nothing was verified", false},
		"something left":      {func(in *Release) { in.Report.Execution.Clean, in.Report.Execution.Left = false, []string{"x"} }, "something left", false},
		"written since":       {func(in *Release) { in.Serial = 8 }, "written since it was verified", false},
		"another content":     {func(in *Release) { in.SHA256 = "else" }, "written since it was verified", false},
		"no snapshot":         {func(in *Release) { in.Snapshot = time.Time{} }, "no snapshot", false},
		"an older snapshot":   {func(in *Release) { in.Lock.Created = noon.Add(time.Minute) }, "it is of an earlier incident", false},
		"an unreadable state": {func(in *Release) { in.Broken = "cut off" }, "cannot be read", false},
	} {
		in := base()
		c.change(&in)
		gates := in.Gates()
		if (c.why == "") != (len(gates) == 0) || (c.why != "" && (len(gates) != 1 || !strings.Contains(gates[0].Why, c.why) || gates[0].Hard != c.hard || gates[0].Next == "")) {
			t.Errorf("%s: %+v", name, gates)
		}
		if list := in.Checklist(); len(list) < 5 || (c.why == "" && slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, "[NOT]") })) {
			t.Errorf("%s: the checklist is %q", name, list)
		}
	}
}

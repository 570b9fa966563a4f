package plan

import (
	"slices"
	"strings"
	"testing"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

func TestAPatternFitsWhatItSays(t *testing.T) {
	for _, c := range []struct {
		rule         Ignore
		address, typ string
		want         bool
	}{
		{Ignore{Address: "aws_vpc.a"}, "aws_vpc.a", "aws_vpc", true},
		{Ignore{Address: "aws_vpc.a"}, "aws_vpc.ab", "aws_vpc", false},
		{Ignore{Address: "module.legacy.*"}, `module.legacy.aws_vpc.a["x"]`, "aws_vpc", true},
		{Ignore{Address: "module.legacy.*"}, "module.legacy2.aws_vpc.a", "aws_vpc", false},
		{Ignore{Address: "*.aws_route.*"}, "module.a.aws_route.b[0]", "aws_route", true},
		{Ignore{Address: `aws_vpc.a["*"]`}, `aws_vpc.a["x"]`, "aws_vpc", true},
		{Ignore{Address: "aws_vpc.a[0]"}, "aws_vpc.a0", "aws_vpc", false},
		{Ignore{Address: "a*a"}, "a", "x", false},
		{Ignore{Type: "aws_vpc_*"}, "aws_vpc_endpoint.a", "aws_vpc_endpoint", true},
		{Ignore{Type: "aws_vpc"}, "", "aws_vpc", true},
		{Ignore{Address: "*", Type: "aws_vpc"}, "", "aws_vpc", false},
		{Ignore{Address: "aws_vpc.*", Type: "aws_subnet"}, "aws_vpc.a", "aws_vpc", false},
		{Ignore{}, "aws_vpc.a", "aws_vpc", false},
	} {
		if got := c.rule.Fits(c.address, c.typ); got != c.want {
			t.Errorf("%+v on %s %s: %v", c.rule, c.typ, c.address, got)
		}
	}
}

// ignoring builds an incident with rules.
func ignoring(fill func(*incident), rules ...Ignore) *Report {
	c := newIncident()
	fill(c)
	in := c.input()
	in.Settings = &Settings{Source: "/x/.reconcile.hcl", Ignore: rules}
	return Build(in)
}

func stepsOf(as []Action) []string {
	var out []string
	for _, a := range as {
		out = append(out, string(a.Op)+" "+a.Address)
	}
	return out
}

// TestARuleTakesStepsAndQuestionsOutAndTellsThem.
func TestARuleTakesStepsAndQuestionsOutAndTellsThem(t *testing.T) {
	all := Build(func() Input { c := newIncident(); scenarios["unrecorded"](c); return c.input() }())
	if got := stepsOf(all.Actions); !slices.Equal(got, []string{"import aws_vpc.a", "import aws_route_table.a"}) {
		t.Fatal(got)
	}
	r := ignoring(scenarios["unrecorded"], Ignore{Type: "aws_route_table", Reason: "not ours"})
	if got := stepsOf(r.Actions); !slices.Equal(got, []string{"import aws_vpc.a"}) || r.Actions[0].N != 1 {
		t.Errorf("steps %v", got)
	}
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Type == "aws_route_table" })
	if f := r.Findings[i]; f.Ignored != "not ours" || f.Status != Unrecorded {
		t.Errorf("%+v", f)
	}
	if r.Ignored() != 1 || r.Settings.Ignore[0].Findings != 1 || !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "1 finding is ignored by /x/.reconcile.hcl") }) {
		t.Errorf("counted as %d, %+v, %q", r.Ignored(), r.Settings, r.Notes)
	}
	if !slices.ContainsFunc(r.Guard.KnownAlive, func(a Alive) bool { return a.Address == "aws_route_table.a" && a.ID == "rtb-1" }) {
		t.Errorf("the closing check does not know that it is alive: %+v", r.Guard.KnownAlive)
	}

	asked := ignoring(scenarios["ambiguous"], Ignore{Address: "*", Type: "aws_*", Reason: "r"})
	if len(asked.Questions) > 0 || asked.Verdict == NeedsPerson && len(asked.Incomplete) == 0 && len(asked.Held) == 0 {
		t.Errorf("questions %v, verdict %s", asked.Questions, asked.Verdict)
	}
	was := Build(func() Input { c := newIncident(); scenarios["ambiguous"](c); return c.input() }()).Questions
	if n := len(was); n == 0 || len(asked.IgnoredQuestions) != n || asked.Settings.Ignore[0].Questions != n || asked.IgnoredQuestions[0].Ignored != "r" || asked.IgnoredQuestions[0].Text != was[0].Text ||
		!slices.ContainsFunc(asked.Notes, func(s string) bool { return strings.Contains(s, "ignored by /x/.reconcile.hcl: nobody is asked") }) {
		t.Errorf("%d questions were taken out, and told as %+v, %+v, %q", n, asked.IgnoredQuestions, asked.Settings.Ignore, asked.Notes)
	}
}

// TestAStepThatOthersNeedIsNotIgnored: half of what belongs together would
// leave a worse state than none.
func TestAStepThatOthersNeedIsNotIgnored(t *testing.T) {
	r := ignoring(scenarios["unrecorded"], Ignore{Type: "aws_vpc", Reason: "not ours"})
	if got := stepsOf(r.Actions); !slices.Equal(got, []string{"import aws_vpc.a", "import aws_route_table.a"}) {
		t.Errorf("steps %v", got)
	}
	if r.Ignored() != 0 || !slices.ContainsFunc(r.Notes, func(n string) bool {
		return strings.Contains(n, "a rule says to ignore aws_vpc.a (not ours), and its steps stay")
	}) {
		t.Errorf("%d ignored, notes %q", r.Ignored(), r.Notes)
	}
	whole := ignoring(scenarios["unrecorded"], Ignore{Type: "aws_*", Reason: "not ours"})
	if len(whole.Actions) > 0 || whole.Verdict != InSync || whole.Ignored() != 2 {
		t.Errorf("all of it: %v, %s, %d", stepsOf(whole.Actions), whole.Verdict, whole.Ignored())
	}
}

// TestHalfOfAMoveIsNotIgnored: the object would be in the state twice, or not at all.
func TestHalfOfAMoveIsNotIgnored(t *testing.T) {
	fill := func(c *incident) {
		c.recorded("aws_vpc.old", "", attrs("id", "vpc-1"))
		c.event("ci", 1, "Deleted aws_vpc vpc-1")
	}
	c := newIncident()
	fill(c)
	b := &builder{in: Input{Settings: &Settings{Ignore: []Ignore{{Address: "aws_vpc.old", Reason: "r"}}}}, report: &Report{Actions: []Action{
		{Op: Import, Address: "aws_vpc.new", Type: "aws_vpc", ID: "vpc-1", NewStateID: "vpc-1"}, {Op: StateRm, Address: "aws_vpc.old", Type: "aws_vpc", ID: "vpc-1", OldStateID: "vpc-1"}}}}
	b.ignore()
	if got := stepsOf(b.report.Actions); len(got) != 2 {
		t.Errorf("steps %v", got)
	}
}

// TestNoRuleMakesAReadingComplete: what could not be seen is told whatever a
// rule says.
func TestNoRuleMakesAReadingComplete(t *testing.T) {
	r := ignoring(func(c *incident) {
		c.recorded("aws_vpc.a", "", attrs("id", "vpc-1"))
		c.coverage("aws_vpc", providers.Denied)
		c.wanted("aws_vpc.a", wanted.NoOp, "vpc-1")
	}, Ignore{Type: "aws_*", Reason: "r"})
	if len(r.Incomplete) == 0 || r.Verdict != NeedsPerson || r.Ignored() != 0 {
		t.Errorf("incomplete %v, %s, %d ignored", r.Incomplete, r.Verdict, r.Ignored())
	}
}

package render

import (
	"fmt"
	"html"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
)

func TestTextGolden(t *testing.T) {
	person := sample()
	person.Verdict = plan.NeedsPerson
	person.Incomplete = []string{"The trail is complete until 2026-11-21T21:10:00Z only, and the window ends later; run again after 2026-11-21T21:40:00Z."}
	person.Questions = []plan.Question{{Type: "aws_vpc", ID: "vpc-2", Text: "two addresses fit it", EventIDs: []string{"e9"}, Candidates: []plan.Candidate{
		{Address: "aws_vpc.a", ID: "vpc-2", Tells: []string{"tag Name"}, Map: "aws_vpc.a=vpc-2"},
		{Address: `module.m["it's"].aws_vpc.b`, ID: "vpc-2", Tells: []string{"cidr_block"}, Map: `module.m["it's"].aws_vpc.b=vpc-2`}}}}
	person.Notes = []string{"The plan file was not given: addresses come from the configuration alone."}
	person.Session.How = ""
	person.Held = []string{"aws_vpc.main"}

	clean := sample()
	clean.Verdict, clean.Actions, clean.Findings = plan.InSync, nil, clean.Findings[:1]
	clean.Backend, clean.Lock = nil, backend.Lock{Status: "none"}

	many := sample()
	for i := range 40 {
		many.Actions = append(many.Actions, plan.Action{N: 5 + i, Op: plan.Import, Address: fmt.Sprintf("aws_route.r[%d]", i), ID: fmt.Sprintf("rtb-%d", i)})
	}

	for name, c := range map[string]struct {
		r *plan.Report
		o Options
	}{
		"actions": {sample(), Options{Width: 100, Out: "out/INC-1"}},
		"person":  {person, Options{Width: 80}},
		"colour":  {person, Options{Width: 80, Colour: true}},
		"in_sync": {clean, Options{Width: 100}},
		"many":    {many, Options{Width: 100}},
		"narrow":  {sample(), Options{Width: 44}},
		"hostile": {hostile(), Options{Width: 100}},
	} {
		t.Run(name, func(t *testing.T) { golden(t, "text_"+name+".golden", rendered(t, Text, c.r, c.o)) })
	}
}

func TestNothingThatATerminalObeysGetsThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		if err := Text(&b, anyReport(t), Options{Width: rapid.IntRange(0, 120).Draw(t, "width")}); err != nil {
			t.Fatal(err)
		}
		for _, r := range b.String() {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%U gets through", r)
			}
		}
	})
}

func TestCleanShowsWhatItTakesAway(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 😀":     "plain é 😀",
		"a\nb\tc":       `a\u{a}b\u{9}c`,
		"\x1b[31mred":   `\u{1b}[31mred`,
		"a\u202eb":      `a\u{202e}b`,
		"zero\u200b":    `zero\u{200b}`,
		"c1\u009b":      `c1\u{9b}`,
		"broken\xff":    `broken\u{fffd}`,
		"nbsp\u00a0":    `nbsp\u{a0}`,
		"line\u2028":    `line\u{2028}`,
		"isolate\u2066": `isolate\u{2066}`,
	} {
		if got := clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFormatsAreFoundByName(t *testing.T) {
	for _, f := range formats() {
		if got, err := ByName(f.Name); err != nil || got.Name != f.Name {
			t.Errorf("ByName(%q) = %v, %v", f.Name, got.Name, err)
		}
	}
	if _, err := ByName("pdf"); err == nil || !strings.Contains(err.Error(), "text, json, markdown, html, shell") {
		t.Errorf("an unknown format: %v", err)
	}
}

func TestEveryOutputNamesTheSameNextStep(t *testing.T) {
	for name, change := range map[string]func(r *plan.Report){
		"steps": func(*plan.Report) {}, "incomplete": func(r *plan.Report) { r.Incomplete = []string{"x"} },
		"lock left": func(r *plan.Report) { r.Actions = nil },
	} {
		r, o := sample(), Options{Out: "out"}
		change(r)
		want := course(r, o)[0]
		for format, f := range map[string]Func{"text": Text, "markdown": Markdown, "html": HTML} {
			if text := html.UnescapeString(rendered(t, f, r, o)); !strings.Contains(text, want.Say) || !strings.Contains(text, want.Command) {
				t.Errorf("%s, %s: it does not say %q, %q", name, format, want.Say, want.Command)
			}
		}
	}
}

func TestNextCommandFollowsTheReport(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *plan.Report)
		says   string
	}{
		"steps":       {func(*plan.Report) {}, "bash out/reconcile.sh"},
		"incomplete":  {func(r *plan.Report) { r.Incomplete = []string{"x"} }, "run reconcile plan again"},
		"not allowed": {func(r *plan.Report) { r.Guard.Executable, r.Guard.WhyNot = false, "no raw state" }, "no raw state"},
		"held back":   {func(r *plan.Report) { r.Held = []string{"aws_vpc.main"} }, "--allow-mass-removal"},
		"question":    {func(r *plan.Report) { r.Actions, r.Questions = nil, []plan.Question{{Text: "?"}} }, "answer the questions"},
		"lock left":   {func(r *plan.Report) { r.Actions = nil }, "reconcile verify out/report.json"},
		"verified":    {func(r *plan.Report) { r.Execution = &plan.Execution{Clean: true} }, "reconcile unlock out/report.json"},
		"may be released": {func(r *plan.Report) {
			r.Execution, r.Unlock = &plan.Execution{Clean: true}, &plan.Unlock{LockID: lockID}
		}, "bash out/unlock.sh"},
		"something left": {func(r *plan.Report) { r.Execution = &plan.Execution{Left: []string{"x"}} }, "finish the script"},
		"nothing at all": {func(r *plan.Report) { r.Actions, r.Lock.Status = nil, "none" }, "let the pipeline run again"},
	} {
		r := sample()
		c.change(r)
		text := rendered(t, Text, r, Options{Out: "out"})
		if next := text[strings.LastIndex(text, "next\n"):]; !strings.Contains(next, c.says) {
			t.Errorf("%s: next is %q, want %q", name, next, c.says)
		}
	}
}

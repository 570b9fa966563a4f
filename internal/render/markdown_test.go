package render

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"reconcile/internal/plan"
)

func TestMarkdownReadsAsReviewed(t *testing.T) {
	person := sample()
	person.Verdict, person.Incomplete = plan.NeedsPerson, []string{"aws_subnet in us-east-1: AccessDenied (ec2:DescribeSubnets)"}
	person.Questions = []plan.Question{{Type: "aws_route_table", ID: "rtb-9", Text: "made by the session, but it fits two addresses", EventIDs: []string{},
		Candidates: []plan.Candidate{{Address: "aws_route_table.a[0]", Tells: []string{"tags_all"}, Map: "aws_route_table.a[0]=rtb-9"}, {Address: "aws_route_table.a[1]"}}}}
	person.Held = []string{"aws_vpc.main"}
	for name, r := range map[string]*plan.Report{"actions": sample(), "person": person, "hostile": hostile()} {
		golden(t, "markdown_"+name+".golden", rendered(t, Markdown, r, Options{Out: "out"}))
		golden(t, "brief_"+name+".golden", rendered(t, Markdown, r, Options{Out: "out", Brief: true}))
	}
}

// code takes what is shown as code, and what this program itself marks up, out
// of a text: what is left is what a renderer could take for something.
var code = []*regexp.Regexp{regexp.MustCompile("(?s)```+sh\n.*?\n *```+\n"), regexp.MustCompile("`[^`\n]*`"), regexp.MustCompile(`<code>[^<]*</code>`),
	regexp.MustCompile(`</?(details|summary)>`)}

func TestNoNameMeansAnythingToMarkdown(t *testing.T) {
	bits := rapid.SampledFrom([]string{"<b>", "</details>", "@everyone", "#12", "!7", "GH-3", "https://x.example", "www.x.example", ":tada:", "`", "```", "|", "\\", "\\|", "*", "_a_", "~~",
		"[x](y)", "![x](y)", "$a$", "\n", "\n\n# ", "- ", "1. ", "> ", "&amp;", "\u202e", "\x1b[1m", "plain", " ", "(", ")", ".", "c0ffee1"})
	name := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(bits, 0, 6).Draw(t, "bits"), "") })
	rapid.Check(t, func(t *rapid.T) {
		r := sample()
		draw := func(what string) string { return name.Draw(t, what) }
		r.Incident, r.Lock.Who, r.Session.Name, r.Guard.Dir, r.State.Source = draw("incident"), draw("who"), draw("name"), draw("dir"), draw("source")
		r.Incomplete, r.Notes, r.Held = []string{draw("incomplete")}, []string{draw("note")}, []string{draw("held")}
		a := &r.Actions[2]
		a.Address, a.ID, a.Why, a.IfSkipped = draw("address"), draw("id"), draw("why"), draw("skipped")
		r.Findings[2].Type, r.Findings[2].ID, r.Findings[2].Reason = draw("type"), draw("fid"), draw("reason")
		r.Questions = []plan.Question{{Type: draw("qt"), ID: draw("qi"), Text: draw("text"), Candidates: []plan.Candidate{{Address: draw("ca"), Tells: []string{draw("tell")}, Map: draw("map")}}}}
		rows := -1
		for _, brief := range []bool{false, true} {
			var b strings.Builder
			if err := Markdown(&b, r, Options{Brief: brief}); err != nil {
				t.Fatal(err)
			}
			left := b.String()
			for _, c := range code {
				left = c.ReplaceAllString(left, "")
			}
			for _, bad := range []string{"<", "@", "`", "\\", "$", "![", "](", "~~", "://", "www.", ":tada:", "GH-", "_a_", "\u202e", "\x1b"} {
				if strings.Contains(left, bad) {
					t.Fatalf("%q gets through:\n%s", bad, b.String())
				}
			}
			for line := range strings.SplitSeq(left, "\n") {
				if n := strings.Count(line, "|"); strings.HasPrefix(line, "| 3 |") {
					if rows < 0 {
						rows = n
					}
					if n != 5 && n != 4 {
						t.Fatalf("a row has %d bars: %s", n, line)
					}
				}
			}
			if brief && utf8.RuneCountInString(b.String()) > 2000 && len(a.Argv) < 3 {
				t.Fatalf("%d characters are no chat message", utf8.RuneCountInString(b.String()))
			}
		}
	})
}

func TestATicketHasRoomForALargeIncident(t *testing.T) {
	r := sample()
	why := strings.Repeat("made by the session, alive (available); it fits this address alone: subnet_id = module.network.aws_subnet.this[\"x\"].id ", 4)
	r.Actions, r.Findings, r.Questions = nil, nil, nil
	for n := range 700 {
		address := fmt.Sprintf(`module.network.module.spoke["team-%03d"].aws_ec2_transit_gateway_route_table_association.this["eu-west-1a"]`, n)
		id := fmt.Sprintf("tgw-rtb-%017d_tgw-attach-%017d", n, n)
		r.Actions = append(r.Actions, plan.Action{N: n + 1, Op: plan.Import, Address: address, ID: id, Why: why, IfSkipped: "the next apply fails with Resource.AlreadyAssociated"})
		r.Findings = append(r.Findings, plan.Finding{Status: plan.Unknown, Address: address + "x", Type: "aws_x", ID: id, Reason: why})
		r.Questions = append(r.Questions, plan.Question{Type: "aws_x", ID: id, Text: why, Candidates: []plan.Candidate{{Address: address, Tells: []string{why}, Map: address + "=" + id}}})
		r.Incomplete, r.Notes = append(r.Incomplete, why), append(r.Notes, why)
	}
	const comment, chat = 65536, 2000
	if n := utf8.RuneCountInString(rendered(t, Markdown, r, Options{})); n > comment {
		t.Errorf("report.md has %d characters, and a comment takes %d", n, comment)
	}
	if n := utf8.RuneCountInString(rendered(t, Markdown, r, Options{Brief: true})); n > chat {
		t.Errorf("the brief has %d characters", n)
	}
}

func TestWhoSeesOnlyTheTicketKnowsWhatToDo(t *testing.T) {
	r := sample()
	text := rendered(t, Markdown, r, Options{})
	for _, want := range []string{"died before it was through", "is still held", "bash reconcile.sh --execute --incident INC-1 --holder-dead " + lockID, "reconcile verify report.json", "reconcile unlock report.json", "terraform plan",
		"What could go wrong", "Releasing the lock first", "the next apply makes a second one"} {
		if !strings.Contains(text, want) {
			t.Errorf("report.md does not say %q", want)
		}
	}
	if strings.Index(text, "--execute") > strings.Index(text, "reconcile unlock") {
		t.Error("the lock is released before the script has run")
	}
}

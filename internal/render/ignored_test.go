package render

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"reconcile/internal/plan"
)

// TestAnIgnoredQuestionIsShownEverywhere fails when a rule makes a question
// vanish: an old rule must not hide a new incident.
func TestAnIgnoredQuestionIsShownEverywhere(t *testing.T) {
	r := &plan.Report{Incident: "INC-1", Verdict: plan.InSync, Settings: &plan.Settings{Source: "/x/.reconcile.hcl"},
		Findings:         []plan.Finding{{Status: plan.Unrecorded, Type: "aws_subnet", ID: "subnet-1", Ignored: "taken down by hand"}},
		IgnoredQuestions: []plan.Question{{Type: "aws_vpc", ID: "vpc-twin", Text: "It fits two addresses.", Ignored: "the lab's own"}}}
	for name, write := range map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return Text(w, r, Options{}) },
		"markdown": func(w io.Writer) error { return Markdown(w, r, Options{}) },
		"html":     func(w io.Writer) error { return HTML(w, r, Options{}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(strings.ReplaceAll(b.String(), "&#39;", "'"), "`", "")
		for _, want := range []string{"vpc-twin", "the lab's own", "1 finding and 1 question ignored"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
}

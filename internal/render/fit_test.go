package render

import (
	"fmt"
	"strings"
	"testing"

	"reconcile/internal/plan"
)

// big is a report with much of everything.
func big() *plan.Report {
	r := sample()
	r.Verdict = plan.NeedsPerson
	for i := range 60 {
		id := fmt.Sprintf("rtb-%017d", i)
		r.Actions = append(r.Actions, plan.Action{N: 5 + i, Op: plan.Import, Address: fmt.Sprintf("module.network.aws_route_table.r[%d]", i), ID: id})
		r.Findings = append(r.Findings, plan.Finding{Status: plan.Unknown, Address: fmt.Sprintf("aws_subnet.s[%d]", i), Type: "aws_subnet", ID: fmt.Sprintf("subnet-%d", i)})
		r.Notes = append(r.Notes, "A note with some words, number "+fmt.Sprint(i))
		r.Questions = append(r.Questions, plan.Question{Type: "aws_vpc", ID: fmt.Sprintf("vpc-%d", i), Text: "two addresses fit it",
			Candidates: []plan.Candidate{{Address: "aws_vpc.a", Tells: []string{"tag Name"}}, {Address: "aws_vpc.b"}}})
	}
	return r
}

// TestABigSummaryFitsAScreen, and what one must know is on it.
func TestABigSummaryFitsAScreen(t *testing.T) {
	for _, size := range [][2]int{{80, 40}, {100, 45}, {120, 50}, {200, 60}} {
		o := Options{Width: size[0], Height: size[1], Out: "out", Colour: true}
		text := rendered(t, Text, big(), o)
		p := &page{o: o}
		p.b.WriteString(text)
		if n := p.lines(); n >= size[1] {
			t.Errorf("%d lines on a terminal of %d:\n%s", n, size[1], text)
		}
		for _, want := range []string{"a person must look", "60 questions", "64 steps", "and 44 more", "out/summary.txt", "next"} {
			if want == "and 44 more" {
				want = "more (see report.json)"
			}
			if !strings.Contains(text, want) {
				t.Errorf("%v: %q is not on the screen:\n%s", size, want, text)
			}
		}
	}
}

// TestAFileIsNeverShortened: only a terminal has an end.
func TestAFileIsNeverShortened(t *testing.T) {
	small := sample()
	if rendered(t, Text, small, Options{Width: 100, Height: 200}) != rendered(t, Text, small, Options{Width: 100}) {
		t.Error("a summary that fits is changed by the terminal's height")
	}
	if strings.Contains(rendered(t, Text, big(), Options{}), "shortened") {
		t.Error("a file is shortened")
	}
}

// TestATerminalWithoutUTF8GetsNoSymbols.
func TestATerminalWithoutUTF8GetsNoSymbols(t *testing.T) {
	text := rendered(t, Text, big(), Options{Width: 80, Height: 40, Colour: true, ASCII: true})
	for _, r := range text {
		if r > 0x7f && strings.ContainsRune("…→·✔●✘", r) {
			t.Fatalf("%q is on it:\n%s", r, text)
		}
	}
}

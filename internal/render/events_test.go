package render

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
	"reconcile/providers"
)

func moments() *plan.Events {
	at := func(second int) time.Time { return time.Date(2026, 1, 1, 12, 0, second, 0, time.UTC) }
	return &plan.Events{Session: plan.Session{Role: "arn:aws:iam::123456789012:role/ci", Name: "run-7", How: "named by --session"}, Source: "CloudTrail LookupEvents",
		Window: plan.Window{Since: at(0), Until: at(59)}, Incomplete: []string{"one region did not answer"},
		Timeline: []plan.Moment{
			{Time: at(1), Kind: plan.LockTaken, What: "the lock was taken (OperationTypeApply)", By: "ci@runner"},
			{Time: at(2), Kind: plan.Changed, What: "CreateVpc vpc-1", Call: "ec2:CreateVpc", Type: "aws_vpc", ID: "vpc-1", Address: "aws_vpc.a", Outcome: "unrecorded", EventID: "e-1"},
			{Time: at(3), Kind: plan.OtherChanged, What: "CreateVpc vpc-2", By: "role/other"},
			{Time: at(4), Kind: plan.Stopped, What: "CreateSubnet was refused: RequestExpired; the session changed nothing after that", Code: "RequestExpired"},
		}}
}

func TestTheTimelineReadsAsReviewed(t *testing.T) {
	var b bytes.Buffer
	if err := EventsTable(&b, moments(), Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "events.golden", b.String())
}

// TestNoCellIsAFormula fails when a name that somebody chose would be run by
// whoever opens the file in a spreadsheet, or breaks the rows.
func TestNoCellIsAFormula(t *testing.T) {
	e := moments()
	hostile := []string{`=HYPERLINK("http://x","y")`, "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "a\n=1", `plain, "quoted"`, "", "ünï"}
	e.Timeline = nil
	for _, s := range hostile {
		e.Timeline = append(e.Timeline, plan.Moment{What: s, By: s, ID: s, Address: s})
	}
	var b bytes.Buffer
	if err := EventsCSV(&b, e); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != len(hostile)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		if len(row) != len(rows[0]) {
			t.Errorf("row %d has %d cells", i, len(row))
		}
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") || strings.HasPrefix(cell, "＝") || strings.ContainsAny(cell, "\n\r") {
				t.Errorf("%q gives the cell %q", hostile[i], cell)
			}
		}
	}
	if rows[10][2] != `plain, "quoted"` || rows[12][2] != "ünï" {
		t.Errorf("what is harmless was changed: %q, %q", rows[10][2], rows[12][2])
	}
}

func TestTheSessionsReadAsReviewed(t *testing.T) {
	at := func(min int) time.Time { return time.Date(2026, 1, 1, 12, min, 0, 0, time.UTC) }
	s := &plan.Sessions{Role: "arn:aws:iam::123456789012:role/ci", Window: plan.Window{Since: at(0), SinceSource: "--since", Until: at(59), UntilSource: "now"}, Source: "CloudTrail LookupEvents",
		Regions: []string{"eu-west-1"}, Pages: 3, Lock: backend.Lock{Status: backend.Held, ID: "lock-1", Who: "ci@runner", Created: at(5)},
		Runs: []providers.Run{
			{Name: "GitHubActions", Subject: "repo:o/r:ref:refs/heads/main", Continues: "ASIA0", First: at(6), Last: at(12), Changes: 3, Reads: 40, Failed: 1, Refused: 2, Whole: true,
				Keys:         []providers.RunKey{{ID: "ASIA1", Issued: at(4), Expires: at(34)}, {ID: "ASIA2", Issued: at(30), Latest: at(59)}},
				FirstRefused: &providers.Refusal{Time: at(8), Name: "DescribeVpcs", Code: "UnauthorizedOperation"}, Stopped: &providers.Refusal{Time: at(11), Name: "CreateRoute", Code: "RequestExpired"}},
			{Name: "evil\x1b[31m\u202e", First: at(1), Last: at(2), Keys: []providers.RunKey{{ID: "AKIA1", Lasts: true}}},
		},
		Likely: &plan.Likely{Name: "GitHubActions", Keys: []string{"ASIA1", "ASIA2"}, Why: "its first call is of 12:06:00, the lock of 12:05:00"}, Incomplete: []string{"one region did not answer"}}
	var b bytes.Buffer
	if err := SessionsTable(&b, s, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "sessions.golden", b.String())
	s.Likely = nil
	b.Reset()
	if err := SessionsTable(&b, s, Options{}); err != nil || !strings.Contains(b.String(), "nothing tells which of them died") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

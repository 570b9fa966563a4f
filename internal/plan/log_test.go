package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"reconcile/internal/applylog"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// log gives the incident a log: "+ADDRESS ID" was made, "-ADDRESS ID" seen to be
// gone, "~ADDRESS ID" is a deletion that did not end.
func (c *incident) log(t *testing.T, lines ...string) *applylog.Log {
	t.Helper()
	var text strings.Builder
	for _, l := range lines {
		address, id, _ := strings.Cut(l[1:], " ")
		switch l[0] {
		case '+':
			text.WriteString(address + ": Creation complete after 1s [id=" + id + "]\n")
		case '-':
			text.WriteString(address + ": Destroying... [id=" + id + "]\n" + address + ": Destruction complete after 1s\n")
		case '~':
			text.WriteString(address + ": Destroying... [id=" + id + "]\n")
		case '!':
			text.WriteString("Error: x, https response error StatusCode: 403, RequestID: " + id + ", api error ExpiredToken: x\n\n  with " + address + ",\n")
		}
	}
	l, err := applylog.Read(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	c.in.Witness = &Witness{Source: "apply.log", Log: l}
	return l
}

// actions spells the steps: "import aws_vpc.a vpc-1".
func actions(r *Report) string {
	var out []string
	for _, a := range r.Actions {
		out = append(out, strings.TrimSpace(string(a.Op)+" "+a.Address+" "+a.ID))
	}
	return strings.Join(out, "; ")
}

func says(list []string, want string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, want) })
}

func twoVPCs(c *incident) {
	c.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16")
	c.wanted("aws_vpc.b", wanted.Create, "", "cidr_block", "10.0.0.0/16")
	c.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16"))
	c.made(2, "aws_vpc", "vpc-2", attrs("cidr_block", "10.0.0.0/16"))
}

func TestTheLogTellsApartWhatNothingElseDoes(t *testing.T) {
	c := newIncident()
	twoVPCs(c)
	if r := c.build(); len(r.Questions) != 2 || len(r.Actions) != 0 {
		t.Fatalf("%d questions, %s", len(r.Questions), actions(r))
	}
	c.log(t, "+aws_vpc.a vpc-2", "+aws_vpc.b vpc-1")
	r := c.build()
	if got := actions(r); got != "import aws_vpc.a vpc-2; import aws_vpc.b vpc-1" || len(r.Questions) != 0 {
		t.Errorf("%s; %d questions", got, len(r.Questions))
	}
	if !strings.Contains(r.Actions[0].Why, "the apply's log (line 1) says that it is this address's") || !strings.Contains(r.Findings[0].Reason, "the apply's log (line 1)") {
		t.Errorf("%q %q", r.Actions[0].Why, r.Findings[0].Reason)
	}
}

func TestALogThatContradictsWhatIsFixedIsAQuestion(t *testing.T) {
	c := newIncident()
	c.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16")
	c.wanted("aws_vpc.b", wanted.Create, "", "cidr_block", "10.1.0.0/16")
	c.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16"))
	c.log(t, "+aws_vpc.b vpc-1")
	r := c.build()
	if len(r.Actions) != 0 || len(r.Questions) != 1 || !strings.Contains(r.Questions[0].Text, "puts it at aws_vpc.b, but its cidr_block is 10.0.0.0/16, and the address wants 10.1.0.0/16") {
		t.Errorf("%s; %+v", actions(r), r.Questions)
	}
	if len(r.Questions[0].Candidates) != 2 {
		t.Errorf("both sides are not shown: %+v", r.Questions[0].Candidates)
	}
}

// TestALogIsBelievedOnlyIfTheTrailTiesItToTheSession covers the log of another
// run or workspace, whose addresses are the same.
func TestALogIsBelievedOnlyIfTheTrailTiesItToTheSession(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(c *incident)
		lines    []string
		believed bool
	}{
		"an object of the session":           {func(*incident) {}, []string{"+aws_vpc.a vpc-1"}, true},
		"no object of the session":           {func(*incident) {}, []string{"+aws_vpc.a vpc-9"}, false},
		"an object of others":                {func(c *incident) { c.event("eve", 3, "Created aws_vpc vpc-9") }, []string{"+aws_vpc.a vpc-9"}, false},
		"a deletion of the session":          {func(c *incident) { c.event("ci", 3, "Deleted aws_vpc vpc-8") }, []string{"-aws_vpc.old vpc-8"}, true},
		"a request that was refused":         {func(c *incident) { c.refused("11111111-2222-3333-4444-555555555555") }, []string{"!aws_vpc.a 11111111-2222-3333-4444-555555555555"}, true},
		"a request of nobody":                {func(*incident) {}, []string{"!aws_vpc.a 11111111-2222-3333-4444-555555555555"}, false},
		"a route alone, without a time":      {func(c *incident) { c.event("ci", 3, "Created aws_route rtb-1_0.0.0.0/0") }, []string{"+aws_route.r rtb-1_0.0.0.0/0"}, false},
		"an id that two addresses are given": {func(*incident) {}, []string{"+aws_vpc.a vpc-1", "+aws_vpc.a vpc-2"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			twoVPCs(i)
			c.change(i)
			i.log(t, c.lines...)
			r := i.build()
			if got := r.ApplyLog.Believed != ""; got != c.believed {
				t.Errorf("believed: %q", r.ApplyLog.Believed)
			}
			if !c.believed && len(r.Actions) > 0 {
				t.Errorf("steps by a log that is not believed: %s", actions(r))
			}
		})
	}
}

func (c *incident) refused(request string) {
	c.reading.Trail.Refused = append(c.reading.Trail.Refused, providers.Call{EventID: "r", RequestID: request, Name: "CreateVpc", Error: "ExpiredToken", Time: noon, Place: west, Mapped: true})
}

// TestARouteTiesALogToTheSessionByItsTime: its id is its table and destination,
// so an earlier run may have made the same.
func TestARouteTiesALogToTheSessionByItsTime(t *testing.T) {
	for minutes, want := range map[int]bool{0: true, 4: true, 30: false} {
		c := newIncident()
		c.recorded("aws_route_table.a", "", attrs("id", "rtb-1"))
		c.live("aws_route_table", "rtb-1", attrs())
		c.wanted("aws_route.r", wanted.Create, "", "route_table_id", "rtb-1", "destination", "0.0.0.0/0")
		o := c.made(3, "aws_route", "rtb-1_0.0.0.0/0", attrs("route_table_id", "rtb-1", "destination", "0.0.0.0/0"))
		o.Attrs["id"] = "rtb-1_0.0.0.0/0"
		l := c.log(t, "+aws_route.r rtb-1_0.0.0.0/0")
		l.Entries[0].Made.At = noon.Add(time.Duration(minutes) * time.Minute)
		if r := c.build(); (r.ApplyLog.Believed != "") != want {
			t.Errorf("%d minutes: %q", minutes, r.ApplyLog.Believed)
		}
	}
}

// TestWhatTheLogSawMadeIsTheSessionsThoughItsRecordIsMissing: records come late.
func TestWhatTheLogSawMadeIsTheSessionsThoughItsRecordIsMissing(t *testing.T) {
	c := newIncident()
	twoVPCs(c)
	c.wanted("aws_route_table.x", wanted.Create, "", "vpc_id", "=aws_vpc.a.id")
	c.live("aws_route_table", "rtb-1", attrs("vpc_id", "vpc-1"))
	c.log(t, "+aws_vpc.a vpc-1", "+aws_vpc.b vpc-2", "+aws_route_table.x rtb-1")
	r := c.build()
	if got := actions(r); got != "import aws_vpc.a vpc-1; import aws_route_table.x rtb-1; import aws_vpc.b vpc-2" {
		t.Error(got)
	}
	if !strings.Contains(r.Actions[1].Why, "the session's, by the apply's log (line 3)") {
		t.Error(r.Actions[1].Why)
	}
}

// TestWhatSomebodyElseMadeIsNeverImportedWhateverTheLogSays is rule 5.
func TestWhatSomebodyElseMadeIsNeverImportedWhateverTheLogSays(t *testing.T) {
	c := newIncident()
	twoVPCs(c)
	c.wanted("aws_route_table.x", wanted.Create, "", "vpc_id", "=aws_vpc.a.id")
	c.live("aws_route_table", "rtb-1", attrs("vpc_id", "vpc-1"))
	c.event("eve", 5, "Created aws_route_table rtb-1")
	c.log(t, "+aws_vpc.a vpc-1", "+aws_route_table.x rtb-1")
	r := c.build()
	if strings.Contains(actions(r), "rtb-1") || !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Status == Foreign && f.ID == "rtb-1" }) {
		t.Errorf("%s %+v", actions(r), r.Findings)
	}
}

func TestAnObjectOfTheLogThatIsNotThereIsToldAndKeepsOthersAway(t *testing.T) {
	c := newIncident()
	twoVPCs(c)
	c.event("eve", 9, "Deleted aws_vpc vpc-7")
	c.log(t, "+aws_vpc.a vpc-1", "+aws_vpc.b vpc-7")
	r := c.build()
	if got := actions(r); got != "import aws_vpc.a vpc-1" {
		t.Error(got)
	}
	if !says(r.Notes, "aws_vpc.b: the apply's log (line 2) says vpc-7, and no such object is there; role/eve (session run-7) deleted it") {
		t.Errorf("%q", r.Notes)
	}
	if len(r.Questions) != 1 || !strings.Contains(r.Questions[0].Text, "it fits aws_vpc.b, and the apply's log (line 2) says that vpc-7 is there") {
		t.Errorf("%+v", r.Questions)
	}
}

// TestTheLogTellsWhichDeletionsWereSeenThrough holds rule 1 beside it: the log
// alone removes nothing.
func TestTheLogTellsWhichDeletionsWereSeenThrough(t *testing.T) {
	for name, c := range map[string]struct {
		line    string
		deleted bool // the trail has the deletion
		live    bool
		want    string
	}{
		"completed":                      {"-aws_subnet.s subnet-1", true, false, "state_rm aws_subnet.s subnet-1"},
		"begun only":                     {"~aws_subnet.s subnet-1", true, false, ""},
		"not mentioned":                  {"", true, false, ""},
		"completed, and another id":      {"-aws_subnet.s subnet-9", true, false, ""},
		"completed, and it is there":     {"-aws_subnet.s subnet-1", true, true, ""},
		"completed, and no event of it":  {"-aws_subnet.s subnet-1", false, false, ""},
		"of another address, by this id": {"-aws_subnet.t subnet-1", true, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			i.kinds = slices.Clone(kinds)
			i.kinds[2].Wait = providers.Wait{Call: "DescribeSubnets", Names: "{id}", Times: 1}
			i.recorded("aws_subnet.s", "", attrs("id", "subnet-1", "vpc_id", "vpc-1", "cidr_block", "10.0.0.0/24"))
			i.wanted("aws_subnet.s", wanted.Delete, "subnet-1")
			i.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16")
			i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16"))
			if c.deleted {
				i.event("ci", 2, "Deleted aws_subnet subnet-1")
			}
			if c.live {
				i.live("aws_subnet", "subnet-1", attrs("vpc_id", "vpc-1", "cidr_block", "10.0.0.0/24"))
			}
			lines := []string{"+aws_vpc.a vpc-1"}
			if c.line != "" {
				lines = append(lines, c.line)
			}
			i.log(t, lines...)
			r := i.build()
			if got := strings.TrimPrefix(actions(r), "import aws_vpc.a vpc-1"); strings.TrimPrefix(got, "; ") != c.want {
				t.Errorf("%q", got)
			}
			if c.want != "" && !strings.Contains(r.Actions[1].Why, "the apply's log (line 3) says that its destruction was completed") {
				t.Error(r.Actions[1].Why)
			}
		})
	}
}

// errored makes the incident's state the one that Terraform could not save, and
// gives it the pulled one.
func (c *incident) errored(before ...statefile.Instance) {
	c.in.Errored = &Errored{Source: "errored.tfstate", Serial: 5, Lineage: "l", SHA256: "x"}
	c.in.State = State{Serial: 4, Lineage: "l", Format: "raw"}
	c.in.Before = &statefile.State{Instances: before}
}

func TestWhatTheErroredStateMarksAsTaintedIsKeptIfItIsWhole(t *testing.T) {
	for name, c := range map[string]struct {
		change func(i *incident)
		want   string
	}{
		"made by the session":                        {func(i *incident) { i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16")) }, "state_push  serial 5; untaint aws_vpc.a vpc-1"},
		"made by the run, and its record is missing": {func(i *incident) { i.live("aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16")) }, "state_push  serial 5; untaint aws_vpc.a vpc-1"},
		"tainted before": {func(i *incident) {
			i.live("aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16"))
			i.errored(i.state.Instances...)
		}, "state_push  serial 5"},
		"failed": {func(i *incident) {
			i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16")).State = "failed"
		}, "state_push  serial 5"},
		"pending": {func(i *incident) {
			i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16")).Life = providers.Pending
		}, "state_push  serial 5"},
		"of another range": {func(i *incident) { i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.9.0.0/16")) }, "state_push  serial 5"},
		"gone":             {func(*incident) {}, "state_push  serial 5"},
		"without a plan": {func(i *incident) {
			i.noPlan = true
			i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16"))
		}, "state_push  serial 5; untaint aws_vpc.a vpc-1"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			i.recorded("aws_vpc.a", "tainted", attrs("id", "vpc-1", "cidr_block", "10.0.0.0/16"))
			i.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16")
			i.errored()
			c.change(i)
			r := i.build()
			if got := actions(r); got != c.want {
				t.Errorf("%q, want %q; %+v", got, c.want, r.Findings)
			}
		})
	}
}

func TestAnErroredStateOfAnotherRunIsToldByWhatItHolds(t *testing.T) {
	c := newIncident()
	c.recorded("aws_vpc.a", "", attrs("id", "vpc-1"))
	c.recorded("aws_vpc.b", "", attrs("id", "vpc-2"))
	c.errored(c.state.Instances[0])
	for by, want := range map[string]string{"ci": "", "eve": "aws_vpc.b vpc-2 role/eve (session run-7)"} {
		i := *c
		i.event(by, 1, "Created aws_vpc vpc-2")
		i.event("eve", 1, "Created aws_vpc vpc-1") // held before: somebody's, and the state's
		address, id, who := OfAnother(i.input())
		if got := strings.TrimSpace(address + " " + id + " " + who); got != want {
			t.Errorf("%s: %q", by, got)
		}
	}
}

// TestWhatTheErroredStateStillHoldsIsNotRemoved: Terraform did not see it gone,
// whatever the trail shows of its looks.
func TestWhatTheErroredStateStillHoldsIsNotRemoved(t *testing.T) {
	c := newIncident()
	c.recorded("aws_vpc.a", "", attrs("id", "vpc-1"))
	c.recorded("aws_route_table.a", "", attrs("id", "rtb-1", "vpc_id", "vpc-1"))
	c.event("ci", 1, "Deleted aws_vpc vpc-1")
	c.in.SeenThrough = map[string]bool{"aws_vpc vpc-1": true}
	if got := actions(c.build()); got != "state_rm aws_route_table.a rtb-1; state_rm aws_vpc.a vpc-1" {
		t.Fatal(got)
	}
	c.errored(c.state.Instances...)
	if got := actions(c.build()); got != "state_push  serial 5" {
		t.Error(got)
	}
	c.in.Adopt = []string{"vpc-1"}
	if got := actions(c.build()); got != "state_push  serial 5; state_rm aws_vpc.a vpc-1" {
		t.Error(got)
	}
}

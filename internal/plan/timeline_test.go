package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"reconcile/internal/applylog"
	"reconcile/internal/backend"
	"reconcile/providers"
)

// TestTheTimelineTellsTheIncidentInOrder fails when something that a reader
// needs is missing from the timeline, or stands where it did not happen.
func TestTheTimelineTellsTheIncidentInOrder(t *testing.T) {
	c := newIncident()
	c.wanted("aws_vpc.b", "create", "", "cidr_block", "10.1.0.0/16")
	c.wanted("aws_vpc.c", "create", "", "cidr_block", "10.2.0.0/16")
	c.recorded("aws_vpc.a", "", attrs("id", "vpc-a"))
	c.event("ci", 20, "Deleted aws_vpc vpc-a")
	c.made(30, "aws_vpc", "vpc-b", providers.Attrs{"cidr_block": "10.1.0.0/16"})
	c.live("aws_vpc", "vpc-x", providers.Attrs{"cidr_block": "10.2.0.0/16"})
	c.event("somebody", 35, "Created aws_vpc vpc-x")
	c.event("nobody", 36, "Created aws_vpc vpc-elsewhere")
	refused := func(second int, code string) {
		c.reading.Trail.Refused = append(c.reading.Trail.Refused, providers.Call{EventID: fmt.Sprintf("refused-%02d", second), Name: "CreateSubnet", Source: "ec2.amazonaws.com",
			Time: noon.Add(time.Duration(second) * time.Second), By: providers.Principal{ARN: "arn:aws:iam::1:role/ci"}, Error: code})
	}
	refused(10, "UnauthorizedOperation")
	refused(25, "DependencyViolation")
	refused(40, "RequestExpired")
	refused(41, "RequestExpired")
	in := c.input()
	in.Window = Window{Since: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}
	in.Lock = backend.Lock{Status: backend.Held, ID: "lock-1", Who: "ci@runner", Operation: "OperationTypeApply", Created: noon.Add(5 * time.Second)}
	in.StateWrites = []StateWrite{{Version: "v1", Time: noon.Add(-time.Minute), Bytes: 10}, {Version: "v2", Time: noon.Add(38 * time.Second), Bytes: 12}, {Version: "v3", Time: noon.Add(39 * time.Second), Deleted: true}}
	in.Session.Keys = []providers.RunKey{{ID: "ASIA1", Issued: noon.Add(-30 * time.Minute), Expires: noon.Add(40 * time.Second), By: "repo:o/r"}, {ID: "AKIA1", Lasts: true}}
	in.Witness = &Witness{Log: &applylog.Log{Last: noon.Add(42 * time.Second), Entries: []applylog.Entry{{Address: "aws_vpc.b", Made: &applylog.Deed{ID: "vpc-b", Line: 1}}}}}
	var got []string
	for _, m := range Build(in).Timeline {
		line := fmt.Sprintf("%s %s %s", m.Time.Format("15:04:05"), m.Kind, m.What)
		for _, more := range []string{m.Address, m.Outcome} {
			if more != "" {
				line += " | " + more
			}
		}
		got = append(got, line)
	}
	want := strings.TrimSpace(`
11:30:00 session the session began: the key ASIA1 was issued
11:59:00 state_write the state was written, 10 bytes
12:00:05 lock the lock was taken (OperationTypeApply)
12:00:10 refused CreateSubnet was refused: UnauthorizedOperation
12:00:20 change Deleted vpc-a | aws_vpc.a | gone
12:00:25 failed CreateSubnet failed: DependencyViolation
12:00:30 change Created vpc-b | aws_vpc.b | unrecorded
12:00:35 other Created vpc-x
12:00:38 state_write the state was written, 12 bytes
12:00:39 state_write the state was deleted
12:00:40 credentials CreateSubnet was refused: RequestExpired; the session changed nothing after that
12:00:40 expiry the key ASIA1 expired
12:00:41 refused CreateSubnet was refused: RequestExpired
12:00:42 log_end the apply's log ends`)
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

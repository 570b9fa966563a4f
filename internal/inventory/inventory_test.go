package inventory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"reconcile/fixtures"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

var update = flag.Bool("update", false, "write the golden files anew")

// day is a recorded incident that is served, and the options that read it.
type day struct {
	o      Options
	server *ec2test.Server
	world  *ec2test.World
	truth  struct {
		Start  time.Time
		Import map[string]string
	}
}

func begin(t *testing.T, name string) *day {
	t.Helper()
	fsys, err := fixtures.Incident(name)
	if err != nil {
		t.Fatal(err)
	}
	d := &day{}
	dir := t.TempDir()
	if err := os.CopyFS(dir, fsys); err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(fsys, "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &d.truth); err != nil {
		t.Fatal(err)
	}
	if d.world, err = ec2test.LoadIncident(fsys); err != nil {
		t.Fatal(err)
	}
	d.server = ec2test.NewServer(d.world)
	if err := d.server.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.server.Close)
	d.o = Options{Dir: filepath.Join(dir, "config"), State: filepath.Join(dir, "state.tfstate"), PlanJSON: filepath.Join(dir, "plan.json"),
		Endpoint: d.server.URL, Now: func() time.Time { return d.truth.Start.Add(time.Hour) }, Env: func(string) string { return "" }}
	return d
}

func (d *day) read(t *testing.T) *Report {
	t.Helper()
	r, err := Read(t.Context(), d.o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryObjectOfARecordedIncidentIsWhereTheTruthSaysItIs: what the state
// records is managed at its address, what the session made and could not record
// is not.
func TestEveryObjectOfARecordedIncidentIsWhereTheTruthSaysItIs(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			d := begin(t, name)
			r := d.read(t)
			if len(r.Incomplete) > 0 {
				t.Errorf("incomplete: %q", r.Incomplete)
			}
			toImport := map[string]bool{}
			for address, id := range d.truth.Import {
				_, resource, _ := strings.Cut("."+address, ".aws_")
				typ, _, _ := strings.Cut(resource, ".")
				toImport["aws_"+typ+" "+id] = true
			}
			managed, found := 0, 0
			for _, o := range r.Objects {
				if o.Status == Managed {
					managed++
					if o.Address == "" || o.By == nil || o.By.Source != "state" {
						t.Errorf("%s %s is managed, and at %q by %v", o.Type, o.ID, o.Address, o.By)
					}
				}
				kind, _ := kinds().Find(o.Type)
				if toImport[o.Type+" "+kind.StateIDOf(o.Attrs)] {
					found++
					if o.Status != Unmanaged && o.Status != Aspect {
						t.Errorf("%s %s is still to be imported, and said to be %s", o.Type, o.ID, o.Status)
					}
				}
			}
			if found != len(toImport) {
				t.Errorf("%d of %d objects that are to be imported were found", found, len(toImport))
			}
			if r.State.Instances > 0 && managed == 0 {
				t.Error("nothing is managed")
			}
		})
	}
}

func TestTheTextOfARecordedIncident(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.Types = []string{"aws_ec2_transit_gateway_vpc_attachment", "aws_internet_gateway", "aws_route", "aws_route_table", "aws_route_table_association"}
	golden(t, "shared-network-expire-15.txt", textOf(t, d.read(t), false))
}

func TestTheSameWorldGivesTheSameBytes(t *testing.T) {
	d := begin(t, "shared-network-expire-7")
	d.o.Regions = []string{"us-east-1", "eu-west-1"}
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := Encode(b, d.read(t)); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(d.o.Regions)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error(cmp.Diff(first.String(), second.String()))
	}
}

func TestWithoutAStateNothingIsCalledManagedOrUnmanaged(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.State, d.o.PlanJSON, d.o.All, d.o.Regions = "", "", true, []string{"us-east-1"}
	r := d.read(t)
	for _, o := range r.Objects {
		if o.Status == Managed || o.Status == Unmanaged {
			t.Errorf("%s %s is said to be %s", o.Type, o.ID, o.Status)
		}
	}
	if s := textOf(t, r, false); !strings.Contains(s, "No state was given") || strings.Contains(s, "  unmanaged") {
		t.Error(s)
	}
	read := map[string]bool{}
	for _, c := range r.Coverage {
		read[c.Type] = true
	}
	if len(read) != len(kinds()) {
		t.Errorf("--all read %d kinds", len(read))
	}
}

func TestAFirstApplyThatLeftNoStateMakesAllUnmanaged(t *testing.T) {
	d := begin(t, "first-apply-expire-8")
	d.o.State, d.o.PlanJSON, d.o.Types = "none", "", []string{"aws_vpc"}
	d.o.Regions = []string{"us-east-1"}
	unmanaged := 0
	for _, o := range d.read(t).Objects {
		if o.Status == Unmanaged {
			unmanaged++
		} else if o.Status != ByAWS { // the default VPC
			t.Errorf("%s is %s", o.ID, o.Status)
		}
	}
	if unmanaged == 0 {
		t.Error("nothing is unmanaged")
	}
}

func TestTypesAndRegionsStandInForThoseOfTheState(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.Types, d.o.Regions = []string{"aws_subnet"}, []string{"eu-west-1", "us-east-1"}
	r := d.read(t)
	want := []providers.Coverage{}
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		want = append(want, providers.Coverage{Type: "aws_subnet", Place: providers.Place{Account: "123456789012", Region: region}, Status: providers.Read, Action: "ec2:DescribeSubnets"})
	}
	want[1].Objects = len(r.Objects)
	if diff := cmp.Diff(want, r.Coverage); diff != "" || len(r.Objects) == 0 {
		t.Error(diff)
	}
	for _, line := range strings.Split(textOf(t, r, false), "\n") {
		if strings.Contains(line, "subnet-") && !strings.Contains(line, "  us-east-1  ") {
			t.Errorf("two regions, and a line without one: %s", line)
		}
	}
}

func TestWhatWasNotReadIsInTheLedgerAndNotCalledAbsent(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.server.Deny("DescribeRouteTables")
	r := d.read(t)
	for _, typ := range []string{"aws_route", "aws_route_table", "aws_route_table_association"} {
		want := typ + " in us-east-1: denied (UnauthorizedOperation): the caller's policy lacks ec2:DescribeRouteTables"
		if !slices.Contains(r.Incomplete, want) || !slices.Contains(r.Ledger(), "not read: "+want) {
			t.Errorf("neither incomplete %q nor the ledger %q has %q", r.Incomplete, r.Ledger(), want)
		}
	}
	s := textOf(t, r, false)
	if !strings.Contains(s, "aws_route_table (0) INCOMPLETE") || !strings.Contains(s, "INCOMPLETE: 3 gaps") {
		t.Error(s)
	}
}

func TestAPageThatFailsKeepsWhatWasRead(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.Types = []string{"aws_subnet"}
	d.server.PageSize(5)
	d.server.FailPage("DescribeSubnets", 2, "UnauthorizedOperation") // at once: no retry
	r := d.read(t)
	if len(r.Objects) != 5 || len(r.Incomplete) != 1 {
		t.Errorf("%d objects, incomplete %q", len(r.Objects), r.Incomplete)
	}
}

func TestMakersComeFromTheTrail(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.Types, d.o.Since = []string{"aws_vpc"}, d.truth.Start
	r := d.read(t)
	by := map[string]string{}
	for _, o := range r.Objects {
		if o.By != nil && o.By.Source == "trail" {
			by[o.ID] = o.By.String()
		}
	}
	want := map[string]string{
		"vpc-20bd9155d928c1b97": "role/other-team-runner (session ci-prod-7) 2026-11-21T21:17:24Z",
		"vpc-4887af4eaab1f8a6b": "user/console-user 2026-11-21T21:17:23Z",
		"vpc-e6c881588a267ce5f": "role/terraform-runner (session ci-prod-7) 2026-11-21T21:17:27Z",
		"vpc-f4b4a473a667c265a": "role/terraform-runner (session ci-dev-3) 2026-11-21T21:17:24Z",
		// vpc-a17b1a04b3fa03df7 is older than the window.
	}
	if diff := cmp.Diff(want, by); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"CreateVpc"}, r.Trail.Calls); diff != "" {
		t.Error(diff)
	}
}

func TestATrailThatCannotBeReadLeavesTheReportIncomplete(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.Types, d.o.Since = []string{"aws_vpc"}, d.truth.Start.Add(-100*24*time.Hour)
	d.server.Deny("LookupEvents")
	want := []string{
		"CloudTrail's event history keeps 90 days, and --since is before that: who made older objects is not known",
		"CloudTrail in us-east-1: denied: the caller's policy lacks cloudtrail:LookupEvents",
	}
	if diff := cmp.Diff(want, d.read(t).Incomplete); diff != "" {
		t.Error(diff)
	}
}

func TestAnInterruptGivesNoReport(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.Types, d.o.Since = []string{"aws_vpc"}, d.truth.Start
	for _, what := range []string{"ec2:DescribeVpcs", "cloudtrail:LookupEvents"} {
		ctx, cancel := context.WithCancel(t.Context())
		d.o.OnProgress = func(p providers.Progress) {
			if p.What == what {
				cancel()
			}
		}
		if r, err := Read(ctx, d.o); r != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a report %v, error %v", what, r != nil, err)
		}
		cancel()
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, wanted against got (go test -update writes it anew):\n%s", name, diff)
	}
}

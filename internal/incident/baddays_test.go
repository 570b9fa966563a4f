package incident_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/need"
	"reconcile/internal/plan"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

// stranger makes every key speak for another account.
func stranger(d *day) {
	d.world.Identify("", ec2test.Identity{Account: "999999999999", ARN: "arn:aws:sts::999999999999:assumed-role/oncall/ann", UserID: "AROA:ann"})
}

// TestDaysThatEndInAnError are those after which nothing useful can follow.
func TestDaysThatEndInAnError(t *testing.T) {
	for _, c := range []struct {
		name, incident string
		bad            func(*testing.T, *day)
		text, hint     string
	}{
		{"wrong account", "shared-network-expire-15", func(_ *testing.T, d *day) { stranger(d) },
			"wrong account: the state's resources are in 123456789012, the caller arn:aws:sts::999999999999:assumed-role/oncall/ann is in 999999999999",
			"use credentials of account 123456789012 (AWS_PROFILE), and check with: aws sts get-caller-identity"},
		{"first apply with a role of another account", "first-apply-expire-8", func(_ *testing.T, d *day) { d.o.Role = "arn:aws:iam::999999999999:role/terraform-runner" },
			"wrong account: the role is in 999999999999, the caller arn:aws:sts::123456789012:assumed-role/incident-responder/oncall is in 123456789012",
			"use credentials of account 999999999999 (AWS_PROFILE), and check with: aws sts get-caller-identity"},
		{"the credentials have expired", "shared-network-expire-15", func(_ *testing.T, d *day) { d.server.Fail("GetCallerIdentity", "ExpiredToken", 403) },
			"no usable AWS credentials: ExpiredToken: The call of GetCallerIdentity was made to fail",
			"log in first (aws sso login, or set AWS_PROFILE), then check with: aws sts get-caller-identity"},
		{"the window begins in the future", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.Since = d.o.Now().Add(time.Hour) },
			"the window begins in the future: 2026-11-21T23:17:22Z (--since)", "give --since as a time before now, for example 2026-11-21T20:17:22Z"},
		{"the window is empty", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.Until = d.o.Since },
			"the window is empty: it begins at 2026-11-21T21:17:22Z and ends at 2026-11-21T21:17:22Z", "give an --until after --since"},
		{"no role", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.Role = "" },
			"--role is missing", "say which role or user ran the apply: --role arn:aws:iam::ACCOUNT:role/NAME"},
		{"a role that is no ARN", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.Role = "terraform-runner" },
			`--role "terraform-runner" is not the ARN of a role or a user`, "give --role arn:aws:iam::ACCOUNT:role/NAME"},
		{"no state", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.State, d.o.Dir = "", d.path("none") },
			"no state is given, and there is none to read: DIR/none: there is no such folder",
			"give the root module's folder with --dir"},
		{"the backend's own state in a workspace that is none", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.State, d.o.Backend.Workspace = "", "typo" },
			"the state s3://tf-state-prod/env:/typo/env/prod/network.tfstate: no state was ever written there, or it was deleted; the workspace is typo, and there are states of: default",
			"for another workspace: TF_WORKSPACE=NAME, or terraform workspace select NAME; never terraform workspace new. --state none for a first apply that left no state"},
		{"a state in S3 without a key", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.State = "s3://tf-state-prod" },
			`--state "s3://tf-state-prod" names no object`, "give --state s3://BUCKET/KEY, or s3://BUCKET/KEY?versionId=VERSION for an earlier one"},
		{"a state that is not there", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.State = d.path("nowhere") },
			"reading the state DIR/nowhere: no such file or directory", "give the output of terraform state pull with --state"},
		{"a plan that is not there", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.PlanJSON = d.path("nowhere") },
			"reading the plan DIR/nowhere: no such file or directory", "give the output of terraform show -json tfplan with --plan-json"},
		{"a folder that is not there", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.Dir = d.path("nowhere") },
			"DIR/nowhere is not a folder", "give the root module's folder with --dir"},
		{"a variable file that is not there", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.VarFiles = []string{d.path("x.tfvars")} },
			"reading the variable file DIR/x.tfvars: no such file or directory", "--var-file takes a path from here, not from --dir"},
		{"half a backend", "shared-network-expire-15", func(_ *testing.T, d *day) { d.o.Backend.Bucket = "b" },
			"--backend-bucket, --backend-key: a bucket and a key go together", "give both --backend-bucket and --backend-key, and --backend-region"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // the pace of LookupEvents is most of the time
			d := begin(t, c.incident)
			c.bad(t, d)
			report, err := incident.Read(t.Context(), d.o)
			if err == nil || report != nil {
				t.Fatalf("there is a report, and the error is %v", err)
			}
			if got := strings.ReplaceAll(err.Error(), d.dir, "DIR"); got != c.text {
				t.Errorf("got  %s\nwant %s", got, c.text)
			}
			if hint.Of(err) != c.hint {
				t.Errorf("hint %q, want %q", hint.Of(err), c.hint)
			}
		})
	}
}

// TestDaysThatLeaveTheReportIncomplete say why, exactly, and nothing else.
func TestDaysThatLeaveTheReportIncomplete(t *testing.T) {
	const late = "CloudTrail is held complete up to 2026-11-21T21:44:22Z only (--trail-delay 15m0s), and the window ends at 2026-11-21T21:47:22Z: run again after 2026-11-21T22:02:22Z with --until 2026-11-21T21:47:22Z, or let it wait with --wait"
	for _, c := range []struct {
		name    string
		bad     func(*testing.T, *day)
		want    []string
		removed bool // the removal is still planned
	}{
		{"a good day", func(*testing.T, *day) {}, nil, true},
		{"one call is denied", func(_ *testing.T, d *day) { d.server.Deny("DescribeSubnets") },
			[]string{"aws_subnet in us-east-1: denied (UnauthorizedOperation): the caller's policy lacks ec2:DescribeSubnets"}, true},
		{"the call that the removal rests on is denied", func(_ *testing.T, d *day) { d.server.Deny("DescribeRouteTables") },
			[]string{"aws_route in us-east-1: denied (UnauthorizedOperation): the caller's policy lacks ec2:DescribeRouteTables",
				"aws_route_table in us-east-1: denied (UnauthorizedOperation): the caller's policy lacks ec2:DescribeRouteTables",
				"aws_route_table_association in us-east-1: denied (UnauthorizedOperation): the caller's policy lacks ec2:DescribeRouteTables"}, false},
		{"a call is throttled for a moment", func(_ *testing.T, d *day) { d.server.FailTimes(1, "DescribeVpcs", "RequestLimitExceeded", 503) }, nil, true},
		{"the trail is denied", func(_ *testing.T, d *day) { d.server.Deny("LookupEvents") },
			[]string{"CloudTrail in us-east-1: denied: the caller's policy lacks cloudtrail:LookupEvents"}, false},
		{"the lock's row cannot be read", func(_ *testing.T, d *day) { d.server.Deny("GetItem") },
			[]string{"the lock could not be read, so the script cannot tell whether it is held: the lock table tf-locks: access denied: You are not authorized to perform this operation: dynamodb:GetItem"}, true},
		{"the window begins before CloudTrail's memory", func(_ *testing.T, d *day) { d.o.Since = d.o.Now().Add(-91 * 24 * time.Hour) },
			[]string{"CloudTrail's event history keeps 90 days, and the window begins before that, at 2026-08-22T22:17:22Z (--since): if the apply began later, say when with --since"}, true},
		{"the trail may not have arrived", func(_ *testing.T, d *day) { d.o.Now = func() time.Time { return d.end().Add(12 * time.Minute) } },
			[]string{late}, true},
		{"the role made no call", func(_ *testing.T, d *day) { d.o.Role, d.o.Session = "arn:aws:iam::123456789012:role/other", "" },
			[]string{"the trail has no call by arn:aws:iam::123456789012:role/other in the window, and none of any other session of the role, so whose work this is about is not known: check --role, --session, --since and the regions; reconcile sessions lists who was there"}, false},
		{"the session is mistyped", func(_ *testing.T, d *day) { d.o.Session = "ci-prod-9" },
			[]string{"the trail has no call by arn:aws:iam::123456789012:role/terraform-runner in session ci-prod-9 in the window, and changes by one of a name like it, ci-prod-7, so whose work this is about is not known: check --role, --session, --since and the regions; reconcile sessions lists who was there. Sessions of the role that did change something: ci-dev-3 (2), ci-prod-7 (14)"}, false},
		{"the session is another one's", func(_ *testing.T, d *day) { d.o.Session = "nightly" },
			[]string{"the trail has no call by arn:aws:iam::123456789012:role/terraform-runner in session nightly in the window, and module.network.aws_route.legacy[\"172.16.0.0/12\"] is gone by another hand, so whose work this is about is not known: check --role, --session, --since and the regions; reconcile sessions lists who was there. Sessions of the role that did change something: ci-dev-3 (2), ci-prod-7 (14)"}, false},
		{"a person says that it has", func(_ *testing.T, d *day) {
			d.o.Now, d.o.TrailDelay = func() time.Time { return d.end().Add(12 * time.Minute) }, 0
		}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // the pace of LookupEvents is most of the time
			d := begin(t, "shared-network-expire-15")
			c.bad(t, d)
			r := d.read(t)
			if !slices.Equal(r.Incomplete, c.want) {
				t.Errorf("incomplete:\n%s\nwant:\n%s", strings.Join(r.Incomplete, "\n"), strings.Join(c.want, "\n"))
			}
			if (r.Verdict == plan.NeedsPerson) != (len(c.want) > 0) {
				t.Errorf("verdict %s", r.Verdict)
			}
			if removals := of(r, plan.StateRm); (len(removals) > 0) != c.removed {
				t.Errorf("removals %v", removals)
			}
			for address, id := range of(r, plan.Import) {
				if d.truth.Import[address] != id && c.name != "the window begins before CloudTrail's memory" {
					t.Errorf("%s is imported as %s, the truth is %q", address, id, d.truth.Import[address])
				}
			}
		})
	}
}

// TestATagOnWhatWasSeenReadsNoOtherKind tags an attachment, whose id every kind
// of attachment could have; one of those the caller may not list.
func TestATagOnWhatWasSeenReadsNoOtherKind(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	err := d.world.PutRecords([]byte(fmt.Sprintf(`{"eventVersion":"1.10","eventID":"tagged","requestID":"tagged","eventName":"CreateTags","readOnly":false,
		"eventSource":"ec2.amazonaws.com","eventTime":%q,"awsRegion":"us-east-1","recipientAccountId":"123456789012","managementEvent":true,"eventType":"AwsApiCall",
		"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/terraform-runner/ci-prod-7","accountId":"123456789012",
		"accessKeyId":"ASIARUNNER0000000007","sessionContext":{"sessionIssuer":{"type":"Role","arn":%q}}},
		"requestParameters":{"resourcesSet":{"items":[{"resourceId":"tgw-attach-a3e5439f1373ef375"}]},"tagSet":{"items":[{"key":"a","value":"b"}]}},
		"responseElements":{"_return":true}}`, d.truth.Start.Add(10*time.Second).UTC().Format(time.RFC3339), d.truth.Role)))
	if err != nil {
		t.Fatal(err)
	}
	d.server.Deny("DescribeTransitGatewayConnects")
	r := d.read(t)
	if !slices.ContainsFunc(r.Mutations, func(m plan.Accounted) bool { return m.EventID == "tagged" }) {
		t.Fatal("the tag is not the session's")
	}
	if len(r.Incomplete) > 0 {
		t.Errorf("incomplete: %s", strings.Join(r.Incomplete, "\n"))
	}
}

// TestThrottledForEver takes the real retries of one call, a minute, so it
// runs only when it is asked for.
func TestThrottledForEver(t *testing.T) {
	need.Time(t, "ten attempts with AWS's back-off take a minute")
	d := begin(t, "shared-network-expire-15")
	d.server.Fail("DescribeInternetGateways", "RequestLimitExceeded", 503)
	r := d.read(t)
	if want := "aws_internet_gateway in us-east-1: throttled (RequestLimitExceeded) after every retry"; len(r.Incomplete) != 1 || r.Incomplete[0] != want {
		t.Errorf("incomplete %q, want %q", r.Incomplete, want)
	}
	for _, f := range r.Findings {
		if f.Type == "aws_internet_gateway" && f.Status != plan.Unknown {
			t.Errorf("%s is said to be %s", f.Address, f.Status)
		}
	}
}

// onlyRead has another session of the role, ci-prod-8, look at the VPCs and die.
func onlyRead(t *testing.T, d *day) {
	t.Helper()
	d.o.Session = "ci-prod-8"
	role := strings.Replace(d.truth.Role, ":iam:", ":sts:", 1)
	err := d.world.PutRecords([]byte(fmt.Sprintf(`{"eventVersion":"1.10","eventID":"only-read","requestID":"only-read","eventName":"DescribeVpcs","readOnly":true,
		"eventSource":"ec2.amazonaws.com","eventTime":%q,"awsRegion":"us-east-1","recipientAccountId":"123456789012","managementEvent":true,"eventType":"AwsApiCall",
		"userIdentity":{"type":"AssumedRole","arn":%q,"accountId":"123456789012","accessKeyId":"ASIARUNNER0000000018","sessionContext":{"sessionIssuer":{"type":"Role","arn":%q}}},
		"requestParameters":null,"responseElements":null}`,
		d.truth.Start.Add(time.Minute).UTC().Format(time.RFC3339), strings.Replace(role, ":role/", ":assumed-role/", 1)+"/ci-prod-8", d.truth.Role)))
	if err != nil {
		t.Fatal(err)
	}
}

// TestAnotherSessionThatMadeWhatIsWantedIsNotLookedPast has nothing in the state
// that could be gone.
func TestAnotherSessionThatMadeWhatIsWantedIsNotLookedPast(t *testing.T) {
	d := begin(t, "first-apply-expire-8")
	d.o.Session = "nightly"
	r := d.read(t)
	if len(r.Actions) > 0 || !slices.ContainsFunc(r.Incomplete, func(s string) bool {
		return strings.Contains(s, "and role/terraform-runner (session ci-prod-7) made ") && strings.Contains(s, " objects that addresses want")
	}) {
		t.Errorf("actions %v, incomplete %q", r.Actions, r.Incomplete)
	}
}

// TestDaysThatAreOnlyToldAbout are complete, and a note says what was odd.
func TestDaysThatAreOnlyToldAbout(t *testing.T) {
	for _, c := range []struct {
		name, incident string
		bad            func(*testing.T, *day)
		note           string
		check          func(*testing.T, *plan.Report)
	}{
		{"no backend", "shared-network-expire-15", func(t *testing.T, d *day) {
			if err := errors.Join(os.RemoveAll(d.path("config/.terraform")), os.Remove(d.path("config/backend.tf"))); err != nil {
				t.Fatal(err)
			}
		}, "no S3 backend was found, so neither the lock nor the state object was looked at: ", func(t *testing.T, r *plan.Report) {
			if r.Backend != nil || r.Lock.Status != "unknown" || r.Lock.Error != "no S3 backend was found" {
				t.Errorf("backend %+v, lock %+v", r.Backend, r.Lock)
			}
		}},
		{"the session only read", "shared-network-expire-15", onlyRead,
			"the trail has no change by arn:aws:iam::123456789012:role/terraform-runner in session ci-prod-8 in the window: if that is not right, check --role, --session, --since and the regions. Sessions of the role that did change something: ci-dev-3 (2), ci-prod-7 (14)", nil},
		{"neither a plan nor a configuration", "shared-network-expire-15", func(t *testing.T, d *day) { d.o.PlanJSON, d.o.Dir = "", t.TempDir() },
			"there is neither a plan (--plan-json) nor a configuration (--dir) to tell what is wanted: an unrecorded object cannot be given an address", func(t *testing.T, r *plan.Report) {
				if len(of(r, plan.Import)) > 0 || len(of(r, plan.StateRm)) == 0 || len(r.Questions) == 0 {
					t.Errorf("imports %v, removals %v, %d questions", of(r, plan.Import), of(r, plan.StateRm), len(r.Questions))
				}
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // the pace of LookupEvents is most of the time
			d := begin(t, c.incident)
			c.bad(t, d)
			r := d.read(t)
			if len(r.Incomplete) > 0 {
				t.Errorf("incomplete: %s", strings.Join(r.Incomplete, "\n"))
			}
			if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.HasPrefix(n, c.note) }) {
				t.Errorf("notes:\n%s\nwant:\n%s", strings.Join(r.Notes, "\n"), c.note)
			}
			if c.check != nil {
				c.check(t, r)
			}
		})
	}
}

func TestAnInterruptLeavesNothing(t *testing.T) {
	for _, what := range []string{"ec2:DescribeVpcs", "cloudtrail:LookupEvents"} {
		t.Run(what, func(t *testing.T) {
			d := begin(t, "shared-network-expire-15")
			before := files(t, d.dir)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			d.o.OnProgress = func(p providers.Progress) {
				if p.What == what {
					cancel()
				}
			}
			report, err := incident.Read(ctx, d.o)
			if report != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("report %v, error %v", report != nil, err)
			}
			if after := files(t, d.dir); !slices.Equal(before, after) {
				t.Errorf("files before %v and after %v", before, after)
			}
		})
	}
	d := begin(t, "shared-network-expire-15")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if report, err := incident.Read(ctx, d.o); report != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted before it began: %v", err)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		out = append(out, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

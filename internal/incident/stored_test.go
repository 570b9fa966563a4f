package incident_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"reconcile/internal/plan"
	"reconcile/providers/ec2/ec2test"
)

// TestStateOfTheBackendMakesTheSamePlan as the file that a person pulled.
func TestStateOfTheBackendMakesTheSamePlan(t *testing.T) {
	const name = "shared-network-expire-15"
	t.Parallel()
	pulled := begin(t, name).read(t)
	for _, state := range []string{"", "s3://tf-state-prod/env/prod/network.tfstate"} {
		d := begin(t, name)
		d.o.State = state
		got := d.read(t)
		if got.State.Source != "s3://tf-state-prod/env/prod/network.tfstate" || got.State.SHA256 != pulled.State.SHA256 || len(got.Incomplete) > 0 {
			t.Errorf("%+v, %v", got.State, got.Incomplete)
		}
		if a, b := steps(t, pulled), steps(t, got); !bytes.Equal(a, b) {
			t.Errorf("other steps:\n%s\n%s", a, b)
		}
	}
}

func steps(t *testing.T, r *plan.Report) []byte {
	t.Helper()
	js, err := json.Marshal([]any{r.Findings, r.Actions, r.Questions, r.Verdict})
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func TestStateThatIsNotItsDigestsIsIncomplete(t *testing.T) {
	t.Parallel()
	d := begin(t, "shared-network-expire-15")
	d.o.State = ""
	row := ec2test.Doc{"LockID": ec2test.Doc{"S": "tf-state-prod/env/prod/network.tfstate-md5"}, "Digest": ec2test.Doc{"S": "0"}}
	if err := d.world.PutItem(d.world.Home(), "tf-locks", row); err != nil {
		t.Fatal(err)
	}
	if got := d.read(t); !slices.ContainsFunc(got.Incomplete, func(s string) bool { return strings.Contains(s, "the digest says 0") }) || got.Verdict != plan.NeedsPerson {
		t.Errorf("%s, %v", got.Verdict, got.Incomplete)
	}
}

// TestGivenStateThatIsKeptNowhereIsIncomplete: the script's first command would
// make an empty state in that workspace.
func TestGivenStateThatIsKeptNowhereIsIncomplete(t *testing.T) {
	t.Parallel()
	d := begin(t, "shared-network-expire-15")
	d.o.Backend.Workspace = "typo"
	if got := d.read(t); !slices.ContainsFunc(got.Incomplete, func(s string) bool {
		return strings.Contains(s, "is not kept where the backend says") && strings.Contains(s, "there are states of: default")
	}) {
		t.Errorf("%v", got.Incomplete)
	}
}

// TestOlderVersionOfTheStateIsRead by its version id, from a bucket in a region
// that nobody named.
func TestOlderVersionOfTheStateIsRead(t *testing.T) {
	t.Parallel()
	d := begin(t, "shared-network-expire-15")
	text, err := os.ReadFile(d.o.State)
	if err != nil {
		t.Fatal(err)
	}
	version := d.world.PutObject("copies", "old.tfstate", text, time.Now().Add(-time.Hour))
	d.world.PutObject("copies", "old.tfstate", []byte("{}"), time.Now())
	d.world.SetBucketRegion("copies", "eu-north-1")
	if err := os.RemoveAll(d.path("config/.terraform")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(d.path("config/backend.tf")); err != nil {
		t.Fatal(err)
	}
	d.o.State = "s3://copies/old.tfstate?versionId=" + version
	if got := d.read(t); got.State.Source != d.o.State || got.State.Instances == 0 {
		t.Errorf("%+v", got.State)
	}
}

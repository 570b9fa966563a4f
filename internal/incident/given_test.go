package incident_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
)

// TestAGivenStateIsHeldAgainstTheBackends: the script works on what the backend
// keeps, so a plan that rests on another state is worth nothing.
func TestAGivenStateIsHeldAgainstTheBackends(t *testing.T) {
	t.Parallel()
	const name = "shared-network-expire-15"
	for _, c := range []struct {
		name, lineage string
		serial        int // beyond the given state's
		text          string
		stdin         bool
		err, hint     string
		problem       string
	}{
		{name: "edited, with its serial", err: "is another state: module.network.aws_ec2_transit_gateway.hub is in the file alone", hint: "terraform state pull"},
		{name: "another lineage", lineage: "another", err: "not the state of this backend", hint: "TF_WORKSPACE"},
		{name: "another lineage and older", lineage: "another", serial: -1, err: "not the state of this backend"},
		{name: "written since", serial: 1, err: "has been written since", hint: "terraform state pull"},
		{name: "written since, from standard input", serial: 3, stdin: true, err: "the state on standard input is out of date", hint: "terraform state pull"},
		{name: "newer than the backend's", serial: -1, problem: "is newer than what the backend keeps"},
		{name: "cut off", text: `{"version": 4, "serial"`, problem: "reconcile versions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, name)
			given := d.read(t).State
			text := c.text
			if text == "" {
				lineage := given.Lineage
				if c.lineage != "" {
					lineage = c.lineage
				}
				text = fmt.Sprintf(`{"version":4,"terraform_version":"1.11.4","serial":%d,"lineage":%q,"outputs":{},"resources":[]}`, int(given.Serial)+c.serial, lineage)
			}
			d.world.PutObject("tf-state-prod", "env/prod/network.tfstate", []byte(text), time.Now())
			if c.stdin {
				f, err := os.Open(d.o.State)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				d.o.State, d.o.Stdin = "-", f
			}
			report, err := incident.Read(t.Context(), d.o)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(hint.Of(err), c.hint) {
					t.Fatalf("%v (%s), want %q (%q)", err, hint.Of(err), c.err, c.hint)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			said := slices.ContainsFunc(report.Incomplete, func(s string) bool { return c.problem != "" && strings.Contains(s, c.problem) })
			if want := c.problem != ""; said != want || (want && report.Verdict != plan.NeedsPerson) {
				t.Errorf("%s, %q", report.Verdict, report.Incomplete)
			}
		})
	}
}

// TestAStateThatMayNotBeReadIsSaidToBeUncompared: the lock can be read, the
// state cannot, and the plan is made from the file.
func TestAStateThatMayNotBeReadIsSaidToBeUncompared(t *testing.T) {
	t.Parallel()
	d := begin(t, "shared-network-expire-15")
	d.server.Deny("GetObject")
	r := d.read(t)
	if !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, "was not compared") }) || len(r.Incomplete) > 0 {
		t.Errorf("%q, %q", r.Notes, r.Incomplete)
	}
}

// TestAStateThatOpenTofuEncryptsIsNotABrokenOne: tofu state pull gives it in
// clear, and to restore an earlier version over it would be the harm.
func TestAStateThatOpenTofuEncryptsIsNotABrokenOne(t *testing.T) {
	t.Parallel()
	d := begin(t, "shared-network-expire-15")
	d.world.PutObject("tf-state-prod", "env/prod/network.tfstate",
		[]byte(`{"serial":3,"lineage":"x","meta":{"key_provider.pbkdf2.k":"e30="},"encrypted_data":"AAAA","encryption_version":"v0"}`), time.Now())
	r := d.read(t)
	if !slices.ContainsFunc(r.Notes, func(s string) bool {
		return strings.Contains(s, "was not compared") && strings.Contains(s, "encrypted by OpenTofu")
	}) || len(r.Incomplete) > 0 {
		t.Errorf("%q, %q", r.Notes, r.Incomplete)
	}
}

// TestComparingCostsOneRead where the state is a file, and nothing where the
// backend's own is read.
func TestComparingCostsOneRead(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]int{"file": 1, "": 1} {
		d := begin(t, "shared-network-expire-15")
		if state == "" {
			d.o.State = ""
		}
		d.read(t)
		if got := d.server.Calls()["s3:GetObject"]; got != want {
			t.Errorf("state %q: %d reads of the object, want %d", state, got, want)
		}
	}
}

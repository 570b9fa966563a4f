package ec2_test

import (
	"slices"
	"strings"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// Every test of this file runs for every row by its being in Rows().

func TestEveryRowListsEveryPage(t *testing.T) {
	whole := reader(serve(t, small())).Inventory(t.Context(), types(), []string{region})
	srv := serve(t, small())
	srv.PageSize(2)
	for _, row := range ec2.Rows() {
		t.Run(row.Type, func(t *testing.T) {
			srv.Forget()
			inv := reader(srv).Inventory(t.Context(), []string{row.Type}, []string{region})
			objects := only(inv, row.Type)
			if c := coverage(t, inv, row.Type); c.Status != providers.Read || c.Error != "" || c.Objects != len(objects) || c.Action != row.Actions[0] {
				t.Errorf("coverage %+v for %d objects", c, len(objects))
			}
			if got, want := identities(objects), identities(only(whole, row.Type)); !slices.Equal(got, want) || len(got) < 3 {
				t.Errorf("page by page there are %v, at once %v", got, want)
			}
			pages := 0
			for _, r := range srv.Requests() {
				if "ec2:"+r.Action == row.Actions[0] {
					pages = max(pages, r.Page)
				}
			}
			if pages < 2 {
				t.Errorf("%s was read in %d pages", row.Actions[0], pages)
			}
		})
	}
}

func TestEveryObjectHasAnIdentityAndAWayBackIntoTheState(t *testing.T) {
	inv := reader(serve(t, small())).Inventory(t.Context(), types(), []string{region})
	seen := map[string]bool{}
	for _, o := range inv.Objects {
		k, _ := ec2.Kinds(ec2.Rows()).Find(o.Type)
		if o.ID == "" || o.ID != k.IdentityOf(o.Attrs) || seen[o.Type+" "+o.ID] {
			t.Errorf("%s: identity %q is empty, not the kind's or used twice", o.Type, o.ID)
		}
		seen[o.Type+" "+o.ID] = true
		if o.Place != here || o.Life != providers.Alive {
			t.Errorf("%s %s: place %s, life %q", o.Type, o.ID, o.Place, o.Life)
		}
		if id := k.ImportIDOf(o.Attrs); (id == "") != (k.NoImport != "") {
			t.Errorf("%s %s: import id %q, and why there is none: %q", o.Type, o.ID, id, k.NoImport)
		}
		if k.StateIDOf(o.Attrs) == "" {
			t.Errorf("%s %s: no id for the state", o.Type, o.ID)
		}
		for _, name := range append(k.Parents, k.Fixed...) {
			if _, ok := o.Attrs[name]; !ok {
				t.Errorf("%s %s: the kind names the attribute %s, which the reading does not have", o.Type, o.ID, name)
			}
		}
	}
}

func TestEveryKindIsWhole(t *testing.T) {
	for _, k := range ec2.Kinds(ec2.Rows()) {
		if k.IfSkipped == "" && k.NoImport == "" {
			t.Errorf("%s does not say what happens if its import is skipped", k.Type)
		}
		if (k.Import == "") != (k.NoImport != "") {
			t.Errorf("%s: import %q, and why not: %q", k.Type, k.Import, k.NoImport)
		}
		if len(k.Events) == 0 || k.Confirm == nil {
			t.Errorf("%s has no events or no look by id", k.Type)
		}
		for _, a := range k.Actions {
			name, ok := strings.CutPrefix(a, "ec2:")
			if !ok || !(strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "Search")) {
				t.Errorf("%s lists by %s, which is no read", k.Type, a)
			}
			if !slices.Contains(ec2.AllowList(ec2.Rows()), "EC2:"+name) {
				t.Errorf("%s lists by %s, which the guard would refuse", k.Type, a)
			}
			if !slices.Contains(ec2test.Actions(), name) {
				t.Errorf("%s lists by %s, which the stand-in does not serve", k.Type, a)
			}
		}
		for attr := range k.Inline {
			if !slices.Contains(k.Compared, attr) {
				t.Errorf("%s spells %s inline and does not compare it", k.Type, attr)
			}
		}
		// A list that is made of a map must be sorted: it decides the order of
		// what a report says.
		if k.Type == "aws_route" && !slices.IsSorted(k.Compared) {
			t.Errorf("%s compares %v, in another order on each run", k.Type, k.Compared)
		}
	}
}

func TestADeniedCallIsNamedAndNothingElseSuffers(t *testing.T) {
	for _, action := range actions() {
		t.Run(action, func(t *testing.T) {
			srv := serve(t, small())
			srv.Deny(action)
			inv := reader(srv).Inventory(t.Context(), types(), []string{region})
			for _, row := range ec2.Rows() {
				c := coverage(t, inv, row.Type)
				switch {
				case !slices.Contains(row.Actions, "ec2:"+action):
					if c.Status != providers.Read || c.Objects == 0 {
						t.Errorf("%s does not need %s and has %+v", row.Type, action, c)
					}
				case c.Status != providers.Denied || c.Action != "ec2:"+action || c.Error != "denied (UnauthorizedOperation): the caller's policy lacks ec2:"+action:
					t.Errorf("%s: %+v", row.Type, c)
				case len(only(inv, row.Type)) != 0:
					t.Errorf("%s has objects and was denied", row.Type)
				}
			}
		})
	}
}

// actions are the listings of all rows, each once.
func actions() []string {
	var out []string
	for _, row := range ec2.Rows() {
		for _, a := range row.Actions {
			if a = strings.TrimPrefix(a, "ec2:"); !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

func TestAListingThatBreaksOffKeepsWhatItFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  func(srv *ec2test.Server, action string)
		status providers.Status
		text   string
		found  bool
	}{
		{"the second page fails", func(s *ec2test.Server, a string) { s.FailPage(a, 2, "InvalidNextToken") }, providers.Failed, "InvalidNextToken: The call of ACTION was made to fail", true},
		{"the second page is denied", func(s *ec2test.Server, a string) { s.FailPage(a, 2, "UnauthorizedOperation") }, providers.Denied, "denied (UnauthorizedOperation): the caller's policy lacks ec2:ACTION", true},
		{"throttled for ever", func(s *ec2test.Server, a string) { s.Fail(a, "RequestLimitExceeded", 503) }, providers.Throttled, "throttled (RequestLimitExceeded) after every retry", false},
		{"broken for ever", func(s *ec2test.Server, a string) { s.Fail(a, "InternalError", 500) }, providers.Failed, "InternalError: The call of ACTION was made to fail", false},
		{"the credentials expire", func(s *ec2test.Server, a string) { s.FailPage(a, 2, "RequestExpired") }, providers.Failed, "RequestExpired: The call of ACTION was made to fail", true},
		{"the account may not use the region", func(s *ec2test.Server, a string) { s.Fail(a, "OptInRequired", 403) }, providers.Denied, "denied (OptInRequired): the account may not use EC2 in this region", false},
		{"throttled for a moment", func(s *ec2test.Server, a string) { s.FailTimes(2, a, "RequestLimitExceeded", 503) }, providers.Read, "", true},
	} {
		for _, row := range ec2.Rows() {
			t.Run(c.name+"/"+row.Type, func(t *testing.T) {
				srv := serve(t, small())
				srv.PageSize(2)
				action := strings.TrimPrefix(row.Actions[0], "ec2:")
				c.fault(srv, action)
				inv := reader(srv).Inventory(t.Context(), []string{row.Type}, []string{region})
				got := coverage(t, inv, row.Type)
				if want := strings.ReplaceAll(c.text, "ACTION", action); got.Status != c.status || got.Error != want || got.Action != row.Actions[0] {
					t.Errorf("coverage %+v, want %s: %s", got, c.status, want)
				}
				if n := len(only(inv, row.Type)); (n > 0) != c.found || n != got.Objects {
					t.Errorf("%d objects kept, %d counted", n, got.Objects)
				}
			})
		}
	}
}

func TestTwoRegionsDoNotMix(t *testing.T) {
	w := small()
	there := providers.Place{Account: account, Region: "eu-west-1"}
	if err := w.Put(there, "Vpcs", ec2test.Doc{"VpcId": "vpc-there", "OwnerId": account, "State": "available", "CidrBlock": "10.0.0.0/16"}); err != nil {
		t.Fatal(err)
	}
	inv := reader(serve(t, w)).Inventory(t.Context(), []string{"aws_vpc"}, []string{region, "eu-west-1"})
	if inv.Status("aws_vpc", there) != providers.Read || inv.Status("aws_vpc", here) != providers.Read {
		t.Errorf("coverage %+v", inv.Coverage)
	}
	for _, o := range inv.Objects {
		if (o.ID == "vpc-there") != (o.Place == there) || !strings.Contains(o.Attrs.Text("arn"), ":"+o.Place.Region+":") {
			t.Errorf("%s is in %s with %s", o.ID, o.Place, o.Attrs.Text("arn"))
		}
	}
}

func TestEveryRowIsFoundAgainById(t *testing.T) {
	w := small()
	srv := serve(t, w)
	inv := reader(srv).Inventory(t.Context(), types(), []string{region})
	for _, row := range ec2.Rows() {
		t.Run(row.Type, func(t *testing.T) {
			objects := only(inv, row.Type)
			var attrs []providers.Attrs
			for _, o := range objects {
				attrs = append(attrs, o.Attrs)
			}
			srv.Forget()
			got, err := reader(srv).Look(t.Context(), row.Type, here, attrs)
			if err != nil {
				t.Fatal(err)
			}
			found := identities(got)
			for _, o := range objects {
				if !slices.Contains(found, o.ID) {
					t.Errorf("%s is not found by id", o.ID)
				}
			}
			want := 1
			if len(row.Actions) > 1 {
				want = len(w.Docs(here, "TransitGatewayRouteTables")) // one a parent
			}
			if n := len(srv.Requests()); n != want {
				t.Errorf("%d objects took %d calls, want %d", len(objects), n, want)
			}
			one, err := reader(srv).Look(t.Context(), row.Type, here, attrs[:1])
			if err != nil || !slices.Contains(identities(one), objects[0].ID) {
				t.Errorf("one by id: %v, %v", identities(one), err)
			}
			if len(one) == len(objects) && row.Type != "aws_ec2_tag" && len(objects) > 4 {
				t.Errorf("the look at one object reads all %d", len(objects))
			}
		})
	}
}

func TestALookThatCannotBeMadeIsAnErrorAndNotAnAbsence(t *testing.T) {
	for _, row := range ec2.Rows() {
		t.Run(row.Type, func(t *testing.T) {
			srv := serve(t, small())
			inv := reader(srv).Inventory(t.Context(), []string{row.Type}, []string{region})
			attrs := []providers.Attrs{only(inv, row.Type)[0].Attrs}
			if got, err := reader(srv).Look(t.Context(), row.Type, here, []providers.Attrs{{}}); err == nil ||
				err.Error() != "the attributes of "+row.Type+" do not tell what to look it up by" {
				t.Errorf("looked up by nothing: %v, %v", got, err)
			}
			action := strings.TrimPrefix(row.Actions[0], "ec2:")
			srv.Deny(action)
			if got, err := reader(srv).Look(t.Context(), row.Type, here, attrs); err == nil ||
				err.Error() != "denied (UnauthorizedOperation): the caller's policy lacks ec2:"+action {
				t.Errorf("denied: %v, %v", got, err)
			}
		})
	}
	if _, err := reader(serve(t, small())).Look(t.Context(), "aws_nat_gateway", here, nil); err == nil || err.Error() != "reconcile does not know aws_nat_gateway" {
		t.Errorf("an unknown type: %v", err)
	}
}

package ec2_test

import (
	"slices"
	"strings"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

func TestADeniedCallIsNamedAndNothingElseSuffers(t *testing.T) {
	f := everything()
	const rounds = 6 // each denies every sixth call
	for round := range rounds {
		srv := serve(t, f.world)
		var denied []string
		for i, action := range actions() {
			if i%rounds == round {
				srv.Deny(action)
				denied = append(denied, action)
			}
		}
		inv := f.reader(srv).Inventory(t.Context(), f.types(), []string{region})
		for _, row := range f.rows {
			if row.Unread != "" {
				continue
			}
			c := coverage(t, inv, row.Type)
			if !slices.ContainsFunc(row.Actions, func(a string) bool { return slices.Contains(denied, a) }) {
				if c.Status != providers.Read || c.Objects != coverage(t, f.whole(), row.Type).Objects {
					t.Errorf("%s needs none of %v and has %+v", row.Type, denied, c)
				}
				continue
			}
			code := "AccessDeniedException"
			if strings.HasPrefix(c.Action, "ec2:") {
				code = "UnauthorizedOperation"
			}
			if c.Status != providers.Denied || !slices.Contains(row.Actions, c.Action) || !slices.Contains(denied, c.Action) ||
				c.Error != "denied ("+code+"): the caller's policy lacks "+c.Action || len(only(inv, row.Type)) != 0 {
				t.Errorf("%s has %d objects, without %v: %+v", row.Type, len(only(inv, row.Type)), denied, c)
			}
		}
	}
}

// actions are the listings of all rows, each once.
func actions() []string {
	var out []string
	for _, row := range ec2.Rows() {
		for _, a := range row.Actions {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

func keepsWhatABrokenListingFound(t *testing.T, f *filled, row ec2.Row) {
	s := ec2.SourcesOf(row)[0]
	denied := map[string]string{"ec2": "UnauthorizedOperation"}[s.Service]
	if denied == "" {
		denied = "AccessDeniedException"
	}
	for _, c := range []struct {
		name   string
		fault  func(srv *ec2test.Server)
		status providers.Status
		text   string
		turned bool // the fault is on the second page: what the first one held is kept
		found  bool
	}{
		{"the second page fails", func(s *ec2test.Server) { s.FailPage(row.Actions[0], 2, "InvalidNextToken") }, providers.Failed, "InvalidNextToken: The call of ACTION was made to fail", true, true},
		{"the second page is denied", func(s *ec2test.Server) { s.FailPage(row.Actions[0], 2, denied) }, providers.Denied, "denied (" + denied + "): the caller's policy lacks ACTION", true, true},
		{"the credentials expire", func(s *ec2test.Server) { s.FailPage(row.Actions[0], 2, "RequestExpired") }, providers.Failed, "RequestExpired: The call of ACTION was made to fail", true, true},
		{"throttled for ever", func(s *ec2test.Server) { s.Fail(row.Actions[0], "RequestLimitExceeded", 503) }, providers.Throttled, "throttled (RequestLimitExceeded) after every retry", false, false},
		{"broken for ever", func(s *ec2test.Server) { s.Fail(row.Actions[0], "InternalError", 500) }, providers.Failed, "InternalError: The call of ACTION was made to fail", false, false},
		{"the account may not use the region", func(s *ec2test.Server) { s.Fail(row.Actions[0], "OptInRequired", 403) }, providers.Denied, "denied (OptInRequired): the account may not use EC2 in this region", false, false},
		{"throttled for a moment", func(s *ec2test.Server) { s.FailTimes(2, row.Actions[0], "RequestLimitExceeded", 503) }, providers.Read, "", false, true},
	} {
		if c.turned && f.pages()[row.Actions[0]] < 2 {
			continue // the call does not page
		}
		srv := serve(t, f.world)
		srv.PageSize(2)
		c.fault(srv)
		inv := f.reader(srv).Inventory(t.Context(), []string{row.Type}, []string{region})
		got := coverage(t, inv, row.Type)
		want := strings.ReplaceAll(c.text, "call of ACTION", "call of "+row.Actions[0])
		if want = strings.ReplaceAll(want, "ACTION", row.Actions[0]); got.Status != c.status || got.Error != want || got.Action != row.Actions[0] {
			t.Errorf("%s: coverage %+v, want %s: %s", c.name, got, c.status, want)
		}
		n := len(only(inv, row.Type))
		if n != got.Objects || (!c.found && n > 0) || (c.found && n == 0 && onFirstPage(f, row)) {
			t.Errorf("%s: %d objects kept, %d counted", c.name, n, got.Objects)
		}
	}
}

// onFirstPage reports whether the first page of two has any of the row's objects.
func onFirstPage(f *filled, row ec2.Row) bool {
	items := f.items[row.Actions[0]]
	for _, i := range items[:min(2, len(items))] {
		if len(ec2.ObjectsOf(row, i.doc, here, i.parent)) > 0 {
			return true
		}
	}
	return false
}

func isFoundAgainByID(t *testing.T, f *filled, row ec2.Row) {
	objects := f.objects(t, row.Type)
	var attrs []providers.Attrs
	values := map[string]bool{}
	filter, ids, value, _ := ec2.LookOf(row)
	for _, o := range objects {
		attrs = append(attrs, o.Attrs)
		values[value.Expand(o.Attrs.Text)] = true
	}
	srv := serve(t, f.world)
	got, err := f.reader(srv).Look(t.Context(), row.Type, here, attrs)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if !slices.Contains(identities(got), o.ID) {
			t.Errorf("%s is not found by id", o.ID)
		}
	}
	calls, narrow := 1, filter != "" || ids != "" || len(row.Actions) > 1
	if filter != "" {
		calls = (len(values) + 199) / 200 // EC2 takes 200 values in a call
	}
	if ids != "" || len(row.Actions) > 1 {
		calls = len(values) // one an id, one a parent
	}
	if n := len(srv.Requests()); n != calls {
		t.Errorf("%d objects took %d calls, want %d", len(objects), n, calls)
	}
	one, err := f.reader(srv).Look(t.Context(), row.Type, here, attrs[:1])
	if err != nil || !slices.Contains(identities(one), objects[0].ID) {
		t.Errorf("one by id: %v, %v", identities(one), err)
	}
	if len(one) == len(objects) && narrow && len(values) > 1 {
		t.Errorf("the look at one object reads all %d", len(objects))
	}
}

func isNotAbsentForWantOfALook(t *testing.T, f *filled, row ec2.Row) {
	attrs := []providers.Attrs{f.objects(t, row.Type)[0].Attrs}
	srv := serve(t, f.world)
	if got, err := f.reader(srv).Look(t.Context(), row.Type, here, []providers.Attrs{{}}); err == nil ||
		err.Error() != "the attributes of "+row.Type+" do not tell what to look it up by" {
		t.Errorf("looked up by nothing: %v, %v", got, err)
	}
	srv.Deny(row.Actions[0])
	if got, err := f.reader(srv).Look(t.Context(), row.Type, here, attrs); err == nil || !strings.HasPrefix(err.Error(), "denied (") ||
		!strings.HasSuffix(err.Error(), ": the caller's policy lacks "+row.Actions[0]) {
		t.Errorf("denied: %v, %v", got, err)
	}
	for _, code := range []string{"InvalidParameterValue", "InvalidMadeUpID.NotFound", "InvalidMadeUpID.Malformed", "UnsupportedOperation"} {
		srv.Heal()
		srv.Fail(row.Actions[0], code, 400)
		if got, err := f.reader(srv).Look(t.Context(), row.Type, here, attrs); err == nil || !strings.HasPrefix(err.Error(), code) {
			t.Errorf("%s: %v, %v", code, identities(got), err)
		}
	}
}

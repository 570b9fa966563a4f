package inventory

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"reconcile/internal/backend"
	"reconcile/internal/diff"
	"reconcile/internal/statefile"
	"reconcile/providers"
	"reconcile/providers/ec2"
)

func kinds() providers.Kinds { return ec2.Kinds(ec2.Rows()) }

// some are kinds of every sort.
func some() providers.Kinds {
	return providers.Kinds{
		{Type: "aws_thing", Import: "{id}", Account: "owner_id", Gone: []string{"deleted"}, Fixed: []string{"cidr_block"}},
		{Type: "aws_default_thing", Import: "{id}"},
		{Type: "aws_part", Identity: "{thing_id}_{n}", Import: "{thing_id}_{n}", Facet: true, Parents: []string{"thing_id"}},
		{Type: "aws_world", Import: "{id}", Global: true},
		{Type: "aws_dark", Unread: "is read by the Organizations API"},
	}
}

var (
	here  = providers.Place{Account: "123456789012", Region: "us-east-1"}
	there = providers.Place{Account: "123456789012", Region: "eu-west-1"}
)

// recorded is a state with these instances, "address" to attributes.
func recorded(t *testing.T, instances map[string]map[string]any) *statefile.State {
	t.Helper()
	s := statefile.NoState()
	s.Format = statefile.Raw
	for address, attrs := range instances {
		text, err := json.Marshal(attrs)
		if err != nil {
			t.Fatal(err)
		}
		typ, name, _ := strings.Cut(address, ".")
		s.Instances = append(s.Instances, statefile.Instance{Address: address, Mode: statefile.Managed, Type: typ, Name: name, Attributes: text,
			Provider: statefile.Provider{Source: "registry.terraform.io/hashicorp/aws"}})
	}
	return s
}

func readingOf(state *statefile.State) *reading {
	r := &reading{kinds: some(), state: state, report: &Report{}}
	r.subject = diff.NewSubject(state, nil, r.kinds, "", nil)
	return r
}

func TestWhoseAnObjectIs(t *testing.T) {
	r := readingOf(recorded(t, map[string]map[string]any{
		"aws_thing.a":         {"id": "thing-1", "arn": "arn:aws:ec2:us-east-1:123456789012:thing/thing-1"},
		"aws_default_thing.d": {"id": "thing-2", "arn": "arn:aws:ec2:us-east-1:123456789012:thing/thing-2"},
		"aws_part.p":          {"id": "x", "thing_id": "thing-1", "n": "1"},
		"aws_world.w":         {"id": "world-1", "region": "ap-south-1"},
	}))
	r.place = &backend.Config{Workspace: "prod"}
	for _, c := range []struct {
		name    string
		o       providers.Object
		status  Status
		address string
		of      string
	}{
		{"recorded", providers.Object{Type: "aws_thing", ID: "thing-1", Place: here}, Managed, "aws_thing.a", ""},
		{"recorded as another type", providers.Object{Type: "aws_thing", ID: "thing-2", Place: here}, Managed, "aws_default_thing.d", ""},
		{"recorded in another region", providers.Object{Type: "aws_thing", ID: "thing-1", Place: there}, Unmanaged, "", ""},
		{"recorded, without a region of its own", providers.Object{Type: "aws_world", ID: "world-1", Place: there}, Managed, "aws_world.w", ""},
		{"not recorded", providers.Object{Type: "aws_thing", ID: "thing-9", Place: here}, Unmanaged, "", ""},
		{"a recorded aspect", providers.Object{Type: "aws_part", ID: "thing-1_1", Place: here}, Managed, "aws_part.p", ""},
		{"an aspect of what is recorded", providers.Object{Type: "aws_part", ID: "thing-1_2", Place: here, Attrs: providers.Attrs{"thing_id": "thing-1"}}, Aspect, "", "thing-1 aws_thing.a"},
		{"an aspect of what is not", providers.Object{Type: "aws_part", ID: "thing-9_2", Place: here, Attrs: providers.Attrs{"thing_id": "thing-9"}}, Aspect, "", "thing-9"},
		{"AWS's own", providers.Object{Type: "aws_thing", ID: "thing-9", Place: here, Implicit: true}, ByAWS, "", ""},
		{"Amazon's", providers.Object{Type: "aws_thing", ID: "thing-9", Place: here, Attrs: providers.Attrs{"owner_id": "amazon"}}, ByAWS, "", ""},
		{"another account's", providers.Object{Type: "aws_thing", ID: "thing-9", Place: here, Attrs: providers.Attrs{"owner_id": "210987654321"}}, Shared, "", ""},
		{"lingering", providers.Object{Type: "aws_thing", ID: "thing-9", Place: here, Life: providers.Gone}, Gone, "", ""},
		{"lingering and recorded", providers.Object{Type: "aws_thing", ID: "thing-1", Place: here, Life: providers.Gone}, Managed, "aws_thing.a", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, _ := r.kinds.Find(c.o.Type)
			got := r.describe(k, c.o, r.owners())
			if got.Status != c.status || got.Address != c.address || strings.TrimSpace(got.Of+" "+got.OfAt) != c.of {
				t.Errorf("%s at %q of %q %q", got.Status, got.Address, got.Of, got.OfAt)
			}
			if want := (c.status == Managed); want != (got.By.String() == "workspace prod") {
				t.Errorf("by %q", got.By)
			}
		})
	}
}

func TestTwoAddressesOfOneObjectAreTold(t *testing.T) {
	r := readingOf(recorded(t, map[string]map[string]any{"aws_thing.a": {"id": "thing-1"}, "aws_thing.b": {"id": "thing-1"}}))
	r.describe(r.kinds[0], providers.Object{Type: "aws_thing", ID: "thing-1", Place: here}, r.owners())
	if len(r.report.Notes) != 1 || r.report.Notes[0] != "aws_thing thing-1 is recorded at two addresses: aws_thing.a and aws_thing.b" {
		t.Errorf("notes %q", r.report.Notes)
	}
}

func TestNoSecretIsShown(t *testing.T) {
	r := readingOf(recorded(t, nil))
	got := r.describe(r.kinds[0], providers.Object{Type: "aws_thing", ID: "thing-1", Place: here, Attrs: providers.Attrs{
		"id": "thing-1", "tunnel1_preshared_key": "hunter2", "customer_gateway_configuration": "<xml>hunter2</xml>",
		"options": []any{map[string]any{"preshared_key": "hunter2", "inside_cidr": "169.254.0.0/30", "auth_key": ""}},
	}}, r.owners())
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "hunter2") || !strings.Contains(string(text), "169.254.0.0/30") {
		t.Errorf("%s", text)
	}
}

func TestWhatHasNoRegionIsListedOnce(t *testing.T) {
	in := []providers.Object{{Type: "aws_world", ID: "w", Place: there}, {Type: "aws_world", ID: "w", Place: here}, {Type: "aws_thing", ID: "w", Place: there}, {Type: "aws_thing", ID: "w", Place: here}}
	if got := once(some(), in); len(got) != 3 || got[0].Place != there {
		t.Errorf("%v", got)
	}
}

func TestAKindThatCannotBeListedCostsOnlyThoseWhoAskedForIt(t *testing.T) {
	c := providers.Coverage{Type: "aws_dark", Place: here, Status: providers.NotSupported, Error: "is read by the Organizations API"}
	if got := told(c); got != "aws_dark is read by the Organizations API" {
		t.Error(got)
	}
	for name, want := range map[string]bool{"--all": true, "--all and the state has one": false, "named": false} {
		state := recorded(t, nil)
		if strings.Contains(name, "state") {
			state = recorded(t, map[string]map[string]any{"aws_dark.x": {"id": "x"}})
		}
		r := readingOf(state)
		r.o.All = name != "named"
		if got := r.incidental("aws_dark"); got != want {
			t.Errorf("%s: incidental %v", name, got)
		}
	}
}

func TestNothingSteersTheTerminal(t *testing.T) {
	r := readingOf(recorded(t, map[string]map[string]any{"aws_thing.a": {"id": "thing-1\x1b[2J"}}))
	evil := providers.Attrs{"cidr_block": "10.0.0.0/8\x1b]0;title\x07\n", "tags_all": map[string]any{"Name": "\u202egnp.exe\r"}}
	for _, id := range []string{"thing-1\x1b[2J", "thing-2\n"} {
		r.report.Objects = append(r.report.Objects, r.describe(r.kinds[0], providers.Object{Type: "aws_thing", ID: id, Place: here, Attrs: evil, State: "\u009b31m"}, r.owners()))
	}
	r.report.Regions = []string{"us-east-1"}
	for _, line := range strings.Split(textOf(t, r.report, false), "\n") {
		if strings.ContainsAny(line, "\x1b\x07\r\u009b\u202e") {
			t.Errorf("%q", line)
		}
	}
	if s := textOf(t, r.report, true); strings.Contains(s, "\x1b[2J") || !strings.Contains(s, "\x1b[33m") {
		t.Errorf("%q", s)
	}
}

func textOf(t *testing.T, r *Report, colour bool) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, r, colour); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnErrorOfTheWriterIsTold(t *testing.T) {
	for name, write := range map[string]error{"text": Text(broken{}, &Report{}, false), "JSON": Encode(broken{}, &Report{})} {
		if !errors.Is(write, errBroken) {
			t.Errorf("%s: %v", name, write)
		}
	}
}

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

package plan

import (
	"slices"
	"strings"
	"testing"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

func TestTheRegionIsPartOfTheImportIdOnlyWhereVersion6NeedsIt(t *testing.T) {
	vpc := providers.Kind{Type: "aws_vpc", Import: "{id}"}
	tag := providers.Kind{Type: "aws_dx_gateway", Import: "{id}", Global: true}
	north := providers.Place{Account: account, Region: "eu-north-1"}
	for name, c := range map[string]struct {
		version string
		kind    providers.Kind
		at      providers.Place
		region  any // the wanted instance's own
		want    string
	}{
		"version 5, elsewhere":                     {"5.100.0", vpc, north, nil, "x-1"},
		"version 6, in the provider's region":      {"6.2.0", vpc, west, nil, "x-1"},
		"version 6, elsewhere":                     {"6.2.0", vpc, north, nil, "x-1@eu-north-1"},
		"version 6, elsewhere, a global type":      {"6.2.0", tag, north, nil, "x-1"},
		"no lock file, no trace of version 6":      {"", vpc, north, nil, "x-1"},
		"no lock file, a region attribute":         {"", vpc, north, "eu-north-1", "x-1@eu-north-1"},
		"a version that nobody can read":           {"six", vpc, north, nil, "x-1"},
		"version 10 sorts behind version 6":        {"10.0.0", vpc, north, nil, "x-1@eu-north-1"},
		"version 6 and an address that is unknown": {"6.0.0", vpc, west, "?", "x-1@eu-west-1"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			address := "aws_vpc.a"
			if c.region == "?" {
				address = "aws_vpc.nobody"
			} else {
				w := i.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16")
				w.ProviderKey = "aws"
				if c.region != nil {
					w.Values["region"] = wanted.Value{Known: c.region}
				}
			}
			in := Input{ProviderVersion: c.version, Reading: i.reading, Subject: diff.NewSubject(&i.state, &i.want, kinds, west.Region, nil)}
			b := &builder{in: in}
			if got := b.importID(c.kind, providers.Attrs{"id": "x-1"}, c.at, address); got != c.want {
				t.Errorf("import id %s, want %s", got, c.want)
			}
		})
	}
}

func TestATypeThatOnlyALaterProviderImportsIsNotImportedByAnEarlierOne(t *testing.T) {
	k := providers.Kind{Type: "aws_vpn_connection_route", Import: "{id}", ImportSince: 6, NoImport: "Apply again"}
	for version, want := range map[string]bool{"5.100.0": false, "6.1.0": true, "": false} {
		b := &builder{in: Input{ProviderVersion: version}}
		if got := b.importable(k); got != want {
			t.Errorf("version %q: importable %v", version, got)
		}
	}
}

// What the provider makes of an import id it makes of a create's arguments too:
// the same id needs the same spelling.
func TestAnImportIsSpelledAsTheConfigurationIs(t *testing.T) {
	for written, want := range map[string]string{"tcp": "rule-tcp-100", "6": "rule-6-100", "udp": "rule-6-100"} {
		i := newIncident()
		i.kinds = append(slices.Clone(kinds), providers.Kind{Type: "aws_rule", Identity: "{number}", Import: "{protocol}:{number}", Facet: true, Fixed: []string{"number"},
			StateID:   func(a providers.Attrs) string { return "rule-" + a.Text("protocol") + "-" + a.Text("number") },
			Spellings: map[string]func(string) []string{"protocol": func(v string) []string { return []string{v, map[string]string{"6": "tcp"}[v]} }},
			Events:    created("CreateRule"), IfSkipped: "RuleAlreadyExists"})
		i.reading.Inventory.Coverage = append(i.reading.Inventory.Coverage, providers.Coverage{Type: "aws_rule", Place: west, Status: providers.Read})
		i.wanted("aws_rule.a", wanted.Create, "", "number", "100", "protocol", written)
		i.made(1, "aws_rule", "100", attrs("number", "100", "protocol", "6"))
		a := i.build().Actions
		if len(a) != 1 || a[0].NewStateID != want || a[0].ID != strings.Split(want, "-")[1]+":100" {
			t.Errorf("%s: %+v, want %s", written, a, want)
		}
	}
}

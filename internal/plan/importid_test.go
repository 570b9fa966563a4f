package plan

import (
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

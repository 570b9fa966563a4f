package plan

import (
	"strconv"
	"strings"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

// major is the AWS provider's major version: that of the lock file, else what
// its traces tell. Version 6 gives every regional resource a region attribute.
func (b *builder) major() int {
	if n, err := strconv.Atoi(strings.SplitN(b.in.ProviderVersion, ".", 2)[0]); err == nil {
		return n
	}
	for _, i := range b.diff.Instances {
		if i.Type == "aws_vpc" || i.Type == "aws_subnet" {
			if _, ok := i.Attrs["region"]; ok {
				return 6
			}
		}
	}
	if w := b.in.Subject.Wanted; w != nil {
		for _, i := range w.Instances {
			if _, ok := i.Values["region"]; ok && (i.Type == "aws_vpc" || i.Type == "aws_subnet") {
				return 6
			}
		}
	}
	return 5
}

// importable reports whether the provider in use can import a kind.
func (b *builder) importable(k providers.Kind) bool {
	return k.Import != "" && (k.ImportSince == 0 || b.major() >= k.ImportSince)
}

// importID is what terraform import takes for an object. From version 6 on one
// provider block may hold several regions, and an object outside of its own is
// named with @region; version 5 would pass that on to EC2.
func (b *builder) importID(k providers.Kind, a providers.Attrs, at providers.Place, address string) string {
	want, _ := b.in.Subject.Wanted.Find(address)
	id := k.ImportIDOf(spelled(k, a, want))
	if id == "" || k.Global || b.major() < 6 {
		return id
	}
	if b.providerRegion(address) == at.Region {
		return id
	}
	return id + "@" + at.Region
}

// providerRegion is the default region of the provider block that an address
// uses, "" if nothing tells.
func (b *builder) providerRegion(address string) string {
	want, ok := b.in.Subject.Wanted.Find(address)
	if !ok {
		return ""
	}
	p := b.in.Subject.Wanted.Providers[want.ProviderKey]
	switch {
	case p.Region != "":
		return p.Region
	case p.RegionSet:
		return ""
	}
	return b.in.Subject.WantedPlace(wanted.Instance{ProviderKey: want.ProviderKey}, b.in.Reading.Caller).Region
}

// notImportable says why a kind cannot be imported, and what to do instead.
func (b *builder) notImportable(k providers.Kind) string {
	if k.Import == "" {
		return k.NoImport
	}
	return "version " + strconv.Itoa(b.major()) + " of the AWS provider cannot import this type (version " + strconv.Itoa(k.ImportSince) + " can). " + k.NoImport
}

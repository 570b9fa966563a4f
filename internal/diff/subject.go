package diff

import (
	"slices"

	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// Subject is what is held against the reading: the state's managed instances,
// decoded and placed once, and what the configuration wants. Wanted may be nil.
type Subject struct {
	Instances []Instance
	Wanted    *wanted.Wanted
	Kinds     providers.Kinds
	Region    string // of the caller's own configuration
	// Aliases are the accounts of provider configurations that a person named
	// credentials for, by alias ("" is the default configuration).
	Aliases map[string]string

	around map[statefile.Provider]around
}

// around is what the instances of one provider configuration tell of it.
type around struct {
	agreed      providers.Place // what all agree on
	environment string          // the region, where the configuration leaves it open
}

// NewSubject decodes and places the state's instances. aliases may be nil.
func NewSubject(state *statefile.State, w *wanted.Wanted, kinds providers.Kinds, region string, aliases map[string]string) Subject {
	s := Subject{Wanted: w, Kinds: kinds, Region: region, Aliases: aliases, around: map[statefile.Provider]around{}}
	for _, si := range state.Instances {
		if si.Mode != statefile.Managed {
			continue
		}
		i := Instance{Instance: si}
		kind, known := kinds.Find(si.Type)
		switch {
		case !IsAWS(si.Provider.Source):
			i.Status, i.Reason = Unknown, "not an AWS resource: reconcile does not look at "+si.Provider.Source
		case !known:
			i.Status, i.Reason = Unknown, "reconcile does not know "+si.Type
		case kind.Unread != "":
			i.Kind, i.Status, i.Reason = kind, Unknown, "not looked at: "+kind.Unread
		default:
			attrs, err := si.Attrs()
			if err != nil {
				i.Status, i.Reason = Unknown, "its attributes cannot be read from the state"
			}
			i.Kind, i.Attrs, i.ID = kind, attrs, kind.IdentityOf(attrs)
		}
		s.Instances = append(s.Instances, i)
	}
	s.place()
	return s
}

// IsAWS reports whether a provider source is the AWS provider, of either registry.
func IsAWS(source string) bool {
	return slices.Contains([]string{"registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws", "registry.terraform.io/-/aws", ""}, source)
}

package diff

import (
	"slices"
	"strings"

	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// Reads says which known kinds have to be read where: those of every instance
// of the state and of every wanted address, in its own place. An account that
// nothing tells is the caller's. Every place of a provider configuration is
// there, if only for its trail. Problems name what cannot be told.
func (s Subject) Reads(caller providers.Caller) (reads map[providers.Place][]string, problems []string) {
	reads = map[providers.Place][]string{}
	add := func(at providers.Place, typ string) {
		fill(&at, providers.Place{Account: caller.Account})
		if at.Region == "" {
			return
		}
		types := reads[at]
		if _, known := s.Kinds.Find(typ); known && !slices.Contains(types, typ) {
			types = append(types, typ)
		}
		reads[at] = types
	}
	for _, i := range s.Instances {
		if IsAWS(i.Instance.Provider.Source) {
			add(i.Place, i.Type)
		}
	}
	if s.Wanted != nil {
		for _, w := range s.Wanted.Instances {
			if IsAWS(w.Source) {
				add(s.WantedPlace(w, caller), w.Type)
			}
		}
		for name, p := range s.Wanted.Providers {
			if !IsAWS(p.Source) {
				continue
			}
			at := providers.Place{Account: s.accountOf(p), Region: p.Region}
			fill(&at, s.around[statefile.Provider{Source: p.Source, Module: p.Module, Alias: p.Alias}].agreed)
			if p.Region == "" && p.RegionSet {
				problems = append(problems, "the region of provider "+name+" cannot be told from the configuration: add it with --region")
			} else {
				fill(&at, providers.Place{Region: s.Region})
			}
			add(at, "")
		}
	}
	if len(reads) == 0 {
		add(providers.Place{Region: s.Region}, "")
	}
	for at := range reads {
		slices.Sort(reads[at])
	}
	slices.Sort(problems)
	return reads, problems
}

// WantedPlace is where the object of a wanted address belongs: the region of
// its provider, in the account that the provider's role or its other instances
// name, or else the caller's. A provider that the configuration does not hold,
// other than the default one, tells nothing.
func (s Subject) WantedPlace(w wanted.Instance, caller providers.Caller) providers.Place {
	var p wanted.Provider
	held := false
	if s.Wanted != nil {
		p, held = s.Wanted.Providers[w.ProviderKey]
	}
	at := providers.Place{Region: p.Region}
	if v, ok := w.Values["region"]; ok && v.IsKnown() {
		if r := providers.Canon(v.Known); r != "" {
			at.Region = r
		}
	}
	environment := s.Region
	if held {
		fill(&at, providers.Place{Account: s.accountOf(p)})
		if siblings, ok := s.around[statefile.Provider{Source: p.Source, Module: p.Module, Alias: p.Alias}]; ok {
			fill(&at, siblings.agreed)
			environment = siblings.environment
		}
	}
	if !p.RegionSet && (held || !strings.Contains(w.ProviderKey, ".")) {
		fill(&at, providers.Place{Region: environment})
	}
	if !p.RoleSet {
		fill(&at, providers.Place{Account: caller.Account})
	}
	return at
}

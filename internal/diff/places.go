package diff

import (
	"slices"
	"strings"

	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// place establishes where each instance lives: from its own attributes, else
// from the parent that it shares its place with, else from its provider
// configuration as its siblings show it. What nothing tells stays empty.
func (s Subject) place() {
	instances := s.Instances
	byID := map[string]int{}
	for n, i := range instances {
		instances[n].Place = ownPlace(i.Kind, i.Attrs)
		if id := i.Attrs.Text("id"); id != "" {
			byID[id] = n
		}
	}
	for range instances { // a chain of parents is never longer than this
		changed := false
		for n := range instances {
			i := &instances[n]
			for _, name := range i.Kind.Parents {
				if p, ok := byID[i.Attrs.Text(name)]; ok && p != n && fill(&i.Place, instances[p].Place) {
					changed = true
				}
			}
		}
		if !changed {
			break
		}
	}
	siblings := map[statefile.Provider][]providers.Place{}
	for _, i := range instances {
		siblings[i.Provider] = append(siblings[i.Provider], i.Place)
	}
	configured := s.configuredRegions()
	for n := range instances {
		i := &instances[n]
		if r := configured[i.Provider]; r != "" {
			fill(&i.Place, providers.Place{Region: r})
		}
		fill(&i.Place, providers.Place{
			Account: only(siblings[i.Provider], func(p providers.Place) string { return p.Account }),
			Region:  only(siblings[i.Provider], func(p providers.Place) string { return p.Region }),
		})
	}
}

// ownPlace is what the instance's own attributes tell: the region attribute of
// provider v6, its ARN, the attribute that the kind names for its account.
func ownPlace(k providers.Kind, a providers.Attrs) providers.Place {
	p := providers.Place{Region: a.Text("region")}
	if k.Account != "" {
		p.Account = a.Text(k.Account)
	}
	if parts := strings.SplitN(a.Text("arn"), ":", 6); len(parts) == 6 && parts[0] == "arn" {
		fill(&p, providers.Place{Account: parts[4], Region: parts[3]})
	}
	return p
}

func fill(p *providers.Place, from providers.Place) bool {
	before := *p
	if p.Account == "" {
		p.Account = from.Account
	}
	if p.Region == "" {
		p.Region = from.Region
	}
	return *p != before
}

// only returns the one value that all places agree on, "" if they do not.
func only(places []providers.Place, get func(providers.Place) string) string {
	var found string
	for _, p := range places {
		switch v := get(p); {
		case v == "":
		case found == "":
			found = v
		case found != v:
			return ""
		}
	}
	return found
}

func (s Subject) configuredRegions() map[statefile.Provider]string {
	out := map[statefile.Provider]string{}
	if s.Wanted == nil {
		return out
	}
	for _, p := range s.Wanted.Providers {
		k := statefile.Provider{Source: p.Source, Module: p.Module, Alias: p.Alias}
		switch {
		case p.Region != "":
			out[k] = p.Region
		case !p.RegionSet:
			out[k] = s.Region
		}
	}
	return out
}

// Accounts are the accounts that the state's own attributes name.
func (s Subject) Accounts() []string {
	var out []string
	for _, i := range s.Instances {
		if a := ownPlace(i.Kind, i.Attrs).Account; a != "" && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return out
}

// Types are the known kinds that the state or the configuration mentions.
func (s Subject) Types() []string {
	var out []string
	add := func(typ string) {
		if _, known := s.Kinds.Find(typ); known && !slices.Contains(out, typ) {
			out = append(out, typ)
		}
	}
	for _, i := range s.Instances {
		add(i.Type)
	}
	if s.Wanted != nil {
		for _, w := range s.Wanted.Instances {
			add(w.Type)
		}
	}
	slices.Sort(out)
	return out
}

// Regions are the regions that have to be read: those of every instance and of
// every provider configuration. Problems name what cannot be told.
func (s Subject) Regions() (regions, problems []string) {
	add := func(r string) {
		if r != "" && !slices.Contains(regions, r) {
			regions = append(regions, r)
		}
	}
	for _, i := range s.Instances {
		if IsAWS(i.Instance.Provider.Source) {
			add(i.Place.Region)
		}
	}
	if s.Wanted != nil {
		for name, p := range s.Wanted.Providers {
			if !IsAWS(p.Source) {
				continue
			}
			switch {
			case p.Region != "":
				add(p.Region)
			case p.RegionSet:
				problems = append(problems, "the region of provider "+name+" cannot be told from the configuration: add it with --region")
			default:
				add(s.Region)
			}
		}
	}
	if len(regions) == 0 {
		add(s.Region)
	}
	slices.Sort(regions)
	slices.Sort(problems)
	return regions, problems
}

// WantedPlace is where the object of a wanted address belongs: the region of
// its provider, in the account that its provider's other instances live in, or
// else the caller's.
func (s Subject) WantedPlace(w wanted.Instance, caller providers.Caller) providers.Place {
	var p wanted.Provider
	if s.Wanted != nil {
		p = s.Wanted.Providers[w.ProviderKey]
	}
	k := statefile.Provider{Source: p.Source, Module: p.Module, Alias: p.Alias}
	at := providers.Place{Region: p.Region}
	if v, ok := w.Values["region"]; ok && v.IsKnown() {
		if r := providers.Canon(v.Known); r != "" {
			at.Region = r
		}
	}
	var siblings []providers.Place
	for _, i := range s.Instances {
		if i.Provider == k {
			siblings = append(siblings, i.Place)
		}
	}
	at.Account = only(siblings, func(p providers.Place) string { return p.Account })
	if at.Region == "" {
		at.Region = only(siblings, func(p providers.Place) string { return p.Region })
	}
	if at.Region == "" && !p.RegionSet {
		at.Region = s.Region
	}
	if at.Account == "" {
		if parts := strings.SplitN(p.AssumeRole, ":", 6); len(parts) == 6 {
			at.Account = parts[4]
		} else {
			at.Account = caller.Account
		}
	}
	return at
}

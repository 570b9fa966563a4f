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
// configuration, which its siblings show. The region of the reader's own
// environment comes last: it need not be the one that the apply ran with. What
// nothing tells stays empty.
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
	configured, open := s.configuredRegions()
	for n := range instances {
		i := &instances[n]
		around := siblings[i.Provider]
		fill(&i.Place, providers.Place{Region: configured[i.Provider]})
		fill(&i.Place, providers.Place{Account: only(around, account), Region: only(around, region)})
		if open[i.Provider] {
			fill(&i.Place, providers.Place{Region: s.environment(around)})
		}
	}
}

func account(p providers.Place) string { return p.Account }
func region(p providers.Place) string  { return p.Region }

// environment is the region of a provider block that names none: the reader's
// own, unless the block's other instances are all elsewhere.
func (s Subject) environment(siblings []providers.Place) string {
	elsewhere := false
	for _, p := range siblings {
		if p.Region == s.Region {
			return s.Region
		}
		elsewhere = elsewhere || p.Region != ""
	}
	if elsewhere {
		return ""
	}
	return s.Region
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

// configuredRegions are the regions that provider blocks name, and the blocks
// that leave it to the environment.
func (s Subject) configuredRegions() (named map[statefile.Provider]string, open map[statefile.Provider]bool) {
	named, open = map[statefile.Provider]string{}, map[statefile.Provider]bool{}
	if s.Wanted == nil {
		return named, open
	}
	for _, p := range s.Wanted.Providers {
		k := statefile.Provider{Source: p.Source, Module: p.Module, Alias: p.Alias}
		named[k], open[k] = p.Region, p.Region == "" && !p.RegionSet
	}
	return named, open
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
// else the caller's. A provider that the configuration does not hold, other
// than the default one, tells nothing.
func (s Subject) WantedPlace(w wanted.Instance, caller providers.Caller) providers.Place {
	var p wanted.Provider
	held := false
	if s.Wanted != nil {
		p, held = s.Wanted.Providers[w.ProviderKey]
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
		if held && i.Provider == k {
			siblings = append(siblings, i.Place)
		}
	}
	fill(&at, providers.Place{Account: only(siblings, account), Region: only(siblings, region)})
	if !p.RegionSet && (held || !strings.Contains(w.ProviderKey, ".")) {
		fill(&at, providers.Place{Region: s.environment(siblings)})
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

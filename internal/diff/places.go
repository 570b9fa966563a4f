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
	configured, open := s.configured()
	for n, i := range instances {
		instances[n].Place = ownPlace(i.Kind, i.Attrs)
		if i.Kind.Accepter {
			fill(&instances[n].Place, configured[i.Provider])
		} else if id := i.Attrs.Text("id"); id != "" {
			byID[id] = n
		}
	}
	for range instances { // a chain of parents is never longer than this
		changed := false
		for n := range instances {
			i := &instances[n]
			if i.Kind.Accepter {
				continue
			}
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
	for p, places := range siblings {
		s.around[p] = around{providers.Place{Account: only(places, account), Region: only(places, region)}, s.environment(places)}
	}
	for n := range instances {
		i := &instances[n]
		fill(&i.Place, configured[i.Provider])
		fill(&i.Place, s.around[i.Provider].agreed)
		if open[i.Provider] {
			fill(&i.Place, providers.Place{Region: s.around[i.Provider].environment})
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

// configured is what provider blocks say of their place, and which of them
// leave the region to the environment.
func (s Subject) configured() (named map[statefile.Provider]providers.Place, open map[statefile.Provider]bool) {
	named, open = map[statefile.Provider]providers.Place{}, map[statefile.Provider]bool{}
	for _, i := range s.Instances {
		if a := s.Aliases[i.Provider.Alias]; a != "" && IsAWS(i.Provider.Source) {
			named[i.Provider] = providers.Place{Account: a}
		}
	}
	if s.Wanted == nil {
		return named, open
	}
	for _, p := range s.Wanted.Providers {
		k := statefile.Provider{Source: p.Source, Module: p.Module, Alias: p.Alias}
		at := providers.Place{Account: s.accountOf(p), Region: p.Region}
		named[k], open[k] = at, p.Region == "" && !p.RegionSet
	}
	return named, open
}

// accountOf is the account that a provider block works in, "" if only the
// credentials tell.
func (s Subject) accountOf(p wanted.Provider) string {
	if a := s.Aliases[p.Alias]; a != "" && IsAWS(p.Source) {
		return a
	}
	if parts := strings.SplitN(p.AssumeRole, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
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

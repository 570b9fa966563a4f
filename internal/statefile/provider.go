package statefile

import (
	"strings"
)

// Provider is the provider configuration that a resource belongs to.
type Provider struct {
	Source string // "registry.terraform.io/hashicorp/aws"
	Module string // the module that holds the block, without keys; "" for the root
	// Alias is "" for the default configuration. OpenTofu's keyed
	// configurations keep their key: `by_region["eu-west-1"]`.
	Alias string
}

// legacyHost is what Terraform itself makes of "provider.aws", which 0.12
// wrote: a name without a namespace.
const legacyHost = "registry.terraform.io/-/"

// parseProvider reads `provider["registry.terraform.io/hashicorp/aws"].west`,
// the same after `module.m.`, and 0.12's `provider.aws.west`.
func parseProvider(s string) (Provider, bool) {
	p := &parser{s: s}
	module, err := p.modules()
	if err != nil {
		return Provider{}, false
	}
	out := Provider{Module: module}
	switch {
	case p.skip("provider["):
		if !p.skip(`"`) {
			return Provider{}, false
		}
		if out.Source, err = p.quoted(); err != nil || out.Source == "" || !p.skip("]") {
			return Provider{}, false
		}
	case p.skip("provider."):
		name, err := p.name("provider")
		if err != nil {
			return Provider{}, false
		}
		out.Source = legacyHost + name
	default:
		return Provider{}, false
	}
	if p.at == len(s) {
		return out, true
	}
	if !p.skip(".") {
		return Provider{}, false
	}
	var alias strings.Builder
	name, err := p.name("provider alias")
	if err != nil {
		return Provider{}, false
	}
	key, err := p.key()
	if err != nil || p.at != len(s) {
		return Provider{}, false
	}
	alias.WriteString(name)
	writeKey(&alias, key)
	out.Alias = alias.String()
	return out, true
}

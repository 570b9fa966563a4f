package wanted

import (
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// providers reads the provider blocks, and joins each instance to its own.
func (pr *reading) providers() {
	if pr.conf == nil {
		return
	}
	for key, p := range pr.conf.Providers {
		out := Provider{Source: p.FullName, Module: p.Module, Alias: p.Alias}
		s, block := pr.providerBlock(p, key)
		if e, ok := p.Expressions["region"]; ok {
			out.RegionSet = true
			out.Region = pr.text(e, s, block, "region")
			if out.Region == "" {
				pr.note("the region of provider %s cannot be evaluated: instances in it have no known place unless they say so themselves", key)
			}
		}
		if roles, ok := p.Expressions["assume_role"].([]any); ok && len(roles) > 0 {
			out.RoleSet = true
			role, _ := roles[0].(map[string]any)
			var nested *providerBlock
			if block != nil {
				nested = &providerBlock{attrs: block.blocks["assume_role"]}
			}
			out.AssumeRole = pr.text(role["role_arn"], s, nested, "role_arn")
			if out.AssumeRole == "" {
				pr.note("the role that provider %s assumes cannot be evaluated: instances in it have no known account unless they say so themselves", key)
			}
		}
		pr.w.Providers[key] = out
	}
	for i := range pr.w.Instances {
		inst := &pr.w.Instances[i]
		if pr.scopes[i] == nil {
			continue // the configuration has it no more
		}
		if r := pr.refs.resource(pr.scopes[i], inst.Type+"."+inst.Name); r != nil {
			inst.ProviderKey = pr.inherited(r.ProviderKey)
		}
		if _, ok := pr.w.Providers[inst.ProviderKey]; inst.ProviderKey != "" && !ok {
			pr.w.Providers[inst.ProviderKey] = Provider{Source: inst.Source}
		}
	}
}

// inherited finds the block that a module's provider key stands for. Terraform
// before 1.1 writes "module.m:aws" for a provider that m inherits.
func (pr *reading) inherited(key string) string {
	at := key
	for {
		if _, ok := pr.conf.Providers[at]; ok {
			return at
		}
		module, local, ok := strings.Cut(at, ":")
		if !ok {
			return at
		}
		at = local
		if i := strings.LastIndex(module, ".module."); i >= 0 {
			at = module[:i] + ":" + local
		}
	}
}

// providerBlock finds a provider's block in the configuration and the scope that
// it is evaluated in; the block is nil if the configuration was not read.
func (pr *reading) providerBlock(p providerJSON, key string) (*scope, *providerBlock) {
	s, err := pr.scope(p.Module)
	if err != nil || s.module == nil {
		return s, nil
	}
	_, local, ok := strings.Cut(key, ":")
	if !ok {
		local = key
	}
	return s, s.module.providers[local]
}

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$`)

// text is an argument of a provider block, "" if it cannot be told.
func (pr *reading) text(expr any, module *scope, block *providerBlock, name string) string {
	if e, ok := expr.(map[string]any); ok {
		if v, ok := e["constant_value"].(string); ok {
			return v
		}
	}
	refs := references(expr)
	if block != nil && block.attrs[name] != nil && sameReferences(block.attrs[name].refs, refs) {
		if v, ok := module.attribute(block.attrs, name); ok {
			return v
		}
	}
	// Without the configuration, a variable whose value is a region is what a
	// region argument can only mean.
	if name == "region" && block == nil {
		if v := pr.passed(module, refs); regionName.MatchString(v) {
			return v
		}
	}
	return ""
}

// attribute evaluates an argument of a provider block.
func (s *scope) attribute(attrs map[string]*expression, name string) (string, bool) {
	e := attrs[name]
	if e == nil {
		return "", false
	}
	v, err := s.value(e, nil)
	if err != nil || v.ContainsMarked() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// passed follows a lone reference to a variable up through module calls that
// hand it on, to the root's value or a constant.
func (pr *reading) passed(module *scope, refs []string) string {
	if len(refs) != 1 || module == nil {
		return ""
	}
	name, ok := strings.CutPrefix(refs[0], "var.")
	if !ok {
		return ""
	}
	if module.parent == nil {
		v, ok := pr.world.variables[name]
		if !ok || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
			return ""
		}
		return v.AsString()
	}
	above := pr.refs.config(module.parent)
	if above == nil {
		return ""
	}
	arg, _ := above.Calls[module.name].Expressions[name].(map[string]any)
	if v, ok := arg["constant_value"].(string); ok {
		return v
	}
	return pr.passed(module.parent, references(arg))
}

package wanted

import (
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// defaultTags works out tags and tags_all: what the configuration sets, over
// what the provider's block gives to all.
func (p *planner) defaultTags(m *made, known *schema) {
	if _, taggable := known.attrs["tags_all"]; !taggable || !strings.HasSuffix(m.inst.Source, "/hashicorp/aws") {
		return
	}
	own, set := m.args["tags"]
	if !set {
		own = cty.EmptyObjectVal
	}
	all, ok := p.providerTags(m)
	if !ok {
		m.args["tags_all"] = opaque()
		return
	}
	if own.IsMarked() || !own.IsKnown() || !(own.Type().IsMapType() || own.Type().IsObjectType()) {
		m.args["tags_all"] = opaque().WithSameMarks(own)
		return
	}
	for it := own.ElementIterator(); it.Next(); {
		k, v := it.Element()
		if isNull(v) {
			continue
		}
		all[k.AsString()] = v
	}
	m.args["tags_all"] = known.attrs["tags_all"].spelled(cty.ObjectVal(all))
}

// providerTags are the tags that the instance's provider gives to all, false if
// they cannot be told.
func (p *planner) providerTags(m *made) (map[string]cty.Value, bool) {
	out := map[string]cty.Value{}
	s, key, ok := p.configuredBy(m.scope, m.block.provider, m.inst.Type)
	if !ok {
		return nil, false
	}
	if s == nil || s.module.providers[key] == nil {
		return out, true
	}
	if s.module.providers[key].blocks["ignore_tags"] != nil {
		return nil, false
	}
	blocks := s.module.providers[key].blocks["default_tags"]
	if blocks == nil {
		return out, s.module.providers[key].attrs["default_tags"] == nil
	}
	if blocks["tags"] == nil {
		return out, true
	}
	v := s.or("default_tags", blocks["tags"], nil)
	if v.IsMarked() || !v.IsKnown() {
		return nil, false
	}
	if v.IsNull() {
		return out, true
	}
	if !v.Type().IsMapType() && !v.Type().IsObjectType() {
		return nil, false
	}
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		if !isNull(e) {
			out[k.AsString()] = e
		}
	}
	return out, true
}

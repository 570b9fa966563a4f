package wanted

import (
	"maps"
	"slices"
)

// createFirst turns the replacements of what something with
// create_before_destroy depends on into such as well, as Terraform does. It
// does so for blocks, before it knows their instances: one without any instance
// counts as well, and all instances of a block are alike.
func (p *planner) createFirst() {
	type block struct{ module, name string }
	of := func(s *scope, name string) block { return block{s.path(), name} }
	scopes := p.pr.world.scopes
	forced, seen := map[block]bool{}, map[objectKey]bool{}
	var queue []objectKey
	for _, id := range slices.Sorted(maps.Keys(scopes)) {
		if m := scopes[id].module; m != nil {
			for _, name := range slices.Sorted(maps.Keys(m.resources)) {
				if m.resources[name].life.createFirst {
					queue = append(queue, objectKey{id, name})
				}
			}
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if seen[at] || scopes[at.scope] == nil {
			continue
		}
		seen[at] = true
		forced[of(scopes[at.scope], at.name)] = true
		queue = slices.AppendSeq(queue, maps.Keys(p.pr.refs.needs(scopes[at.scope], at.name).found))
	}
	for i := range p.pr.w.Instances {
		inst := &p.pr.w.Instances[i]
		if inst.Action == Replace && forced[of(p.pr.scopes[i], inst.Type+"."+inst.Name)] {
			inst.Action = ReplaceCBD
		}
	}
}

// path names the module without the keys of its calls.
func (s *scope) path() string {
	if s.parent == nil {
		return ""
	}
	return s.parent.path() + "." + s.name
}

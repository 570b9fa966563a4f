package wanted

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// evaluate gives the attributes that are not known yet the references that the
// configuration makes them.
func (pr *reading) evaluate(i int) {
	inst, s := &pr.w.Instances[i], pr.scopes[i]
	name := inst.Type + "." + inst.Name
	planned := pr.refs.resource(s, name)
	for _, attr := range inst.Unknown {
		var wants any
		if planned != nil {
			var set bool
			if wants, set = planned.Expressions[attr]; !set {
				inst.Unset = append(inst.Unset, attr)
			}
		}
		where := inst.Address + "." + attr
		if s.module != nil && !pr.matches(s.module.resources[name], attr, wants) {
			pr.blame("the configuration's folder does not hold the configuration that was planned", where)
		} else if s.module != nil {
			pr.fromConfig(inst, s, attr, pr.after[i][attr])
			continue
		}
		if t := pr.refs.guess(s, attr, wants); t != nil {
			inst.Values[attr] = Value{OneOf: t}
		}
	}
}

// matches reports whether the configuration that was read is, as far as this
// attribute tells, the one that was planned.
func (pr *reading) matches(cfg *resource, attr string, wants any) bool {
	expr, _ := wants.(map[string]any)
	listed, isArgument := expr["references"]
	if !isArgument || (cfg != nil && cfg.attrs[attr] == nil) {
		// A nested block, which the plan may spell as an argument, or nothing
		// that the plan says anything about.
		return true
	}
	return cfg != nil && sameReferences(cfg.attrs[attr].refs, references(map[string]any{"references": listed}))
}

func (pr *reading) fromConfig(inst *Instance, s *scope, attr string, planned any) {
	cfg := s.module.resources[inst.Type+"."+inst.Name]
	if cfg == nil || cfg.attrs[attr] == nil {
		return
	}
	where := inst.Address + "." + attr
	v, err := s.value(cfg.attrs[attr], s.repeat(inst.Key, cfg.forEach))
	if err != nil {
		pr.blame("its evaluation fails at "+err.Error(), where)
		return
	}
	if out, ok := classify(v); ok && agrees(out, planned) {
		inst.Values[attr] = out
		return
	}
	for _, why := range complaints(v) {
		pr.blame(why, where)
	}
}

func (pr *reading) blame(why, attr string) { pr.cause[why] = append(pr.cause[why], attr) }

// agrees holds an evaluated list against the part of it that the plan knows.
// The provider may keep it as a set, so that order and repetition say nothing.
func agrees(v Value, after any) bool {
	list, ok := after.([]any)
	if !ok || v.Items == nil {
		return true
	}
	planned, told := map[string]bool{}, map[string]bool{}
	for _, e := range list {
		if e != nil {
			planned[canonical(e)] = true
		}
	}
	for _, item := range v.Items {
		if item.IsKnown() {
			told[canonical(item.Known)] = true
		}
	}
	return maps.Equal(planned, told)
}

// canonical is one spelling for what Terraform converts by itself: 1 and "1".
func canonical(v any) string {
	switch v.(type) {
	case string, json.Number, bool:
		return fmt.Sprint(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// resolve follows references to attributes that are references themselves, so
// that a value that comes through another resource names its origin.
func (pr *reading) resolve() {
	index := make(map[string]*Instance, len(pr.w.Instances))
	for i := range pr.w.Instances {
		index[pr.w.Instances[i].Address] = &pr.w.Instances[i]
	}
	origin := func(t Target) Target {
		for range len(pr.w.Instances) {
			inst := index[t.Address]
			if inst == nil {
				break
			}
			next := inst.Values[t.Attr].OneOf
			if len(next) != 1 || next[0] == t {
				break
			}
			t = next[0]
		}
		return t
	}
	var walk func(v Value)
	walk = func(v Value) {
		for i := range v.OneOf {
			v.OneOf[i] = origin(v.OneOf[i])
		}
		for _, item := range v.Items {
			walk(item)
		}
	}
	for i := range pr.w.Instances {
		for _, v := range pr.w.Instances[i].Values {
			walk(v)
		}
	}
}

// finish puts the notes in order.
func (pr *reading) finish() {
	for why, attrs := range pr.cause {
		attrs = slices.Compact(slices.Sorted(slices.Values(attrs)))
		shown := strings.Join(attrs[:min(3, len(attrs))], ", ")
		if more := len(attrs) - 3; more > 0 {
			shown += fmt.Sprintf(" and %d more", more)
		}
		pr.note("not known, because %s: %s", strings.TrimSuffix(why, "."), shown)
	}
	pr.w.Notes = slices.Sorted(maps.Keys(pr.notes))
}

package bundle

import "strings"

// harmless are the attributes that are kept of what is not AWS's.
func harmless(key string) bool {
	switch key {
	case "arn", "name", "region", "address", "mode", "type", "provider", "index_key", "schema_version":
		return true
	}
	return false
}

// attributes masks the attributes of one resource. marked are the names that
// Terraform marks sensitive, all says that everything is.
func (m *masker) attributes(typ string, attrs any, marked map[string]bool, all bool) any {
	o, ok := attrs.(*object)
	if !ok {
		return m.deep(attrs)
	}
	o.each(func(key string, v any) any {
		switch {
		case all, marked[key], secretName(key), typ == "aws_ssm_parameter" && (key == "value" || key == "insecure_value"):
			return m.deep(v)
		case !strings.HasPrefix(typ, "aws_") && !harmless(key):
			return m.deep(v)
		}
		return m.named(v)
	})
	return o
}

// state masks a state: raw, or as terraform show -json has it.
func (m *masker) state(data []byte) []byte {
	v, err := parse(data)
	doc, ok := v.(*object)
	if err != nil || !ok {
		return []byte(m.text(string(data)))
	}
	if _, raw := doc.get("resources").([]any); !raw {
		m.planned(doc)
		return m.again(data, doc)
	}
	m.outputs(doc.get("outputs"))
	for _, r := range list(doc.get("resources")) {
		res, _ := r.(*object)
		typ := text(res.get("type"))
		for _, i := range list(res.get("instances")) {
			inst, _ := i.(*object)
			marked, all := rawMarks(inst.get("sensitive_attributes"))
			inst.each(func(key string, v any) any {
				switch key {
				case "attributes", "attributes_flat":
					return m.attributes(typ, v, marked, all)
				case "private", "identity":
					return m.deep(v)
				}
				return v
			})
		}
	}
	return m.again(data, doc)
}

// rawMarks are the names at the beginnings of the paths that are sensitive.
func rawMarks(v any) (marked map[string]bool, all bool) {
	marked = map[string]bool{}
	for _, p := range list(v) {
		path := list(p)
		if len(path) == 0 {
			return nil, true
		}
		step, _ := path[0].(*object)
		name := text(step.get("value"))
		if name == "" {
			return nil, true
		}
		marked[name] = true
	}
	return marked, false
}

// treeMarks are the names below which a tree has true.
func treeMarks(v any) (marked map[string]bool, all bool) {
	if v == true {
		return nil, true
	}
	marked = map[string]bool{}
	if o, ok := v.(*object); ok {
		for i, key := range o.keys {
			if holdsTrue(o.values[i]) {
				marked[key] = true
			}
		}
	}
	return marked, false
}

func holdsTrue(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case []any:
		for _, sub := range v {
			if holdsTrue(sub) {
				return true
			}
		}
	case *object:
		for _, sub := range v.values {
			if holdsTrue(sub) {
				return true
			}
		}
	}
	return false
}

func (m *masker) outputs(v any) {
	outputs, _ := v.(*object)
	outputs.each(func(name string, v any) any {
		o, _ := v.(*object)
		secret := o.get("sensitive") == true || secretName(name)
		o.each(func(key string, v any) any {
			if key == "value" && secret {
				return m.deep(v)
			}
			return v
		})
		return v
	})
}

// plan masks a plan as terraform show -json has it, and drops the parts that
// say the same again.
func (m *masker) plan(data []byte) []byte {
	v, err := parse(data)
	doc, ok := v.(*object)
	if err != nil || !ok {
		return []byte(m.text(string(data)))
	}
	doc.only("format_version", "terraform_version", "variables", "resource_changes", "deferred_changes", "complete", "errored", "prior_state", "configuration", "applyable", "timestamp")
	m.planned(doc)
	return m.again(data, doc)
}

// planned masks what terraform show -json writes of a state or a plan.
func (m *masker) planned(doc *object) {
	config, _ := doc.get("configuration").(*object)
	root, _ := config.get("root_module").(*object)
	declared, _ := root.get("variables").(*object)
	variables, _ := doc.get("variables").(*object)
	variables.each(func(name string, v any) any {
		decl, _ := declared.get(name).(*object)
		if decl.get("sensitive") == true || m.secretVariable(name) {
			return m.deep(v)
		}
		return v
	})
	for _, changes := range []string{"resource_changes", "deferred_changes"} {
		for _, c := range list(doc.get(changes)) {
			m.change(c)
		}
	}
	for _, holder := range []*object{doc, object1(doc.get("prior_state"))} {
		values, _ := holder.get("values").(*object)
		m.outputs(values.get("outputs"))
		m.module(values.get("root_module"))
	}
	if config != nil {
		m.named(config)
	}
}

func object1(v any) *object {
	o, _ := v.(*object)
	return o
}

func (m *masker) change(v any) {
	c := object1(v)
	if inner := object1(c.get("resource_change")); inner != nil { // a deferred one
		c = inner
	}
	typ, change := text(c.get("type")), object1(c.get("change"))
	before, allBefore := treeMarks(change.get("before_sensitive"))
	after, allAfter := treeMarks(change.get("after_sensitive"))
	change.each(func(key string, v any) any {
		switch {
		case v == nil:
		case key == "before":
			return m.attributes(typ, v, before, allBefore)
		case key == "after":
			return m.attributes(typ, v, after, allAfter)
		case key == "generated_config":
			return m.text(text(v))
		}
		return v
	})
}

func (m *masker) module(v any) {
	mod := object1(v)
	for _, r := range list(mod.get("resources")) {
		res := object1(r)
		marked, all := treeMarks(res.get("sensitive_values"))
		res.each(func(key string, v any) any {
			if key == "values" {
				return m.attributes(text(res.get("type")), v, marked, all)
			}
			return v
		})
	}
	for _, child := range list(mod.get("child_modules")) {
		m.module(child)
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

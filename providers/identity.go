package providers

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Template is text with {names}; {a|b} is the first that is not empty, and a
// name in double quotes is itself: {from_port|"0"}.
type Template string

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// Names returns every name that the template mentions.
func (t Template) Names() []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(string(t), -1) {
		for name := range strings.SplitSeq(m[1], "|") {
			if !strings.HasPrefix(name, `"`) {
				out = append(out, name)
			}
		}
	}
	return out
}

// Expand fills the template. It returns "" if any placeholder stays empty.
func (t Template) Expand(get func(name string) string) string {
	all := t.ExpandAll(func(name string) []string {
		if v := get(name); v != "" {
			return []string{v}
		}
		return nil
	})
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

// ExpandAll fills the template with every combination of values.
func (t Template) ExpandAll(get func(name string) []string) []string {
	out := []string{""}
	rest := string(t)
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			for i := range out {
				out[i] += rest
			}
			return out
		}
		var values []string
		for name := range strings.SplitSeq(rest[at[2]:at[3]], "|") {
			if literal, ok := strings.CutPrefix(name, `"`); ok {
				values = []string{strings.TrimSuffix(literal, `"`)}
			} else {
				values = get(name)
			}
			if len(values) > 0 {
				break
			}
		}
		var next []string
		for _, o := range out {
			for _, v := range values {
				next = append(next, o+rest[:at[0]]+v)
			}
		}
		out, rest = next, rest[at[1]:]
	}
}

// IdentityOf returns the identity of an instance or object with these
// attributes, "" if they do not tell.
func (k Kind) IdentityOf(a Attrs) string {
	a = k.whole(a)
	t := k.Identity
	if t == "" {
		t = "{id}"
	}
	return t.Expand(a.Text)
}

// ImportIDOf returns the import id, "" if the attributes do not tell or the
// type cannot be imported.
func (k Kind) ImportIDOf(a Attrs) string { return k.Import.Expand(k.whole(a).Text) }

// whole are the attributes of an instance with those that its parts make.
func (k Kind) whole(a Attrs) Attrs {
	if k.Parts == nil {
		return a
	}
	return k.Whole(k.Parts(a))
}

// Pieces are the attributes of the objects that AWS makes of one instance: of
// most kinds itself.
func (k Kind) Pieces(a Attrs) []Attrs {
	if k.Parts == nil {
		return []Attrs{a}
	}
	return k.Parts(a)
}

// StateIDOf returns the id that Terraform will record for an object, "" if it
// records none.
func (k Kind) StateIDOf(a Attrs) string {
	if k.NoID {
		return ""
	}
	if k.StateID != nil {
		return k.StateID(a)
	}
	return a.Text("id")
}

// StateIDsOf are the ids that Terraform may have recorded for an object: one,
// but where the configuration may spell its attributes in several ways.
func (k Kind) StateIDsOf(a Attrs) []string {
	all := []Attrs{a}
	for _, name := range slices.Sorted(maps.Keys(k.Spellings)) {
		var more []Attrs
		for _, one := range all {
			for _, spelled := range k.Spellings[name](one.Text(name)) {
				other := maps.Clone(one)
				other[name] = spelled
				more = append(more, other)
			}
		}
		all = more
	}
	var out []string
	for _, one := range all {
		if id := k.StateIDOf(one); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

package wanted

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"reconcile/internal/statefile"
)

// A plan spells every attribute, and the configuration only those that somebody
// wrote. What the rest are is the provider's to say.

// mode is who decides an attribute's value.
type mode string

const (
	isRequired mode = "required"
	isOptional mode = "optional" // null, or its default, where it is not set
	isEither   mode = "either"   // the provider's choice where it is not set
	isComputed mode = "computed"
	isBlock    mode = "block"
	notTold    mode = "" // an attribute that only a state showed
)

// attribute is what is known of one attribute of a type.
type attribute struct {
	mode      mode
	ty        cty.Type // cty.NilType if it is not known
	initial   any      // the default of an optional one, a JSON value
	replaces  bool     // another value makes another object
	sensitive bool
	protocol  bool   // has several spellings
	named     bool   // of a protocol: the provider spells it by its name
	follows   string // a computed one: it is new where this argument is
}

// schema is what is known of a type. Where it is not whole, the type may have
// attributes that are not in it.
type schema struct {
	attrs map[string]attribute
	whole bool
}

//go:embed arguments.tsv
var argumentsTSV string

// schemas reads the table of arguments and adds the attributes that the state
// shows of other types, and of other versions of the provider.
func schemas(state *statefile.State) map[string]*schema {
	out := map[string]*schema{}
	at := func(typ string) *schema {
		if out[typ] == nil {
			out[typ] = &schema{attrs: map[string]attribute{}}
		}
		return out[typ]
	}
	for line := range strings.Lines(argumentsTSV) {
		f := append(strings.Split(strings.TrimSuffix(line, "\n"), "\t"), "", "", "", "")
		if strings.HasPrefix(line, "#") || f[2] == "" {
			continue
		}
		a := attribute{mode: mode(f[2]), replaces: strings.Contains(f[5], "replaces"), sensitive: strings.Contains(f[5], "sensitive")}
		if a.mode != isBlock {
			a.ty = typeOf(f[3])
		}
		if f[4] != "" {
			dec := json.NewDecoder(strings.NewReader(f[4]))
			dec.UseNumber()
			if dec.Decode(&a.initial) != nil {
				a.initial = nil
			}
		}
		a.protocol = f[1] == "protocol" || f[1] == "ip_protocol"
		a.named = a.protocol && f[0] == "aws_security_group_rule"
		at(f[0]).attrs[f[1]] = a
		at(f[0]).whole = true
	}
	data := at("terraform_data")
	data.whole = true
	data.attrs["id"] = attribute{mode: isComputed, ty: cty.String}
	data.attrs["input"] = attribute{mode: isOptional, ty: cty.DynamicPseudoType}
	data.attrs["output"] = attribute{mode: isComputed, ty: cty.DynamicPseudoType, follows: "input"}
	data.attrs["triggers_replace"] = attribute{mode: isOptional, ty: cty.DynamicPseudoType, replaces: true}
	if state == nil {
		return out
	}
	for _, i := range state.Instances {
		if i.Mode != statefile.Managed {
			continue
		}
		attrs, err := i.Attrs()
		if err != nil {
			continue
		}
		s := at(i.Type)
		for name := range attrs {
			if _, ok := s.attrs[name]; !ok {
				s.attrs[name] = attribute{}
			}
			s.whole = true
		}
	}
	return out
}

func typeOf(text string) cty.Type {
	if !strings.HasPrefix(text, "[") {
		text = `"` + text + `"`
	}
	ty, err := ctyjson.UnmarshalType([]byte(text))
	if err != nil {
		return cty.NilType
	}
	return ty
}

// spelled gives a configured value the type that the schema has for it, so that
// it reads as a plan spells it. One that does not convert stays as it is.
func (a attribute) spelled(v cty.Value) cty.Value {
	if a.ty == cty.NilType || a.ty == cty.DynamicPseudoType || v.Type() == cty.DynamicPseudoType {
		return v
	}
	if _, ok := targetOf(v); ok && a.ty == cty.String {
		return v
	}
	if a.named && v.Type() == cty.String && v.IsKnown() && !v.IsNull() && !v.IsMarked() {
		v = cty.StringVal(protocolName(v.AsString()))
	}
	if out, err := convertTo(filled(v, a.ty), a.ty); err == nil {
		return out
	}
	return v
}

// filled gives the objects in a list the members that they leave out, with the
// nothing of each: an attribute that may be written as blocks.
func filled(v cty.Value, ty cty.Type) cty.Value {
	bare, marks := v.Unmark()
	if !(ty.IsSetType() || ty.IsListType()) || !ty.ElementType().IsObjectType() || !bare.IsKnown() || bare.IsNull() || !bare.CanIterateElements() {
		return v
	}
	var out []cty.Value
	for it := bare.ElementIterator(); it.Next(); {
		_, e := it.Element()
		if !e.Type().IsObjectType() || e.IsMarked() || !e.IsKnown() || e.IsNull() {
			return v
		}
		have := e.AsValueMap()
		if have == nil {
			have = map[string]cty.Value{}
		}
		for name, member := range ty.ElementType().AttributeTypes() {
			if got, ok := have[name]; !ok || isNull(got) {
				have[name] = nothing(member)
			}
		}
		out = append(out, cty.ObjectVal(have))
	}
	return cty.TupleVal(out).WithMarks(marks)
}

func nothing(ty cty.Type) cty.Value {
	switch {
	case ty == cty.String:
		return cty.StringVal("")
	case ty == cty.Bool:
		return cty.False
	case ty.IsListType():
		return cty.ListValEmpty(ty.ElementType())
	case ty.IsSetType():
		return cty.SetValEmpty(ty.ElementType())
	}
	return cty.NullVal(ty)
}

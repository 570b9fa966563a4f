package ec2

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// Row is one resource type: the engine's half, and how the SDK's answers
// become its objects.
type Row struct {
	providers.Kind
	source  *listing
	objects func(item any, at place) []providers.Object
	look    look
	joins   []join
}

// join fills an attribute from the objects of another type that refer to this
// one: a VPC's default_route_table_id from the table whose vpc_id it is. It is
// filled only where that type is read anyway, unless reads says that this row
// has it read.
type join struct {
	attr, typ, refers, take string
	// list takes the attribute of every such object, or, with take empty, the
	// attributes named by fields as one block an object.
	list   bool
	fields []string
	reads  bool
}

// joined adds joins to a row.
func (r Row) joined(joins ...join) Row {
	r.joins = joins
	return r
}

// look is how a row's objects are read once more by id: by a filter, by a list
// of ids (one id a call, because AWS fails the whole call for one that is not
// there), by the parent that is asked again, or, with neither, by the whole
// listing. value is what each object's attributes put there.
type look struct {
	filter string // "vpc-id"
	ids    string // the AWS CLI's option, "egress-only-internet-gateway-ids"
	value  providers.Template
	// count is a JMESPath that counts the living objects in the CLI's answer;
	// {names} are filled from the attributes as JMESPath literals.
	count string
}

// place is where an item was read, and what of it AWS leaves out of the item.
type place struct {
	providers.Place
	partition string
	parent    string
}

func (p place) arn(resource, id string) string {
	return "arn:" + p.partition + ":ec2:" + p.Region + ":" + p.Account + ":" + resource + "/" + id
}

// row ties a typed item to the erased Row. Every value it returns is complete:
// nothing is registered anywhere.
func row[T any](k providers.Kind, source *listing, l look, objects func(T, place) []providers.Object) Row {
	r := Row{Kind: k, source: source, look: l, objects: func(item any, at place) []providers.Object {
		out := objects(item.(T), at)
		for i := range out {
			o := &out[i]
			o.Type, o.Place = k.Type, at.Place
			o.ID = k.IdentityOf(o.Attrs)
			if o.Life == "" {
				o.Life = k.LifeOf(o.State)
			}
		}
		return out
	}}
	for _, s := range source.chain() {
		r.Actions = append(r.Actions, s.name())
	}
	if source.parent != nil {
		r.Owner = l.value
	}
	r.Kind.Confirm = r.confirm
	return r
}

// unread is a row that no API of reconcile's lists: it is known, and said to be
// out of sight.
func unread(k providers.Kind) Row { return Row{Kind: k} }

// one is a row whose items are one object each.
func one[T any](k providers.Kind, source *listing, l look, object func(T, place) providers.Object) Row {
	return row(k, source, l, func(item T, at place) []providers.Object { return []providers.Object{object(item, at)} })
}

// confirm is the same look as an AWS CLI question.
func (r Row) confirm(a providers.Attrs) []string {
	value := r.look.value.Expand(a.Text)
	if value == "" {
		return nil
	}
	argv := []string{r.source.service, kebab(r.source.action)}
	// The CLI takes -x for an option and file://x for a file to send.
	option := func(name string) bool {
		argv = append(argv, "--"+name, value)
		return !strings.HasPrefix(value, "-") && !strings.Contains(value, "://")
	}
	if r.source.parent != nil && !option(kebab(r.source.parentMember)) {
		return nil
	}
	if r.look.ids != "" && !option(r.look.ids) {
		return nil
	}
	filters := maps.Clone(r.source.fixed)
	if r.look.filter != "" {
		if filters == nil {
			filters = map[string][]string{}
		}
		filters[r.look.filter] = []string{value}
	}
	if len(filters) > 0 {
		type filter struct{ Name, Values any }
		var list []filter
		for _, name := range slices.Sorted(maps.Keys(filters)) {
			list = append(list, filter{name, filters[name]})
		}
		text, err := json.Marshal(list)
		if err != nil {
			return nil
		}
		argv = append(argv, "--"+r.source.filterOption, string(text))
	}
	count := providers.Template(r.look.count).Expand(func(name string) string { return jmesLiteral(a.Text(name)) })
	if count == "" {
		return nil
	}
	return append(argv, "--query", count, "--output", "text")
}

// jmesLiteral writes text as a JMESPath JSON literal.
func jmesLiteral(s string) string {
	text, err := json.Marshal(s)
	if err != nil || s == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(string(text), "`", "\\`") + "`"
}

// kebab turns an API name into the AWS CLI's spelling of it.
func kebab(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// text dereferences; "" for nil, as the provider stores it.
func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// tagsAll is the provider's tags_all: the tags that are not AWS's own.
func tagsAll(tags []types.Tag) map[string]any {
	out := make(map[string]any, len(tags))
	for _, t := range tags {
		if !strings.HasPrefix(text(t.Key), "aws:") {
			out[text(t.Key)] = text(t.Value)
		}
	}
	return out
}

// Kinds returns the engine's half of the rows.
func Kinds(rows []Row) providers.Kinds {
	out := make(providers.Kinds, len(rows))
	for i, r := range rows {
		out[i] = r.Kind
	}
	return out
}

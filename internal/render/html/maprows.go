package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// joinsOf are the associations of a card's tables with its subnets: lines
// rather than rows.
func (a *atlas) joinsOf(left, right []*branch) []join {
	here := map[string]bool{}
	for _, l := range left {
		here[l.Key] = true
	}
	var out []join
	for _, table := range right {
		for _, k := range table.kids {
			if !strings.Contains(k.Type, "association") || len(k.kids) > 0 || k.Count > 1 {
				continue
			}
			for _, e := range k.uses {
				if here[e.To] {
					out = append(out, join{from: e.To, to: table.Key, item: item{branch: k}})
					break
				}
			}
		}
	}
	return out
}

func (a *atlas) rowsWithout(bs []*branch, joins []join, module string) []row {
	skip := map[string]bool{}
	for _, j := range joins {
		skip[j.item.Key] = true
	}
	for n, b := range bs {
		if !slices.ContainsFunc(b.kids, func(k *branch) bool { return skip[k.Key] }) {
			continue
		}
		copied := *b
		copied.kids = nil
		for _, k := range b.kids {
			if !skip[k.Key] {
				copied.kids = append(copied.kids, k)
			}
		}
		bs[n] = &copied
	}
	return a.rows(bs, 0, true, module)
}

// rows are the lines for some branches and what they hold, in a card of that
// module.
func (a *atlas) rows(bs []*branch, depth int, heads bool, module string) []row {
	var out []row
	last := ""
	calm, others := 4, 10
	if depth > 0 {
		calm, others = 3, 6
	}
	if a.dense {
		others = 5
	}
	for _, i := range fold(bs, calm, others) {
		b := i.first()
		if heads && b.Type != last {
			out = append(out, row{head: many(plainType(b.Type))})
		}
		last = b.Type
		r := row{item: i, depth: depth, label: a.label(i, depth, module)}
		if i.stack == nil {
			r.tail = a.tail(b, module)
		}
		folded := a.dense && b.same && len(b.kids) > 1
		if folded && i.stack == nil {
			r.tail = fmt.Sprintf("with %d in it", b.size-max(1, b.Count))
		}
		out = append(out, r)
		if i.stack == nil && !folded {
			out = append(out, a.rows(b.kids, depth+1, false, module)...)
		}
	}
	return out
}

func (a *atlas) label(i item, depth int, module string) string {
	b := i.first()
	if i.stack != nil || b.Count > 1 {
		text := fmt.Sprintf("%d %s", i.count(), many(plainType(b.Type)))
		if i.stack != nil && len(i.stack) < i.count() || i.stack != nil && i.status() == "" {
			text = fmt.Sprintf("%d more %s", i.count(), many(plainType(b.Type)))
		}
		if inner := i.objects() - i.count(); inner > 0 {
			text += fmt.Sprintf(", with %d more in them", inner)
		}
		return text
	}
	route := strings.HasSuffix(b.Type, "_route") || strings.HasSuffix(b.Type, "_reference")
	switch {
	case route && b.Range != "":
		return b.Range
	case depth > 0 && strings.Contains(b.Type, "association"):
		return "association"
	case depth > 0 && strings.Contains(b.Type, "propagation"):
		return "propagation"
	case depth > 0:
		return strings.TrimSpace(brief(b.Type) + " " + cmp.Or(b.Range, b.local(module)))
	case b.Range != "":
		return b.Range + " " + b.local(module)
	}
	return b.local(module)
}

// tail says where a line leads: what it uses besides what holds it.
func (a *atlas) tail(b *branch, module string) string {
	var names []string
	for _, e := range b.uses {
		to := a.f.byKey[e.To]
		if to == nil || strings.HasSuffix(to.Type, "subnet") && len(b.uses) > 1 || e.By == "route" {
			continue
		}
		if name := to.called(module); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	text := "→ " + names[0]
	if len(names) > 1 {
		text += fmt.Sprintf(" +%d", len(names)-1)
	}
	return text
}

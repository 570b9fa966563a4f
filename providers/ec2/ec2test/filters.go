package ec2test

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// mostFilterValues is the most that one EC2 call takes, over all its filters.
const mostFilterValues = 200

// numbered reads prefix.1, prefix.2, … of a form.
func numbered(form url.Values, prefix string) []string {
	var out []string
	for i := 1; form.Has(prefix + "." + strconv.Itoa(i)); i++ {
		out = append(out, form.Get(prefix+"."+strconv.Itoa(i)))
	}
	return out
}

// values reads one parameter, whether it is a list or not.
func values(form url.Values, param string) []string {
	if v := form.Get(param); v != "" {
		return []string{v}
	}
	return numbered(form, param)
}

// filter tells whether a document is wanted.
type filter func(Doc) bool

// readFilters reads Filter.N.Name and Filter.N.Value.M. A document must pass every
// filter; within one, any value will do.
func (l listing) readFilters(form url.Values) ([]filter, error) {
	var out []filter
	values := 0
	for n := 1; form.Has("Filter." + strconv.Itoa(n) + ".Name"); n++ {
		prefix := "Filter." + strconv.Itoa(n)
		name, want := form.Get(prefix+".Name"), numbered(form, prefix+".Value")
		if values += len(want); values > mostFilterValues {
			return nil, refuse("FilterLimitExceeded", "The maximum number of filter values specified on a single call is %d", mostFilterValues)
		}
		if len(want) == 0 {
			return nil, refuse("InvalidParameterValue", "The filter '%s' has no values", name)
		}
		f, err := l.readFilter(name, want)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (l listing) readFilter(name string, want []string) (filter, error) {
	var get func(Doc) []string
	switch {
	case l.taggable() && strings.HasPrefix(name, "tag:"):
		get = func(d Doc) []string { return tagValues(d, strings.TrimPrefix(name, "tag:")) }
	case l.taggable() && name == "tag-key":
		get = func(d Doc) []string { return collect(tagsOf(d), []string{"key"}) }
	case l.action == "DescribeTags" && strings.HasPrefix(name, "tag:"):
		get = func(d Doc) []string {
			if text(d["Key"]) != strings.TrimPrefix(name, "tag:") {
				return nil
			}
			return []string{text(d["Value"])}
		}
	default:
		path, known := l.path(name)
		if !known {
			return nil, refuse("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		get = func(d Doc) []string { return collect(d, path) }
	}
	if mode, ok := strings.CutPrefix(name, "route-search."); ok && mode != "exact-match" {
		return routeSearch(mode, want, get)
	}
	patterns := make([]*regexp.Regexp, len(want))
	for i, w := range want {
		patterns[i] = pattern(w)
	}
	return func(d Doc) bool {
		for _, have := range get(d) {
			for _, p := range patterns {
				if p.MatchString(have) {
					return true
				}
			}
		}
		return false
	}, nil
}

// pattern reads EC2's wildcards: * is any text, ? one character, a backslash
// takes the next character as it is.
func pattern(s string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	escaped := false
	for _, r := range s {
		switch {
		case !escaped && r == '\\':
			escaped = true
			continue
		case !escaped && r == '*':
			b.WriteString(".*")
		case !escaped && r == '?':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
		escaped = false
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}

// routeSearch compares networks, not text.
func routeSearch(mode string, want []string, get func(Doc) []string) (filter, error) {
	var nets []netip.Prefix
	for _, w := range want {
		p, err := netip.ParsePrefix(w)
		if err != nil {
			return nil, refuse("InvalidParameterValue", "Value (%s) for filter route-search.%s is not a CIDR", w, mode)
		}
		nets = append(nets, p.Masked())
	}
	holds := func(outer, inner netip.Prefix) bool {
		return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
	}
	return func(d Doc) bool {
		for _, have := range get(d) {
			p, err := netip.ParsePrefix(have)
			if err != nil {
				continue
			}
			for _, n := range nets {
				if (mode == "subnet-of-match" && holds(n, p)) || (mode != "subnet-of-match" && holds(p, n)) {
					return true
				}
			}
		}
		return false
	}, nil
}

// longest keeps the routes with the longest destination: the second half of
// route-search.longest-prefix-match.
func longest(in []*entry) []*entry {
	best, out := -1, []*entry(nil)
	for _, e := range in {
		p, err := netip.ParsePrefix(text(e.doc["DestinationCidrBlock"]))
		if err != nil || p.Bits() < best {
			continue
		}
		if p.Bits() > best {
			best, out = p.Bits(), nil
		}
		out = append(out, e)
	}
	return out
}

// collect gives every value at the end of a path. Field names compare without
// case; a list may be asked for in the singular, as AWS's filters do.
func collect(v any, path []string) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var out []string
		for _, item := range v {
			out = append(out, collect(item, path)...)
		}
		return out
	case map[string]any:
		if len(path) == 0 {
			return nil
		}
		for field, inner := range v {
			if strings.EqualFold(field, path[0]) || strings.EqualFold(field, path[0]+"s") || strings.EqualFold(field, path[0]+"Set") {
				if out := collect(inner, path[1:]); out != nil {
					return out
				}
			}
		}
		return nil
	}
	if len(path) > 0 {
		return nil
	}
	return []string{text(v)}
}

func tagValues(d Doc, key string) []string {
	for _, t := range tagsOf(d) {
		if tag, ok := t.(map[string]any); ok && text(tag["Key"]) == key {
			return []string{text(tag["Value"])}
		}
	}
	return nil
}

// tagsOf are a document's tags. A network interface's are its TagSet.
func tagsOf(d Doc) []any {
	for _, name := range []string{"Tags", "TagSet"} {
		if tags, ok := d[name].([]any); ok {
			return tags
		}
	}
	return nil
}

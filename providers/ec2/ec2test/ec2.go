package ec2test

import (
	"bytes"
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"reconcile/providers"
)

const ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// fewest is the smallest MaxResults that EC2 takes.
const fewest = 5

func (s *Server) ec2(c *call) (answer, error) {
	l, known := findListing("", c.Action)
	if !known {
		return answer{}, refuse("InvalidAction", "The action %s is not valid for this web service.", c.Action)
	}
	page, err := s.page(c, l, c.Form)
	if err != nil {
		return answer{}, err
	}
	var b bytes.Buffer
	b.WriteString("<" + l.action + `Response xmlns="` + ec2Namespace + `">`)
	leaf(&b, "requestId", c.id)
	if l.structure {
		element(&b, elementName(l.action+"."+l.key, false), func() { b.Write(page.entries[0].inner(l.key)) })
	} else {
		for _, key := range l.keys() {
			element(&b, elementName(l.action+"."+key, true), func() {
				for _, e := range page.entries {
					if l.also == "" || e.held == l.under(key) {
						element(&b, "item", func() { b.Write(e.inner(key)) })
					}
				}
			})
		}
	}
	if l.action == "SearchTransitGatewayRoutes" {
		leaf(&b, "additionalRoutesAvailable", strconv.FormatBool(page.next != ""))
	}
	if page.next != "" && !c.settings.truncated {
		leaf(&b, "nextToken", page.next)
	}
	b.WriteString("</" + l.action + "Response>")
	return xmlAnswer(b.Bytes()), nil
}

// page is what one call of a listing answers.
type page struct {
	entries []*entry
	next    string // token
}

// page finds what a call asks for. The form is the request's parameters, as EC2
// spells them, whatever the protocol.
func (s *Server) page(c *call, l listing, form url.Values) (page, error) {
	for _, param := range slices.Sorted(maps.Keys(form)) {
		if !l.takes(param) {
			return page{}, refuse("UnknownParameter", "The parameter %s is not recognized", param)
		}
	}
	if needed := strings.Fields(l.oneOf); len(needed) > 0 && !slices.ContainsFunc(needed, func(p string) bool { return form.Get(p) != "" || form.Has(p+".1") }) {
		return page{}, refuse(l.badParameter(), "One of the parameters %s is needed", l.oneOf)
	}
	all, err := s.world.answers(l, c.place, form)
	if err != nil {
		return page{}, err
	}
	wanted, err := l.choose(all, form)
	if err != nil {
		return page{}, err
	}
	size, err := l.pageSize(form, c.settings.pageSize)
	if err != nil {
		return page{}, err
	}
	from, to, next, ok := window(len(wanted), size, form.Get("NextToken"), sameOnEveryPage(c.place, form))
	if !ok {
		code := map[string]string{"": "InvalidNextToken", "ram": "InvalidNextTokenException"}[l.service]
		return page{}, refuse(cmp.Or(code, l.badParameter()), "The token '%s' is invalid", form.Get("NextToken"))
	}
	return page{wanted[from:to], next}, nil
}

// answers gives everything that a call is about, before ids, filters and pages.
func (w *World) answers(l listing, at providers.Place, form url.Values) ([]*entry, error) {
	switch {
	case l.action == "DescribeTags":
		return w.tags(at), nil
	case l.action == "DescribeRegions":
		return w.regionEntries(at), nil
	case l.structure:
		return w.structure(l, at), nil
	case l.service == "ram":
		return w.shares(l, at, form)
	case l.parentParam == "":
		return w.everywhere(l, at), nil
	}
	id := form.Get(l.parentParam)
	if id == "" {
		return nil, refuse("MissingParameter", "The request must contain the parameter %s", l.parentParam)
	}
	if l.action == "SearchTransitGatewayRoutes" && !form.Has("Filter.1.Name") {
		return nil, refuse("MissingParameter", "The request must contain the parameter Filters")
	}
	for _, e := range w.entries(at, l.parent) {
		if text(e.doc[ofList(l.parent).id]) == id {
			return l.of(e), nil
		}
	}
	return nil, refuse(l.noParent, "%s '%s' does not exist", l.parentParam, id)
}

// of is what a parent's document answers.
func (l listing) of(parent *entry) []*entry {
	var out []*entry
	for _, key := range l.keys() {
		out = append(out, parent.children[l.under(key)]...)
	}
	return out
}

// everywhere is all that the place has for a call, whichever its parent is.
func (w *World) everywhere(l listing, at providers.Place) []*entry {
	if l.parent == "" {
		if l.global {
			return w.inAccount(at.Account, l.list())
		}
		return w.entries(at, l.list())
	}
	var out []*entry
	for _, e := range w.entries(at, l.parent) {
		out = append(out, l.of(e)...)
	}
	return out
}

// structure is the one that a place has; if nobody set it, as AWS has it.
func (w *World) structure(l listing, at providers.Place) []*entry {
	if own := w.entries(at, l.list()); len(own) > 0 {
		return own[len(own)-1:]
	}
	return []*entry{newEntry(Doc{"AwsAccountId": at.Account, "AwsRegion": at.Region, "State": "default-state", "InternetGatewayBlockMode": "off", "ExclusionsAllowed": "not-allowed", "ManagedBy": "account"})}
}

// choose applies ids, choosing parameters and filters. One id that is not there
// fails the whole call, as it does in EC2.
func (l listing) choose(all []*entry, form url.Values) ([]*entry, error) {
	out := all
	if ids := values(form, l.idParam); len(ids) > 0 {
		if l.alone && form.Has("MaxResults") {
			return nil, refuse("InvalidParameterCombination", "The parameter %s cannot be used with the parameter MaxResults", l.idParam)
		}
		out = nil
		found := map[string]bool{}
		for _, e := range all {
			if id := text(e.doc[l.id]); slices.Contains(ids, id) {
				found[id] = true
				out = append(out, e)
			}
		}
		for _, id := range ids {
			if !found[id] && l.notFound != "" {
				return nil, refuse(l.notFound, "The %s '%s' does not exist", l.id, id)
			}
		}
	}
	filters, err := l.readFilters(form)
	if err != nil {
		return nil, err
	}
	for param, path := range l.choosers() {
		if want := values(form, param); len(want) > 0 {
			filters = append(filters, func(d Doc) bool {
				return slices.ContainsFunc(collect(d, path), func(have string) bool { return slices.Contains(want, have) })
			})
		}
	}
	for _, f := range filters {
		var kept []*entry
		for _, e := range out {
			if f(e.doc) {
				kept = append(kept, e)
			}
		}
		out = kept
	}
	for n := 1; form.Has("Filter." + strconv.Itoa(n) + ".Name"); n++ {
		if form.Get("Filter."+strconv.Itoa(n)+".Name") == "route-search.longest-prefix-match" {
			out = longest(out)
		}
	}
	return out, nil
}

// pageSize is how many documents fit on a page; 0 is all of them.
func (l listing) pageSize(form url.Values, limit int) (int, error) {
	asked := form.Get("MaxResults")
	if l.max == 0 {
		if asked != "" || form.Has("NextToken") {
			return 0, refuse("UnknownParameter", "The action %s does not page", l.action)
		}
		return 0, nil
	}
	size := l.max
	if asked != "" {
		n, err := strconv.Atoi(asked)
		least := cmp.Or(l.min, fewest)
		if err != nil || n < least || (n > l.max && !l.capped) {
			return 0, refuse(l.badParameter(), "Value ( %s ) for parameter maxResults is invalid. Expecting a value between %d and %d.", asked, least, l.max)
		}
		size = min(n, l.max)
	}
	if limit > 0 {
		size = min(size, limit)
	}
	return size, nil
}

// sameOnEveryPage is what a token is bound to.
func sameOnEveryPage(at providers.Place, form url.Values) string {
	same := maps.Clone(form)
	same.Del("NextToken")
	return at.String() + "?" + same.Encode()
}

// nextToken is the token that came with a call, whatever its protocol.
func nextToken(c *call) string {
	if c.Body == "" {
		return c.Form.Get("NextToken")
	}
	var in struct{ NextToken string }
	if decode([]byte(c.Body), &in) != nil {
		return "" // the service itself will say what is wrong with it
	}
	return in.NextToken
}

// tags lists the tags of every document that can have them, as DescribeTags does.
func (w *World) tags(at providers.Place) []*entry {
	var out []*entry
	seen := map[string]bool{} // an attachment is in two lists
	for _, l := range listings {
		if !l.taggable() {
			continue
		}
		for _, e := range w.everywhere(l, at) {
			id := text(e.doc[l.id])
			if seen[id] {
				continue
			}
			seen[id] = true
			for _, t := range tagsOf(e.doc) {
				if tag, ok := t.(map[string]any); ok {
					out = append(out, newEntry(Doc{"Key": tag["Key"], "Value": tag["Value"], "ResourceId": id, "ResourceType": l.resource}))
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *entry) int {
		return strings.Compare(text(a.doc["ResourceId"])+"\x00"+text(a.doc["Key"]), text(b.doc["ResourceId"])+"\x00"+text(b.doc["Key"]))
	})
	return out
}

// regionEntries lists the regions that the account uses. A world that holds
// documents under "Regions" says itself what there is.
func (w *World) regionEntries(at providers.Place) []*entry {
	if own := w.entries(at, "Regions"); len(own) > 0 {
		return own
	}
	var out []*entry
	for _, name := range w.regions(at.Account) {
		out = append(out, newEntry(Doc{"RegionName": name, "Endpoint": "ec2." + name + ".amazonaws.com", "OptInStatus": "opt-in-not-required"}))
	}
	return out
}

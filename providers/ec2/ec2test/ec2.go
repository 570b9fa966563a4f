package ec2test

import (
	"bytes"
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
	l, known := findListing(c.Action)
	if !known {
		return answer{}, refuse("InvalidAction", "The action %s is not valid for this web service.", c.Action)
	}
	all, err := s.world.list(l, c.place, c.Form)
	if err != nil {
		return answer{}, err
	}
	wanted, err := l.choose(all, c.Form)
	if err != nil {
		return answer{}, err
	}
	size, err := l.pageSize(c.Form, c.settings.pageSize)
	if err != nil {
		return answer{}, err
	}
	from, to, next, ok := window(len(wanted), size, c.Form.Get("NextToken"), sameOnEveryPage(c))
	if !ok {
		return answer{}, refuse("InvalidNextToken", "The token '%s' is invalid", c.Form.Get("NextToken"))
	}
	var b bytes.Buffer
	b.WriteString("<" + l.action + `Response xmlns="` + ec2Namespace + `">`)
	leaf(&b, "requestId", c.id)
	element(&b, elementName(l.action, l.key, true), func() {
		for _, e := range wanted[from:to] {
			b.WriteString("<item>")
			b.Write(e.inner(l.key))
			b.WriteString("</item>")
		}
	})
	if l.action == "SearchTransitGatewayRoutes" {
		leaf(&b, "additionalRoutesAvailable", strconv.FormatBool(next != ""))
	}
	if next != "" && !c.settings.truncated {
		leaf(&b, "nextToken", next)
	}
	b.WriteString("</" + l.action + "Response>")
	return xmlAnswer(b.Bytes()), nil
}

// list gives everything that a call is about, before ids, filters and pages.
func (w *World) list(l listing, at providers.Place, form url.Values) ([]*entry, error) {
	switch {
	case l.action == "DescribeTags":
		return w.tags(at), nil
	case l.action == "DescribeRegions":
		return w.regionEntries(at), nil
	case l.parent == "":
		return w.entries(at, l.key), nil
	}
	id := form.Get(l.parentParam)
	if id == "" {
		return nil, refuse("MissingParameter", "The request must contain the parameter %s", l.parentParam)
	}
	if l.action == "SearchTransitGatewayRoutes" && !form.Has("Filter.1.Name") {
		return nil, refuse("MissingParameter", "The request must contain the parameter Filters")
	}
	for _, e := range w.entries(at, l.parent) {
		if text(e.doc[idField(l.parent)]) == id {
			return e.children[l.child], nil
		}
	}
	return nil, refuse(l.notFound, "%s '%s' does not exist", l.parentParam, id)
}

// choose applies the id list and the filters. One id that is not there fails
// the whole call, as it does in EC2.
func (l listing) choose(all []*entry, form url.Values) ([]*entry, error) {
	out := all
	if ids := numbered(form, l.idParam); l.idParam != "" && len(ids) > 0 {
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
		if err != nil || n < fewest || n > l.max {
			return 0, refuse("InvalidParameterValue", "Value ( %s ) for parameter maxResults is invalid. Expecting a value between %d and %d.", asked, fewest, l.max)
		}
		size = n
	}
	if limit > 0 {
		size = min(size, limit)
	}
	return size, nil
}

// sameOnEveryPage is what a token is bound to.
func sameOnEveryPage(c *call) string {
	form := url.Values{}
	for k, v := range c.Form {
		if k != "NextToken" {
			form[k] = v
		}
	}
	return c.place.String() + "?" + form.Encode()
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
		for _, e := range w.entries(at, l.key) {
			id := text(e.doc[l.id])
			if seen[id] {
				continue
			}
			seen[id] = true
			tags, _ := e.doc["Tags"].([]any)
			for _, t := range tags {
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

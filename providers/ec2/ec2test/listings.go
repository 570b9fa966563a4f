package ec2test

import (
	"cmp"
	"slices"
	"strings"
)

// listing is one call that answers with a list. Adding a kind to the server is
// adding a row; that of a plain listing is derived (listings_sdk.go).
type listing struct {
	service   string // "ram", "directconnect"; "" is EC2
	action    string
	key       string // the list's name in the AWS CLI's answer
	also      string // a second list of the same answer
	store     string // the list's name in the world, where that is not key
	structure bool   // the answer has one structure in place of the list
	global    bool   // the answer is the same in every region
	id        string // the field that identifies a document
	idParam   string // the request's ids, as they are on the wire: "VpcId" for VpcId.1
	notFound  string // the error for an id that is not there; "": AWS leaves it out
	resource  string // its resource-type in DescribeTags; "": it has no tags
	by        string // parameters that choose by a field: "VpcId", or "Name=tags.value" where it is called otherwise
	oneOf     string // parameters of which one is needed
	ignored   string // parameters that change nothing here
	max       int    // the largest MaxResults; 0: the call does not page
	min       int    // the smallest, 5 where it is 0
	capped    bool   // a larger MaxResults counts as the largest
	alone     bool   // MaxResults and ids may not come together
	filters   string // the names served, tag filters apart
	alias     map[string]string

	// A call about one parent: its list, the request's parameter ("": the call
	// is about all parents at once), the "_" key under which the parent's
	// document holds the answer where that is not "_" and the list's name, and
	// the error for a parent that is not there.
	parent, parentParam, child, noParent string
}

const routeTableNotFound = "InvalidRouteTableID.NotFound" // of both sorts of route table

// listings are the calls served. Sources: parameters, documented filters and
// element names from service/ec2 of aws-sdk-go-v2; page sizes from the API's
// model; error codes from the EC2 API reference and what the Terraform provider
// treats as gone, else in the usual form of EC2's.
var listings = slices.Concat(vpcListings, gatewayListings, vpnListings, endpointListings, transitGatewayListings, ipamListings,
	shareListings, directConnectListings, sdkListings, []listing{
		// What the server works out from the rest of the world.
		{action: "DescribeTags", key: "Tags", max: 1000, filters: "key resource-id resource-type value"},
		{action: "DescribeRegions", key: "Regions", id: "RegionName", idParam: "RegionName", notFound: "InvalidParameterValue", ignored: "AllRegions", filters: "endpoint opt-in-status region-name"},
	})

// list is the name under which the world keeps the documents.
func (l listing) list() string { return cmp.Or(l.store, l.key) }

// under is the "_" key of a parent's document that holds one of the lists.
func (l listing) under(key string) string {
	if key == l.key && l.child != "" {
		return l.child
	}
	return "_" + lowerFirst(key)
}

// keys are the lists of the answer.
func (l listing) keys() []string {
	if l.also != "" {
		return []string{l.key, l.also}
	}
	return []string{l.key}
}

// Actions are the calls that the server knows, in the order of its tables: a
// bare name for EC2's, "ram:GetResourceShares" for those of other services.
func Actions() []string {
	out := make([]string, len(listings))
	for i, l := range listings {
		out[i] = l.action
		if l.service != "" {
			out[i] = l.service + ":" + l.action
		}
	}
	return out
}

// findListing finds a call of a service, "" being EC2. RAM's names come in
// small letters, as its paths have them.
func findListing(service, action string) (listing, bool) {
	i := slices.IndexFunc(listings, func(l listing) bool { return l.service == service && strings.EqualFold(l.action, action) })
	if i < 0 {
		return listing{}, false
	}
	return listings[i], true
}

// ofList is the call that lists a world's list, the zero value where none does.
func ofList(key string) listing {
	i := slices.IndexFunc(listings, func(l listing) bool { return l.list() == key && l.parent == "" })
	if i < 0 {
		return listing{}
	}
	return listings[i]
}

// path resolves a filter's name to the fields it asks for.
func (l listing) path(filter string) ([]string, bool) {
	if !slices.Contains(strings.Fields(l.filters), filter) {
		return nil, false
	}
	if other, ok := l.alias[filter]; ok {
		filter = other
	}
	return strings.Split(strings.ReplaceAll(filter, "-", ""), "."), true
}

func (l listing) taggable() bool { return l.resource != "" }

// choosers are the parameters that choose by a field, with the field's path.
func (l listing) choosers() map[string][]string {
	out := map[string][]string{}
	for _, by := range strings.Fields(l.by) {
		param, field, other := strings.Cut(by, "=")
		if !other {
			field = param
		}
		out[param] = strings.Split(field, ".")
	}
	return out
}

// takes reports whether the call has a parameter of this name.
func (l listing) takes(param string) bool {
	name, _, _ := strings.Cut(param, ".")
	switch name {
	case "Action", "Version", "DryRun", "MaxResults", "NextToken", "Filter":
		return true
	case l.idParam, l.parentParam:
		return name != ""
	}
	_, chooses := l.choosers()[name]
	return chooses || slices.Contains(strings.Fields(l.ignored), name)
}

// Package providers is the contract between a cloud and the engine: what a
// kind of resource is, what a live object is, how far a reading got, and what
// the audit trail says was done.
//
// It holds values only. It imports no SDK and does no I/O, so the engine
// (diff, match, plan) can be tested without a cloud.
package providers

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Place is where an object lives. An empty field is not established, which is
// never the same as "anywhere".
type Place struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
}

// Known reports whether both account and region are established.
func (p Place) Known() bool { return p.Account != "" && p.Region != "" }

func (p Place) String() string { return cmp.Or(p.Account, "?") + "/" + cmp.Or(p.Region, "?") }

// Compare orders places by account, then region.
func (p Place) Compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Account, q.Account), cmp.Compare(p.Region, q.Region))
}

// Life is what an object's own lifecycle word means.
type Life string

// The three lives of an object that a listing still shows.
const (
	Alive   Life = "alive"
	Pending Life = "pending" // on its way in or out: look again before acting
	Gone    Life = "gone"    // lingers in the listing, is not there for Terraform
)

// Attrs are attributes in the Terraform provider's own terms: string, bool,
// float64 or json.Number, []any, map[string]any, nil.
type Attrs map[string]any

// Text returns the attribute as text, "" if it is absent or not a scalar.
func (a Attrs) Text(name string) string {
	switch a[name].(type) {
	case nil, []any, map[string]any:
		return ""
	}
	return Canon(a[name])
}

// Object is one thing that exists in the cloud, as one Terraform type sees it.
// One thing may be an object of several types: a main route table is an
// aws_route_table and an aws_default_route_table.
type Object struct {
	Type  string
	Place Place
	ID    string // the identity, as Kind.Identity spells it
	Attrs Attrs
	State string // the cloud's own lifecycle word, "" where there is none
	Life  Life
	// Implicit: the cloud makes it by itself, with no event of its own (a VPC's
	// first route table, a local route), so a missing event explains nothing.
	Implicit bool
	// With is the id of the object in whose creation the cloud made this one (the
	// first rule of a security group), "" if it was made by a call of its own.
	With string
	// Abroad: it was made in another region or account, and whoever made it reads
	// it there.
	Abroad bool
}

// Status says how far a reading got.
type Status string

// Only Read allows a statement about what is absent.
const (
	Read         Status = "read"
	Denied       Status = "denied"
	Throttled    Status = "throttled"
	Failed       Status = "failed"
	NotSupported Status = "not_supported"
	NotRead      Status = "not_read" // nobody asked, or the place could not be told
)

// Coverage is the ledger of one kind in one place.
type Coverage struct {
	Type    string `json:"kind"`
	Place   Place  `json:"place"`
	Status  Status `json:"status"`
	Action  string `json:"action,omitempty"` // the API call, "ec2:DescribeVpcs"
	Error   string `json:"error,omitempty"`
	Objects int    `json:"objects"`
}

// Caller is who reads, in one account.
type Caller struct {
	Account   string `json:"account"`
	ARN       string `json:"arn"`
	Partition string `json:"partition,omitempty"`
}

// Inventory is what the cloud has, for the kinds and places that were asked for.
type Inventory struct {
	Objects  []Object
	Coverage []Coverage
}

// Status returns how far the reading of a kind in a place got: the worst of
// its readings. NotRead if it was not part of the reading at all.
func (inv Inventory) Status(typ string, at Place) Status {
	worst := NotRead
	for _, c := range inv.Coverage {
		if c.Type == typ && c.Place == at && (worst == NotRead || worst == Read) {
			worst = c.Status
		}
	}
	return worst
}

// Sort gives the inventory its one order, whatever order the readers finished in.
func (inv *Inventory) Sort() {
	slices.SortFunc(inv.Objects, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), a.Place.Compare(b.Place), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(inv.Coverage, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), a.Place.Compare(b.Place), cmp.Compare(a.Action, b.Action))
	})
}

// Role is what a call did to an object.
type Role string

// The three things that a call can do to an object.
const (
	Created Role = "created"
	Changed Role = "changed"
	Deleted Role = "deleted"
)

// Mutation is one effect of a call on one object.
type Mutation struct {
	Type string `json:"kind"`
	ID   string `json:"id"` // as Kind.Identity spells it
	Role Role   `json:"role"`
	// Tags are what the create request asked for, retyped to text; nil if the
	// request carried none. Numbers in wrapped records may have lost leading
	// zeros, so compare with SameTag.
	Tags map[string]string `json:"tags,omitempty"`
}

// Principal is who made a call.
type Principal struct {
	ARN       string `json:"arn"`                  // the role's or user's IAM ARN, path included
	Session   string `json:"session,omitempty"`    // role session name
	AccessKey string `json:"access_key,omitempty"` //
	InvokedBy string `json:"invoked_by,omitempty"` // a service that acted on the principal's behalf
}

// String is how a person reads a principal: "role/ci (session run-7)".
func (p Principal) String() string {
	name := p.ARN[strings.LastIndexByte(p.ARN, ':')+1:]
	if p.Session != "" {
		name += " (session " + p.Session + ")"
	}
	if p.InvokedBy != "" {
		name += " by way of " + p.InvokedBy
	}
	return name
}

// Call is one API call, other than a read, that the audit trail recorded.
type Call struct {
	EventID   string     `json:"event_id"`
	RequestID string     `json:"request_id,omitempty"`
	Name      string     `json:"name"`
	Source    string     `json:"source"` // "ec2.amazonaws.com"
	Time      time.Time  `json:"time"`   // resolution: one second
	Place     Place      `json:"place"`
	By        Principal  `json:"by"`
	Error     string     `json:"error,omitempty"` // set: it did not happen
	Mutations []Mutation `json:"mutations,omitempty"`
	// Mapped is false where no kind knows the call: it did something that
	// reconcile cannot place.
	Mapped bool `json:"mapped"`
}

// Compare orders calls by time, then event id.
func (c Call) Compare(d Call) int {
	return cmp.Or(c.Time.Compare(d.Time), cmp.Compare(c.EventID, d.EventID))
}

// Progress is one read that is finished.
type Progress struct {
	What        string // "ec2:DescribeVpcs", "cloudtrail:LookupEvents"
	Region      string
	Done, Total int // of the reads; Total grows as parents are found, and is 0 where it cannot be known
	Items       int
	Back        time.Time // of a trail: read from its end back to here
	Note        string    // not a read: something to know while it goes on
}

// Trail is what the audit trail says of a window.
type Trail struct {
	Source        string
	CompleteUntil time.Time
	CompleteWhy   string    // what that rests on
	Barriers      []Barrier // calls by which it was told how far the trail reaches
	Regions       []string
	Own           []Call   // the session's calls that happened
	Refused       []Call   // the session's calls that were refused or failed
	Others        []Call   // calls of everybody else that happened
	Unclear       []Call   // calls of the role's runs among which the one that died cannot be told
	AllMakers     bool     // Others holds every writer of the window, not only some
	Problems      []string // why it is incomplete, a sentence each
	Stats         TrailStats
}

// Barrier is a call of which it is known that it was made: the trail of its
// account and region reaches at least so far as it is there.
type Barrier struct {
	Request string    `json:"request_id"`
	Source  string    `json:"source"` // who names it: "--barrier", "the apply's log, line 12"
	Time    time.Time `json:"time,omitzero"`
	EventID string    `json:"event_id,omitempty"` // "" where the trail does not have it
	// Account and Region recorded it: of others it says nothing.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
}

// TrailStats counts what reading the trail cost and met.
type TrailStats struct {
	Pages      int `json:"pages"`
	Records    int `json:"records"`
	Duplicates int `json:"duplicates"`
	Malformed  int `json:"malformed"`
	Reads      int `json:"reads"`
	Own        int `json:"own"`
	Refused    int `json:"refused"`
	Others     int `json:"others"`
	// Of a source that is read through: records looked at, and their size.
	Scanned int   `json:"scanned,omitempty"`
	Bytes   int64 `json:"bytes,omitempty"`
}

package providers

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is one Terraform resource type that reconcile knows: the engine's half
// of a row. Everything that is derived from rows (the index of events, the
// table of types, the import id) is derived from these values.
type Kind struct {
	Type string
	// Actions are the API calls that list this kind, "ec2:DescribeVpcs".
	Actions []string
	// Identity ties an instance to an object. Default "{id}".
	Identity Template
	// Import is the import id. Empty: Terraform cannot import this type, and
	// NoImport says what to do instead.
	Import   Template
	NoImport string
	// Since and ImportSince are the first major versions of the AWS provider
	// that have the type and that can import it, 0 for all.
	Since, ImportSince int
	// Global: the import id takes no @region suffix with any provider version.
	Global bool
	// Everywhere: the cloud shows the same objects in every region.
	Everywhere bool
	// Unread says why reconcile cannot list this kind. "": it can.
	Unread string
	// StateID is the id attribute that Terraform records, where it is not {id}
	// of the object's attributes.
	StateID func(Attrs) string
	// NoID: the state holds no id attribute for this type, so an instance
	// cannot be told by it.
	NoID bool
	// Account names the attribute that holds the object's own account, not a
	// peer's or an owner's of something else. Empty: no attribute does.
	Account string
	// Parents are the attributes that hold ids of objects whose deletion takes
	// this one along, and whose place it shares.
	Parents []string
	// Owner is what the cloud is asked for, one call each, to tell the objects of
	// this kind: "{subnet_id}". Empty: one listing shows them all.
	Owner Template
	// Accepter: the other end of something that is made elsewhere. Its place is
	// its provider's, not its parents'.
	Accepter bool
	// Fixed are the attributes that the create call fixes for good (ForceNew).
	Fixed []string
	// Telling are the attributes any of which tells an object from its siblings
	// (a range, not the VPC it shares). Default: those of the identity, and the
	// fixed ones that are not parents. Kinds without any are told apart by
	// their tags only.
	Telling []string
	// Compared are the attributes that later calls can change and that a live
	// reading shows, tags_all included. They rank matches and show drift.
	Compared []string
	// Pending and Gone are the lifecycle words, in lower case, of an object on
	// its way in or out, and of one that lingers and is not there for
	// Terraform. Every other word is a living object's.
	Pending, Gone []string
	// NotFound are the error codes by which AWS says that an object of this
	// kind, or the parent that is asked for it, is not there, and that the
	// provider takes for gone too.
	NotFound []string
	// Lost are the arguments that an import does not bring back and whose
	// absence makes the next plan replace the object.
	Lost []string
	// Facet: the object is an aspect of another one. Where no address wants it,
	// it belongs to that other object and is nobody's leftover.
	Facet bool
	// Inline maps an attribute to the types whose objects it spells inline
	// ("route" of a route table is what aws_route makes). It is compared only
	// where no instance of those types refers to the object.
	Inline map[string][]string
	// SetBy maps an attribute to the arguments of other types that set it by
	// naming the object ("network_interface" of an address: allocation_id of
	// aws_nat_gateway). It is compared only where none of them names it.
	SetBy map[string][]Argument
	// Parts splits the attributes of one instance into those of the objects
	// that AWS makes of it (a rule for each of its ranges), and Whole is the
	// way back. Nil: an instance is one object.
	Parts func(Attrs) []Attrs
	Whole func([]Attrs) Attrs
	// Spellings are the attributes that a configuration may write otherwise than
	// the cloud answers them, each with all ways to write a value ("6", "tcp"),
	// the cloud's own first. Terraform's ids keep the configuration's.
	Spellings map[string]func(value string) []string
	// Prefix is how the cloud's ids of this kind begin, "vpc-". It tells which
	// kind a call on "any resource" (CreateTags) means.
	Prefix string
	// Events map recorded calls to what they do to this kind.
	Events []Event
	// Swept is what a deletion names that takes away whatever there is of the kind
	// in one place and does not say what that was: "*-{vpc_id}", which such an
	// event's ID spells too. It must not look like anything's id. Zero: every
	// deletion says what it deletes.
	Swept Template
	// Wait is the look by which the Terraform provider makes sure that a
	// deletion is through before it drops the object from state. Zero: it
	// drops it at once.
	Wait Wait
	// Takes is the look by which the Terraform provider finds an object that no
	// call makes (it is adopted) before it records it and makes its first call on
	// it. Zero: nothing tells.
	Takes Wait
	// NotCompared are arguments that a plan compares and that no listing shows:
	// nothing is said of them.
	NotCompared []string
	// IfSkipped says what the next apply does if the object stays unrecorded.
	IfSkipped string
	// Again is the same as far as it is known.
	Again Again
	// Confirm is the look by id that a removal needs once more, as arguments
	// after "aws": it prints 0 if the object is gone, or fails with one of
	// NotFound. Nil result: cannot be asked.
	Confirm func(Attrs) []string
}

// Argument is one argument of a type.
type Argument struct{ Type, Name string }

// Again is what comes of it when the provider creates an object that is there
// already. Zero: not known.
type Again struct {
	Outcome Outcome
	Code    string // by which it is refused, "" where there is none of AWS's
	How     string // how it is known: Shown, Documented, Source or Reported
}

// Outcome is what a second creation comes to.
type Outcome string

// The outcomes.
const (
	Same    Outcome = "same"    // the object stays one, and is recorded
	Second  Outcome = "second"  // another one is made beside it
	Refused Outcome = "refused" // the apply fails
)

// How an outcome is known.
const (
	Shown      = "shown"      // played with Terraform and the AWS provider against a stand-in for EC2
	Documented = "documented" // by AWS or by the provider
	Source     = "source"     // what the provider's create asks for
	Reported   = "reported"   // seen in AWS and told in public
)

// Wait is a read that the Terraform provider makes after a deletion or before it
// takes an object (found in the trail of v5.100.0).
type Wait struct {
	Call  string   // "DescribeRouteTables"
	Names Template // what the read's request names
	Times int      // how many reads it takes
	// Beside is a read that goes along with each look-alike of this one which is
	// made for another purpose: as many do not count.
	Beside string
	// Abroad: it tells only of an object that is Abroad, since the provider reads
	// one of its own place for its maker's sake as well.
	Abroad bool
}

// Event maps one recorded API call to its effect on one kind. ID is a template
// over the record: {req.…} and {res.…} paths as the flat dialect spells them.
// A path that meets a list yields one id for each element.
type Event struct {
	Name string
	Role Role
	ID   Template
	// Source is the service that records the call, "" for ec2.amazonaws.com.
	Source string
	// Single is a path that must have one value, or the event tells nothing:
	// where a call may hold several of what ID puts together.
	Single string
}

// EC2 is the event source of EC2's calls.
const EC2 = "ec2.amazonaws.com"

// From is the service that records the call.
func (e Event) From() string { return cmp.Or(e.Source, EC2) }

// Makes reports whether any call makes objects of this kind. AWS makes those of
// the others by itself, and Terraform adopts them.
func (k Kind) Makes() bool {
	return slices.ContainsFunc(k.Events, func(e Event) bool { return e.Role == Created })
}

// LifeOf reads the cloud's own lifecycle word.
func (k Kind) LifeOf(state string) Life {
	state = strings.ToLower(state)
	switch {
	case slices.Contains(k.Gone, state):
		return Gone
	case slices.Contains(k.Pending, state):
		return Pending
	}
	return Alive
}

// Hard returns the attributes that must agree before an object can be at an
// address: those of the identity (but id itself) and the fixed ones.
func (k Kind) Hard() []string {
	var out []string
	for _, n := range append(k.Identity.Names(), k.Fixed...) {
		if n != "id" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// Tells returns the attributes that tell an object from its siblings.
func (k Kind) Tells() []string {
	if len(k.Telling) > 0 {
		return k.Telling
	}
	own := slices.DeleteFunc(slices.Clone(k.Fixed), func(n string) bool { return slices.Contains(k.Parents, n) })
	return slices.DeleteFunc(append(own, k.Identity.Names()...), func(n string) bool { return n == "id" })
}

// Kinds is the list of known kinds.
type Kinds []Kind

// Find returns the kind of a type.
func (ks Kinds) Find(typ string) (Kind, bool) {
	i := slices.IndexFunc(ks, func(k Kind) bool { return k.Type == typ })
	if i < 0 {
		return Kind{}, false
	}
	return ks[i], true
}

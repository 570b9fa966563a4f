// Package wanted says which addresses a configuration asks for, and what is
// known of each one's attributes.
//
// FromPlan reads the plan file's JSON (terraform show -json tfplan) and, for
// what the plan does not know yet, the configuration's own expressions.
// FromConfig has the configuration and the state alone. A value that cannot be
// known before apply is a reference to the attribute of another address; what
// cannot be evaluated stays unknown, never wrong.
package wanted

// Action is what the plan wants at an address.
type Action string

// The plan's actions. ReplaceCBD creates before it destroys, or before it
// forgets the old object.
const (
	NoOp       Action = "no-op"
	Create     Action = "create"
	Update     Action = "update"
	Replace    Action = "replace"
	ReplaceCBD Action = "replace-create-before-destroy"
	Delete     Action = "delete"
	Forget     Action = "forget"
)

// Wanted is everything that the plan says, sorted by address.
type Wanted struct {
	TerraformVersion string
	Instances        []Instance
	// Providers by the configuration's own key: "aws", "aws.west",
	// "module.m:aws.west".
	Providers map[string]Provider
	// OutputRefs are the addresses that a root output refers to.
	OutputRefs []string
	// Unlisted stand for instances of which it is not known which there are:
	// each for any number of them, at an address that ends in [?].
	Unlisted []Instance
	// Missing say why addresses may be wanted that are not here, a sentence each.
	Missing []string
	// Partial: the plan was made with -target, and what lies outside is not in it.
	Partial bool
	// Doubts say why a plan is not the one that was applied, or not in this
	// folder, a sentence each.
	Doubts []string
	// Notes say what could not be evaluated and what that costs, a sentence each.
	Notes []string
}

// Provider is one provider block.
type Provider struct {
	Source string // "registry.terraform.io/hashicorp/aws"
	Module string // the module that holds the block, "" for the root
	Alias  string
	Region string // "" if not set or not known
	// RegionSet tells "no region argument" (the environment decides) from a
	// region that could not be evaluated.
	RegionSet  bool
	AssumeRole string // role ARN, "" if none or not known
	RoleSet    bool   // an assume_role block is there, known or not
}

// Instance is one resource instance that the plan mentions (mode managed).
type Instance struct {
	Address string // as Terraform prints it
	// PreviousAddress is where a moved block takes the object from, "" if it
	// stays: that is where the state still has it.
	PreviousAddress string
	Module          string // "module.a[\"k\"]", "" in the root
	Type            string
	Name            string
	Key             any    // nil, float64 or string
	ProviderKey     string // key into Wanted.Providers
	Source          string // provider source, "registry.terraform.io/hashicorp/aws"
	Action          Action
	// PriorID is the id that the plan saw at this address, "" if none.
	PriorID string
	// Values are the planned attributes. An attribute that is not here is
	// wholly unknown, or not part of the plan.
	Values map[string]Value
	// Unknown names the attributes that the plan does not know yet, wholly or in
	// part. One that the configuration ties to another address is in Values too.
	Unknown []string
	// Unset names those of Unknown that the configuration does not set, so that
	// the provider or AWS gives them their value. A block may set one all the
	// same, where it is dynamic.
	Unset []string
	// Sensitive names the attributes that must never reach an output.
	Sensitive []string
	// DependsOn are the addresses of the instances that must be in state first:
	// every reference of any of its expressions, depends_on included. Instances
	// of one block share the slice: do not write to it.
	DependsOn []string
}

// Value is what is known of one planned attribute: exactly one of Known,
// OneOf and Items says it. A null attribute is the zero Value.
type Value struct {
	Known any
	// OneOf: the value is the attribute of one of these addresses. One target
	// is exact; several are what the expression may mean.
	OneOf []Target
	// Items are the elements of a list or set, some of which are references;
	// none is missing and none is unknown.
	Items []Value
}

// IsKnown reports whether the whole value is known.
func (v Value) IsKnown() bool { return v.OneOf == nil && v.Items == nil }

// Target is an attribute of an instance.
type Target struct {
	Address string
	Attr    string
}

// Find returns the instance at an address.
func (w *Wanted) Find(address string) (*Instance, bool) {
	if w == nil {
		return nil, false
	}
	for i := range w.Instances {
		if w.Instances[i].Address == address {
			return &w.Instances[i], true
		}
	}
	return nil, false
}

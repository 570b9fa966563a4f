package inventory

import (
	"fmt"
	"io"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/jsontext"
	"reconcile/providers"
)

// schema names the form of the JSON.
const schema = "reconcile.inventory/v1"

// Report is what AWS has. Its JSON form is described in docs/inventory.md.
type Report struct {
	Schema     string               `json:"schema"`
	ReadAt     time.Time            `json:"read_at"`
	Caller     providers.Caller     `json:"caller"`
	State      *State               `json:"state"` // null: none was given, and nothing is called managed
	Regions    []string             `json:"regions"`
	Trail      *Trail               `json:"trail"` // null: it was not asked
	Incomplete []string             `json:"incomplete"`
	Notes      []string             `json:"notes"`
	Coverage   []providers.Coverage `json:"coverage"`
	Objects    []Object             `json:"objects"`
}

// State is the state that tells what is managed.
type State struct {
	Source    string `json:"source"`
	Format    string `json:"format"`
	Lineage   string `json:"lineage"`
	Serial    uint64 `json:"serial"`
	Instances int    `json:"instances"`
	Workspace string `json:"workspace"` // "" where nothing tells
}

// Trail is the part of the trail that was asked for makers.
type Trail struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	Calls []string  `json:"calls"` // the names that were looked up
	Pages int       `json:"pages"`
}

// Status says who manages an object.
type Status string

// The statuses.
const (
	Managed   Status = "managed"   // the state records it
	Unmanaged Status = "unmanaged" // this state does not; another one may
	Aspect    Status = "aspect"    // of another object, and not recorded by itself
	ByAWS     Status = "aws"       // not recorded; AWS makes it by itself
	Shared    Status = "shared"    // not recorded; another account's, which shares it
	Gone      Status = "gone"      // not recorded; lingers in the listing
	Unknown   Status = "unknown"   // no state was given
)

// Object is one live object as one Terraform type sees it.
type Object struct {
	Type     string          `json:"type"`
	ID       string          `json:"id"`        // the identity
	ImportID string          `json:"import_id"` // "" where Terraform cannot import it
	Account  string          `json:"account"`
	Region   string          `json:"region"`
	State    string          `json:"state"` // AWS's lifecycle word
	Life     providers.Life  `json:"life"`
	Status   Status          `json:"status"`
	Address  string          `json:"address,omitempty"`
	Deposed  string          `json:"deposed,omitempty"`
	Of       string          `json:"of,omitempty"`         // an aspect's object
	OfAt     string          `json:"of_address,omitempty"` // and its address
	Owner    string          `json:"owner,omitempty"`      // the account that shares it
	By       *By             `json:"by"`                   // null: not known
	Attrs    providers.Attrs `json:"attributes"`

	what   string // tells it from its siblings, for a person
	folded bool   // counted for a person, not listed
}

// By says who an object belongs to, or who made it.
type By struct {
	Source    string               `json:"source"` // state, aws, trail
	Module    string               `json:"module,omitempty"`
	Workspace string               `json:"workspace,omitempty"`
	Principal *providers.Principal `json:"principal,omitempty"`
	Time      time.Time            `json:"time,omitzero"`
	EventID   string               `json:"event_id,omitempty"`
}

// String is how a person reads it.
func (b *By) String() string {
	switch {
	case b == nil:
		return ""
	case b.Principal != nil:
		return b.Principal.String() + " " + b.Time.Format(time.RFC3339)
	case b.Source == "aws":
		return b.Source
	case b.Workspace != "" && b.Workspace != backend.DefaultWorkspace:
		return "workspace " + b.Workspace
	}
	return "" // the address names the module
}

// Encode writes the JSON form.
func Encode(w io.Writer, r *Report) error {
	if err := jsontext.Write(w, r); err != nil {
		return fmt.Errorf("writing the inventory as JSON: %w", err)
	}
	return nil
}

// Ledger is everything that was not read, a sentence each, and what else a
// reader should know.
func (r *Report) Ledger() []string {
	var out []string
	seen := map[string]bool{}
	add := func(s string) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	for _, c := range r.Coverage {
		if c.Status != providers.Read {
			add("not read: " + told(c))
		}
	}
	for _, s := range r.Incomplete {
		if !seen["not read: "+s] {
			add("incomplete: " + s)
		}
	}
	for _, s := range r.Notes {
		add("note: " + s)
	}
	return out
}

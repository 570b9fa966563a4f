package providers

import (
	"slices"
	"strings"
)

// Asking says which owners (Kind.Owner) are asked for their objects of one kind.
// The zero value asks none.
type Asking struct {
	IDs map[string]bool
	// In are texts, identities of what a run did, any of which may hold the id.
	In []string
	// All asks every owner, but for those of Except.
	All    bool
	Except map[string]bool
}

// Of reports whether an owner is asked.
func (a Asking) Of(owner string) bool {
	return a.IDs[owner] || a.All && !a.Except[owner] || slices.ContainsFunc(a.In, func(text string) bool { return strings.Contains(text, owner) })
}

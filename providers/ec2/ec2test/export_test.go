package ec2test

import "strings"

// Row shows a listing to the tests.
type Row struct {
	Action, Key, ID, IDParam, NotFound string
	Max                                int
	Filters                            []string
	Taggable                           bool
	Parent, ParentParam, Child         string
}

// Rows are all listings.
func Rows() []Row {
	var out []Row
	for _, l := range listings {
		out = append(out, Row{l.action, l.key, l.id, l.idParam, l.notFound, l.max, strings.Fields(l.filters), l.taggable(), l.parent, l.parentParam, l.child})
	}
	return out
}

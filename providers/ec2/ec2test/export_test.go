package ec2test

import (
	"cmp"
	"strings"
)

// Row shows a listing to the tests.
type Row struct {
	Service, Action, Key, Also, ID, IDParam, NotFound, NoParent, OneOf string
	Structure, Capped, Alone, Taggable                                 bool
	Max, Min                                                           int
	Filters                                                            []string
	By                                                                 map[string][]string
	List, Child, Parent, ParentID, ParentParam                         string
}

// Rows are all listings.
func Rows() []Row {
	var out []Row
	for _, l := range listings {
		out = append(out, Row{l.service, l.action, l.key, l.also, l.id, l.idParam, l.notFound, l.noParent, l.oneOf,
			l.structure, l.capped, l.alone, l.taggable(),
			l.max, cmp.Or(l.min, fewest), strings.Fields(l.filters), l.choosers(), l.list(), l.under(l.key), l.parent, ofList(l.parent).id, l.parentParam})
	}
	return out
}

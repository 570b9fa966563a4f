package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

// typeRow is one kind as `types --format json` lists it. docs/kinds.md
// describes the keys.
type typeRow struct {
	Type        string   `json:"type"`
	Importable  bool     `json:"importable"`
	ImportID    string   `json:"import_id"`
	ImportIDv5  string   `json:"import_id_v5"`
	ImportIDv6  string   `json:"import_id_v6"`
	Since       int      `json:"since"`
	ImportSince int      `json:"import_since"`
	Instead     string   `json:"instead"`
	Identity    string   `json:"identity"`
	Facet       bool     `json:"facet"`
	Parents     []string `json:"parents"`
	Calls       []call   `json:"calls"`
	Pending     []string `json:"pending"`
	Gone        []string `json:"gone"`
	NotFound    []string `json:"not_found"`
	Fixed       []string `json:"fixed"`
	Compared    []string `json:"compared"`
	NotCompared []string `json:"not_compared"`
	Events      []event  `json:"events"`
	IfSkipped   string   `json:"if_skipped"`
	Again       again    `json:"again"`
	Unread      string   `json:"unread"`
}

type call struct {
	Action    string `json:"action"`
	Pages     bool   `json:"pages"`
	PageSize  int    `json:"page_size"`
	PerParent string `json:"per_parent"`
}

type again struct {
	Outcome string `json:"outcome"`
	Code    string `json:"code"`
	How     string `json:"how"`
}

type event struct {
	Source string `json:"source"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	ID     string `json:"id"`
}

func newTypes(env environment) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "types [TYPE…]",
		Short: "List the resource types that reconcile knows",
		Long: `types lists the resource types that reconcile knows, or tells everything about
those that are named: how each is imported with versions 5 and 6 of the AWS provider,
the call that lists it, what gone looks like, which CloudTrail events change it, and
what the next apply does if an object stays unrecorded. {a|b} in an id is the first
of these attributes that is not empty.

docs/kinds.md has the same as one table, and describes the JSON.`,
		Example: `  reconcile types
  reconcile types aws_route aws_ec2_transit_gateway_route
  reconcile types --format json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			rows := ec2.Rows()
			if err := knownTypes(ec2.Kinds(rows), "type", args); err != nil {
				return err
			}
			list := typeRows(rows, args)
			switch {
			case format == "json":
				return writeJSON(env.stdout, list)
			case len(args) > 0:
				return writeTypes(env.stdout, list)
			}
			w := tabwriter.NewWriter(env.stdout, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "TYPE\tLISTED BY\tIMPORT ID")
			for _, r := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\n", r.Type, r.listedBy(), r.importCell())
			}
			return w.Flush()
		},
	}
	formatVar(c.Flags(), &format, "table", "json")
	return c
}

// importCell is the import id as one cell of a table.
func (r typeRow) importCell() string {
	switch {
	case !r.Importable:
		return "(cannot be imported)"
	case r.ImportIDv5 == "":
		return r.ImportID + " (version 6)"
	}
	return r.ImportID
}

func (r typeRow) listedBy() string {
	if len(r.Calls) == 0 {
		return "(not read)"
	}
	return r.Calls[0].Action
}

// writeTypes tells everything about a few types.
func writeTypes(w io.Writer, list []typeRow) error {
	for i, r := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, r.Type)
		t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		fact := func(name string, values ...string) {
			for _, v := range values {
				if v != "" {
					fmt.Fprintf(t, "  %s\t%s\n", name, v)
					name = ""
				}
			}
		}
		if r.Since > 0 {
			fact("exists since", fmt.Sprintf("version %d of the AWS provider", r.Since))
		}
		if r.Importable {
			fact("import id", cmp.Or(r.ImportIDv5, "none")+" (version 5)", r.ImportIDv6+" (version 6)")
		} else {
			fact("import id", "none: it cannot be imported")
		}
		fact("instead", r.Instead)
		fact("identity", r.Identity)
		fact("parents", strings.Join(r.Parents, ", "))
		var calls []string
		for _, c := range r.Calls {
			calls = append(calls, c.String())
		}
		fact("listed by", calls...)
		if r.Unread != "" {
			fact("not read", r.Type+" "+r.Unread)
		}
		fact("on its way", strings.Join(r.Pending, ", "))
		fact("gone", strings.Join(r.Gone, ", "))
		fact("not found", strings.Join(r.NotFound, ", "))
		fact("fixed", strings.Join(r.Fixed, ", "))
		fact("compared", strings.Join(r.Compared, ", "))
		fact("not compared", strings.Join(r.NotCompared, ", "))
		var events []string
		for _, e := range r.Events {
			events = append(events, e.Role+" by "+e.Name+" "+e.ID)
		}
		fact("events", events...)
		fact("if skipped", r.IfSkipped)
		fact("created again", r.Again.String())
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// String says what a second creation comes to and how that is known.
func (a again) String() string {
	s, ok := map[string]string{string(providers.Same): "the object stays one", string(providers.Second): "another one is made",
		string(providers.Refused): "refused"}[a.Outcome]
	if !ok {
		return "not known"
	}
	if a.Code != "" {
		s += ", " + a.Code
	}
	return s + map[string]string{providers.Shown: " (seen with provider 5.100.0 against a stand-in for EC2)", providers.Documented: " (documented by AWS or the provider)",
		providers.Source: " (from the provider's source)", providers.Reported: " (reported from AWS)"}[a.How]
}

func (c call) String() string {
	s := c.Action
	switch {
	case c.PageSize > 0:
		s += fmt.Sprintf(", %d a page", c.PageSize)
	case c.Pages:
		s += ", in pages of AWS's size"
	default:
		s += ", one answer"
	}
	if c.PerParent != "" {
		s += ", one call for each " + c.PerParent
	}
	return s
}

func typeRows(rows []ec2.Row, types []string) []typeRow {
	chosen := chosenKinds(ec2.Kinds(rows), types)
	out := []typeRow{}
	for _, row := range rows {
		if _, ok := chosen.Find(row.Type); ok {
			out = append(out, typeRowOf(row.Kind, row.Listings()))
		}
	}
	slices.SortFunc(out, func(a, b typeRow) int { return cmp.Compare(a.Type, b.Type) })
	return out
}

func typeRowOf(k providers.Kind, listings []ec2.Listed) typeRow {
	r := typeRow{Type: k.Type, Importable: k.Import != "", ImportID: string(k.Import), Since: k.Since, ImportSince: k.ImportSince, Instead: k.NoImport,
		Identity: string(cmp.Or(k.Identity, "{id}")), Facet: k.Facet, Parents: list(k.Parents), Calls: []call{}, Pending: list(k.Pending), Gone: list(k.Gone),
		NotFound: list(k.NotFound), Fixed: list(k.Fixed), Compared: list(k.Compared), NotCompared: list(k.NotCompared), Events: []event{}, IfSkipped: k.IfSkipped,
		Again: again{Outcome: string(k.Again.Outcome), Code: k.Again.Code, How: k.Again.How}, Unread: k.Unread}
	if k.Import != "" && max(k.Since, k.ImportSince) < 6 {
		r.ImportIDv5 = string(k.Import)
	}
	if r.ImportIDv6 = string(k.Import); k.Import != "" && !k.Global {
		r.ImportIDv6 += "[@{region}]"
	}
	for _, l := range listings {
		r.Calls = append(r.Calls, call{Action: l.Action, Pages: l.Pages, PageSize: l.PageSize, PerParent: l.Parent})
	}
	for _, e := range k.Events {
		r.Events = append(r.Events, event{Source: e.From(), Name: e.Name, Role: string(e.Role), ID: string(e.ID)})
	}
	return r
}

// list is never null in JSON.
func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}

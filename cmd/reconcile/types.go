package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

// typeRow is one kind as `types --format json` lists it.
type typeRow struct {
	Type      string   `json:"type"`
	ImportID  string   `json:"import_id"` // "" if Terraform cannot import it
	Instead   string   `json:"instead,omitempty"`
	Identity  string   `json:"identity"`
	Actions   []string `json:"actions"`
	Events    []string `json:"events"`
	IfSkipped string   `json:"if_skipped,omitempty"`
}

func newTypes(env environment) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "types",
		Short:   "List the resource types that reconcile knows",
		Example: "  reconcile types --format json",
		RunE: func(*cobra.Command, []string) error {
			rows := typeRows(ec2.Kinds(ec2.Rows()))
			switch format {
			case "json":
				enc := json.NewEncoder(env.stdout)
				enc.SetIndent("", "  ")
				enc.SetEscapeHTML(false)
				return enc.Encode(rows)
			case "text":
				w := tabwriter.NewWriter(env.stdout, 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "TYPE\tIMPORT ID\tREAD BY")
				for _, r := range rows {
					id := r.ImportID
					if id == "" {
						id = "(cannot be imported)"
					}
					fmt.Fprintf(w, "%s\t%s\t%s\n", r.Type, id, r.Actions[0])
				}
				return w.Flush()
			}
			return usage(fmt.Errorf("no format is called %q; there are text, json", format), "reconcile types")
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func typeRows(kinds providers.Kinds) []typeRow {
	var out []typeRow
	for _, k := range kinds {
		r := typeRow{Type: k.Type, ImportID: string(k.Import), Instead: k.NoImport, Identity: string(k.Identity), Actions: k.Actions,
			Events: []string{}, IfSkipped: k.IfSkipped}
		if r.Identity == "" {
			r.Identity = "{id}"
		}
		for _, e := range k.Events {
			r.Events = append(r.Events, e.Name+" "+string(e.Role))
		}
		out = append(out, r)
	}
	return out
}

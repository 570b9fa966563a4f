package main

import (
	"io"

	"github.com/spf13/cobra"

	"reconcile/internal/plan"
)

func newSchema(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of report.json",
		Long: `schema prints the JSON Schema (2020-12) of report.json, as this version writes it.
A report of an older version of v1 fits it too.`,
		Example: "  reconcile schema > report.schema.json",
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(env.stdout, plan.JSONSchema())
			return err
		},
	}
}

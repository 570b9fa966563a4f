package plan

import _ "embed"

// The schema is written from the types of this package and those that it
// holds: go test ./internal/plan -run TestTheSchemaIsThatOfTheTypes -update
//
//go:embed report.schema.json
var schemaText string

// JSONSchema is the JSON Schema (2020-12) of report.json. It leaves room for
// fields that later versions add.
func JSONSchema() string { return schemaText }

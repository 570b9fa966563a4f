package render

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
)

//go:embed script/*.sh
var program embed.FS

// Shell writes reconcile.sh: a head, the report's data in single quotes, and a
// program that is the same for every report. An error means that a value of
// the report cannot be an argument of a command, and which.
func Shell(w io.Writer, r *plan.Report, _ Options) error {
	data, err := shellData(r)
	if err != nil {
		return hint.Errorf("the report is not as reconcile plan wrote it: run reconcile plan again", "writing the script: %w", err)
	}
	names, err := fs.Glob(program, "script/*.sh") // sorted
	if err != nil {
		return fmt.Errorf("writing the script: %w", err)
	}
	var b strings.Builder
	for i, name := range names {
		text, err := program.ReadFile(name)
		if err != nil {
			return fmt.Errorf("writing the script: %w", err)
		}
		b.Write(text)
		if i == 0 {
			b.WriteString(data)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the script: %w", err)
	}
	return nil
}

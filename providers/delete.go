package providers

import (
	"slices"
	"strings"
	"unicode"
)

// DeleteArgv is the AWS CLI's call that deletes an object, as arguments after
// "aws"; nil where one id does not say all that the call needs. It is told to a
// person and never run. It follows from the events: what CloudTrail records of a
// deletion names the call and the argument that holds the id.
func (k Kind) DeleteArgv(a Attrs) []string {
	id := k.IdentityOf(a)
	// The CLI takes -x for an option and file://x for a file to read.
	if id == "" || len(k.Identity.Names()) > 1 || strings.HasPrefix(id, "-") || strings.Contains(id, "://") {
		return nil
	}
	i := slices.IndexFunc(k.Events, func(e Event) bool {
		return e.Role == Deleted && (strings.HasPrefix(e.Name, "Delete") || strings.HasPrefix(e.Name, "Release"))
	})
	if i < 0 {
		return nil
	}
	e := k.Events[i]
	names := e.ID.Names()
	if len(names) != 1 || string(e.ID) != "{"+names[0]+"}" || strings.Count(names[0], ".") != 1 {
		return nil
	}
	option, asked := strings.CutPrefix(names[0], "req.")
	if !asked {
		return nil
	}
	service, _, _ := strings.Cut(e.From(), ".")
	// DeleteFlowLogs takes a list, and the record names what is in it.
	thing := strings.ToLower(strings.TrimSuffix(option, "Id"))
	for _, several := range []string{thing + "s", thing + "configurations"} {
		if strings.HasSuffix(strings.ToLower(e.Name), several) {
			option += "s"
			break
		}
	}
	return []string{service, hyphened(e.Name), "--" + hyphened(option), id}
}

// hyphened spells an API name as the AWS CLI does.
func hyphened(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

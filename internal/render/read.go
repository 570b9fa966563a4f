package render

// Exact reports whether an output must rest on all of a report: what runs, and
// what is read again by a program. The others are for a person, and leave out
// what a newer version added.
func Exact(format string) bool {
	switch format {
	case "json", "shell", "import-blocks":
		return true
	}
	return false
}

package render

import "testing"

func TestPruneKeepsWhatIsCalledAndItsComments(t *testing.T) {
	const shared = "\n# --- one ---\n\n# used: says why\nused() {\n  helper\n}\n\nunused() { :; }\n\n# --- two ---\n\n# only named in a comment: never\nnever() {\n  :\n}\n\n# --- three ---\n\nhelper() { :; }\n"
	const own = "main() {\n  # never\n  used\n}\n\nmain\n"
	const want = "\n# --- one ---\n\n# used: says why\nused() {\n  helper\n}\n\n# --- three ---\n\nhelper() { :; }\n" + own
	if got := prune(shared, own); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

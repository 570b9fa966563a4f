package integrity

import (
	"errors"
	"strings"
	"testing"

	"reconcile/internal/backend"
	"reconcile/internal/statefile"
)

func version(id, lineage string, serial uint64) Seen {
	return Seen{Version: backend.Version{ID: id}, MD5: "00000000000000000000000000000" + id[1:], Outline: &statefile.Outline{Format: statefile.Raw, Lineage: lineage, Serial: serial}}
}

func broken(id, text string) Seen {
	_, err := statefile.ReadOutline(strings.NewReader(text), "x")
	return Seen{Version: backend.Version{ID: id, Size: int64(len(text))}, MD5: "00000000000000000000000000000" + id[1:], Err: err}
}

func TestEachFaultIsSaidWithWhatMendsIt(t *testing.T) {
	for name, c := range map[string]struct {
		now     Seen
		earlier []Seen
		digest  string
		lineage string // that is known elsewhere, with serial 5
		want    []Problem
		mend    string
	}{
		"sound":               {version("v003", "l", 3), []Seen{version("v002", "l", 2)}, "00000000000000000000000000000003", "", nil, ""},
		"no digest":           {version("v003", "l", 3), nil, "", "", nil, ""},
		"a digest of no form": {version("v003", "l", 3), nil, "rubbish", "", nil, ""},
		"cut off":             {broken("v003", `{"version":4,"serial":3,`), []Seen{broken("v002", "x"), version("v001", "l", 1)}, "", "", []Problem{ErrCutOff}, "v001"},
		"empty":               {broken("v003", ""), []Seen{version("v002", "l", 2)}, "", "", []Problem{ErrEmpty}, "v002"},
		"no state":            {broken("v003", `{"a":1}`), nil, "", "", []Problem{ErrNoState}, ""},
		"deleted":             {Seen{Version: backend.Version{ID: "v003", Deleted: true}}, []Seen{version("v002", "l", 2)}, "", "", []Problem{ErrDeleted}, "v002"},
		"another lineage":     {version("v003", "m", 9), []Seen{version("v002", "l", 2), version("v001", "l", 1)}, "", "", []Problem{ErrLineage}, "v002"},
		"put back":            {version("v004", "l", 10), []Seen{version("v003", "m", 9), version("v002", "l", 2)}, "", "", nil, ""},
		"another than known":  {version("v003", "m", 9), nil, "", "l", []Problem{ErrLineage}, ""},
		"older":               {version("v003", "l", 1), []Seen{version("v002", "l", 2)}, "", "", []Problem{ErrSerial}, "v002"},
		"older than known":    {version("v003", "l", 3), []Seen{version("v002", "l", 2)}, "", "l", []Problem{ErrSerial}, ""},
		"a wrong digest":      {version("v003", "l", 3), []Seen{version("v002", "l", 2)}, "00000000000000000000000000000002", "", []Problem{ErrMismatch}, "v003"},
		"older, wrong digest": {version("v003", "l", 1), []Seen{version("v002", "l", 2)}, "00000000000000000000000000000002", "", []Problem{ErrSerial, ErrMismatch}, "v002"},
	} {
		e := Evidence{Where: "s3://b/k", Current: &c.now, Earlier: c.earlier, Digest: c.digest}
		if c.lineage != "" {
			e.Lineage, e.Serial, e.From = c.lineage, 5, "the plan"
		}
		faults := Judge(e)
		if len(faults) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, faults, c.want)
			continue
		}
		for n, f := range faults {
			if !errors.Is(f, c.want[n]) || f.Mend != c.mend || f.Hint() == "" || !strings.Contains(f.Hint(), c.mend) || !strings.HasPrefix(f.Error(), "s3://b/k: ") {
				t.Errorf("%s: %v, mended by %q: %s; want %v and %q", name, f, f.Mend, f.Hint(), c.want[n], c.mend)
			}
		}
	}
	if faults := Judge(Evidence{}); faults != nil {
		t.Errorf("a state that never was: %v", faults)
	}
}

package statefile

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Read reads a raw state (version 4) or the output of `terraform show -json`.
// Text before the document (warnings that newer versions print to standard
// output) and after it is passed over. name stands for the input in messages.
// It returns an *Error where the input is not a state that can be used.
func Read(r io.Reader, name string) (*State, error) {
	d := newDocument(r)
	st, err := d.read()
	if err != nil {
		return nil, d.explain(name, err)
	}
	st.Source = name
	return st, nil
}

func (d *document) read() (*State, error) {
	if err := d.start(); err != nil {
		return nil, err
	}
	st := &State{}
	top := &topLevel{state: st, seen: map[string]bool{}}
	if err := d.object(func(key string) error { return d.topLevel(top, key) }); err != nil {
		return nil, err
	}
	if err := d.finish(); err != nil {
		return nil, err
	}
	if err := top.decide(); err != nil {
		return nil, err
	}
	st.Instances = d.instances
	slices.SortFunc(st.Instances, func(a, b Instance) int {
		return cmp.Or(strings.Compare(a.Address, b.Address), strings.Compare(a.Deposed, b.Deposed))
	})
	for i := 1; i < len(st.Instances); i++ {
		if a, b := &st.Instances[i-1], &st.Instances[i]; a.Address == b.Address && a.Deposed == b.Deposed {
			detail := b.Address
			if b.Deposed != "" {
				detail += " (deposed object " + b.Deposed + ")"
			}
			return nil, &Error{Problem: ErrDuplicate, Detail: detail}
		}
	}
	if st.Format == Raw && st.Serial == 0 && st.Lineage == "" && len(st.Instances) == 0 {
		st.Format = None
	}
	st.SHA256 = hex.EncodeToString(d.src.sum.Sum(nil))
	st.Bytes = d.src.bytes
	return st, nil
}

// topLevel collects what tells the formats apart. Keys come in any order:
// Terraform writes the version first, jq -S last.
type topLevel struct {
	state         *State
	seen          map[string]bool
	formatVersion string
}

// skipped reports whether a known version rules the content out, so that only
// the version needs to be told and not some detail of it.
func (t *topLevel) skipped() bool { return t.seen["version"] && t.state.Version != 4 }

func (d *document) topLevel(t *topLevel, key string) error {
	if t.seen[key] {
		return d.malformed("a top-level key is there twice")
	}
	t.seen[key] = true
	switch key {
	case "version":
		if err := d.decode(&t.state.Version, "version"); err != nil {
			return err
		}
		if t.state.Version > 4 {
			return &Error{Problem: ErrNewer, Detail: fmt.Sprintf("version %d", t.state.Version)}
		}
		return nil
	case "terraform_version":
		return d.decode(&t.state.TerraformVersion, key)
	case "serial":
		return d.decode(&t.state.Serial, key)
	case "lineage":
		return d.decode(&t.state.Lineage, key)
	case "format_version":
		return d.decode(&t.formatVersion, key)
	case "resources":
		if t.skipped() {
			return d.skip()
		}
		return d.array("resources", d.rawResource)
	case "values":
		return d.showValues()
	case "planned_values", "resource_changes", "prior_state":
		return &Error{Problem: ErrPlanJSON}
	case "encrypted_data", "encryption_version":
		return &Error{Problem: ErrEncrypted}
	}
	return d.skip()
}

// decide settles the format once every key was seen.
func (t *topLevel) decide() error {
	v := t.state.Version
	switch {
	case v == 4 && t.isV4():
		t.state.Format = Raw
	case v > 0 && t.seen["backend"]:
		return &Error{Problem: ErrBackendRecord}
	case v > 0 && (t.seen["modules"] || t.seen["serial"]):
		return &Error{Problem: ErrOlder, Detail: fmt.Sprintf("version %d", v)}
	case t.formatVersion != "" && t.seen["values"], t.isEmptyShow():
		major, _, _ := strings.Cut(t.formatVersion, ".")
		if major != "0" && major != "1" {
			return &Error{Problem: ErrNewer, Detail: "the format of terraform show -json is not 0.x or 1.x"}
		}
		t.state.Format, t.state.Version, t.state.Serial, t.state.Lineage = ShowJSON, 0, 0, ""
	default:
		return &Error{Problem: ErrNotState}
	}
	return nil
}

// isV4 keeps another program's JSON that has a version 4 from passing as an
// empty state.
func (t *topLevel) isV4() bool {
	return t.seen["resources"] ||
		t.only("version", "terraform_version", "serial", "lineage", "outputs", "check_results")
}

// isEmptyShow recognises what `terraform show -json` prints for an empty
// state, and for one that does not exist: it does not tell which.
func (t *topLevel) isEmptyShow() bool {
	return t.formatVersion != "" && t.only("format_version", "terraform_version", "checks")
}

func (t *topLevel) only(keys ...string) bool {
	for key := range t.seen {
		if !slices.Contains(keys, key) {
			return false
		}
	}
	return true
}

package statefile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// Outline is what tells one version of a state from another: its head, and of
// each object an address and a sum. No attribute is kept but the id.
type Outline struct {
	Format           Format
	TerraformVersion string
	Serial           uint64
	Lineage          string
	SHA256           string
	Bytes            int64
	Entries          []Entry // managed objects, sorted by address, then deposed key
}

// Entry is one managed object.
type Entry struct {
	Address string
	Deposed string
	ID      string // "" where the state has none, or hides it
	Tainted bool
	Sum     string // of the attributes: equal only if they are
}

// Count is how many instances the state holds, deposed objects left out.
func (o *Outline) Count() int {
	n := 0
	for _, e := range o.Entries {
		if e.Deposed == "" {
			n++
		}
	}
	return n
}

// ReadOutline reads a state as Read does, and keeps no more than a line of each
// object: memory follows the number of objects, not what they hold.
func ReadOutline(r io.Reader, name string) (*Outline, error) {
	d := newDocument(r)
	out := &Outline{}
	d.each = func(i Instance) {
		if i.Mode != Managed {
			return
		}
		sum := sha256.Sum256(i.Attributes)
		e := Entry{Address: i.Address, Deposed: i.Deposed, Tainted: i.Tainted, Sum: hex.EncodeToString(sum[:])}
		if !i.IsSensitive("id") {
			e.ID = idOf(i.Attributes)
		}
		out.Entries = append(out.Entries, e)
	}
	st, err := d.read()
	if err != nil {
		return nil, d.explain(name, err)
	}
	out.Format, out.TerraformVersion, out.Serial, out.Lineage, out.SHA256, out.Bytes = st.Format, st.TerraformVersion, st.Serial, st.Lineage, st.SHA256, st.Bytes
	if st.Format == None && len(out.Entries) > 0 {
		out.Format = Raw
	}
	slices.SortFunc(out.Entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Address, b.Address), strings.Compare(a.Deposed, b.Deposed), strings.Compare(a.Sum, b.Sum))
	})
	for n := 1; n < len(out.Entries); n++ {
		if a, b := out.Entries[n-1], out.Entries[n]; a.Address == b.Address && a.Deposed == b.Deposed {
			return nil, &Error{Problem: ErrDuplicate, Name: name, Detail: b.Address}
		}
	}
	return out, nil
}

func idOf(attributes json.RawMessage) string {
	var a struct {
		ID json.RawMessage `json:"id"`
	}
	var s string
	if len(attributes) == 0 || json.Unmarshal(attributes, &a) != nil || len(a.ID) == 0 || json.Unmarshal(a.ID, &s) != nil {
		return ""
	}
	return s
}

// Difference is what changed from one state to another.
type Difference struct {
	Added   []Entry  `json:"added"`
	Removed []Entry  `json:"removed"`
	Changed []Change `json:"changed"`
}

// Change is an object that both states have, and not alike.
type Change struct {
	Was Entry
	Is  Entry
}

// Compare tells what changed from a to b.
func Compare(a, b *Outline) Difference {
	out := Difference{}
	order := func(x, y Entry) int {
		return cmp.Or(strings.Compare(x.Address, y.Address), strings.Compare(x.Deposed, y.Deposed))
	}
	i, j := 0, 0
	for i < len(a.Entries) || j < len(b.Entries) {
		c := 0
		switch {
		case i == len(a.Entries):
			c = 1
		case j == len(b.Entries):
			c = -1
		default:
			c = order(a.Entries[i], b.Entries[j])
		}
		switch {
		case c < 0:
			out.Removed = append(out.Removed, a.Entries[i])
			i++
		case c > 0:
			out.Added = append(out.Added, b.Entries[j])
			j++
		default:
			if a.Entries[i] != b.Entries[j] {
				out.Changed = append(out.Changed, Change{a.Entries[i], b.Entries[j]})
			}
			i, j = i+1, j+1
		}
	}
	return out
}

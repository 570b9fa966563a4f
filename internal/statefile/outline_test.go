package statefile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutlineSaysWhatTheStateSays(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "everything.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	state, err := Read(bytes.NewReader(text), "x")
	if err != nil {
		t.Fatal(err)
	}
	o, err := ReadOutline(bytes.NewReader(text), "x")
	if err != nil {
		t.Fatal(err)
	}
	if o.Serial != state.Serial || o.Lineage != state.Lineage || o.SHA256 != state.SHA256 || o.Bytes != state.Bytes || o.Format != state.Format {
		t.Errorf("the heads differ: %+v", o)
	}
	var want, got []string
	for _, i := range state.Instances {
		if i.Mode == Managed {
			want = append(want, fmt.Sprint(i.Address, i.Deposed, i.Tainted))
		}
	}
	for _, e := range o.Entries {
		got = append(got, fmt.Sprint(e.Address, e.Deposed, e.Tainted))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := Compare(o, o); len(d.Added)+len(d.Removed)+len(d.Changed) > 0 {
		t.Errorf("a state differs from itself: %+v", d)
	}
}

func TestCompareTellsAddedRemovedAndChanged(t *testing.T) {
	outline := func(instances ...string) *Outline {
		o, err := ReadOutline(strings.NewReader(`{"version":4,"serial":1,"lineage":"l","resources":[`+strings.Join(instances, ",")+`]}`), "x")
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	instance := func(name, more string) string {
		return `{"mode":"managed","type":"aws_vpc","name":"` + name + `","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{` + more + `}]}`
	}
	a := outline(instance("gone", `"attributes":{"id":"1"}`), instance("kept", `"attributes":{"id":"2","a":1}`), instance("moved", `"attributes":{"id":"3"}`), instance("hurt", `"attributes":{"id":"4"}`))
	b := outline(instance("hurt", `"status":"tainted","attributes":{"id":"4"}`), instance("kept", `"attributes":{"id":"2", "a":1}`), instance("moved", `"attributes":{"id":"33"}`), instance("new", `"attributes":{"id":"5"}`))
	d := Compare(a, b)
	text := ""
	for _, e := range d.Added {
		text += "+" + e.Address + " " + e.ID + " "
	}
	for _, e := range d.Removed {
		text += "-" + e.Address + " " + e.ID + " "
	}
	for _, c := range d.Changed {
		text += fmt.Sprint("~", c.Is.Address, " ", c.Was.ID, c.Was.Tainted, c.Is.ID, c.Is.Tainted, " ")
	}
	if want := "+aws_vpc.new 5 -aws_vpc.gone 1 ~aws_vpc.hurt 4false4true ~aws_vpc.moved 3false33false "; text != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}

func TestOutlineKeepsNoAttributes(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"version":4,"serial":1,"lineage":"l","resources":[`)
	big := strings.Repeat("x", 64<<10)
	for n := range 500 { // 32 MB
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"mode":"managed","type":"aws_vpc","name":"v%d","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"attributes":{"id":"%d","a":%q}}]}`, n, n, big)
	}
	b.WriteString("]}")
	text := b.String()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	o, err := ReadOutline(strings.NewReader(text), "x")
	runtime.GC()
	runtime.ReadMemStats(&after)
	if err != nil || o.Count() != 500 {
		t.Fatalf("%v, %d instances", err, o.Count())
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("%d MB of a state of %d MB are kept", grown>>20, len(text)>>20)
	}
	runtime.KeepAlive(o)
	runtime.KeepAlive(text)
}

func FuzzReadOutline(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("testdata", "everything.tfstate"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, b []byte) {
		state, err := Read(bytes.NewReader(b), "x")
		o, outlineErr := ReadOutline(bytes.NewReader(b), "x")
		if err == nil && outlineErr != nil {
			t.Fatalf("a state that can be read has no outline: %v", outlineErr)
		}
		if err == nil && (o.Serial != state.Serial || o.Lineage != state.Lineage || o.SHA256 != state.SHA256) {
			t.Fatal("the outline is of another state")
		}
	})
}

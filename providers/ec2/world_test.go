package ec2_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// roots and children are how many documents each listing has: children under
// each parent.
const roots, children = 6, 7

// filled is a world in which every listing of the rows answers with documents
// of its own type, every field filled.
type filled struct {
	rows  []ec2.Row
	world *ec2test.World
	items map[string][]item // by listing
	fill  *filler
	// readings of the undisturbed world, the second in pages of two
	whole, paged func() providers.Inventory
	pages        func() map[string]int // by listing, of the paged reading
	errs         []error
}

// item is one document and the parent that it was put under.
type item struct {
	doc    any
	parent string
}

// everything is the world of all rows.
var everything = sync.OnceValue(func() *filled { return fillWorld(ec2.Rows()) })

// fillWorld fills a world for the rows; types are those that the shared readings
// read, none for all.
func fillWorld(rows []ec2.Row, types ...string) *filled {
	f := &filled{rows: rows, fill: &filler{prefixes: map[string]string{}, dead: map[reflect.Type][]string{}}}
	for _, row := range rows {
		for _, s := range ec2.SourcesOf(row) {
			f.fill.dead[s.Item] = append(f.fill.dead[s.Item], slices.Concat(row.Pending, row.Gone)...)
		}
	}
	// Twice: ids get their prefixes from what the rows made of the first documents.
	f.make()
	for _, row := range rows {
		f.learn(row)
	}
	f.make()
	if len(types) == 0 {
		types = f.types()
	}
	f.whole = sync.OnceValue(func() providers.Inventory { inv, _ := f.read(0, types); return inv })
	both := sync.OnceValues(func() (providers.Inventory, map[string]int) { return f.read(2, types) })
	f.paged = func() providers.Inventory { inv, _ := both(); return inv }
	f.pages = func() map[string]int { _, pages := both(); return pages }
	return f
}

// make makes the documents and the world of them.
func (f *filled) make() {
	f.items, f.fill.numbers, f.errs = map[string][]item{}, map[string]int{}, nil
	f.world = ec2test.NewWorld(account, region)
	for _, row := range f.rows {
		sources := ec2.SourcesOf(row)
		for i := len(sources) - 1; i >= 0; i-- {
			s := sources[i]
			if _, done := f.items[s.Name]; done || s.Action == "DescribeTags" { // made of the others' tags
				continue
			}
			f.items[s.Name] = nil
			if i == len(sources)-1 {
				for n := range roots {
					f.add(s, item{doc: f.fill.document(s.Item, n, fmt.Sprintf("n%02d", n), nil)})
				}
				continue
			}
			for p, parent := range f.items[sources[i+1].Name] {
				id := s.ParentID(parent.doc)
				for n := range children {
					if id != "" {
						f.add(s, item{f.fill.document(s.Item, p+n, fmt.Sprintf("n%02dc%d", p, n), map[string]string{s.ParentMember: id, strings.TrimSuffix(s.ParentMember, "s"): id}), id})
					}
				}
			}
		}
	}
}

func (f *filled) add(s ec2.Source, i item) {
	f.items[s.Name] = append(f.items[s.Name], i)
	if err := f.world.Answer(here, s.Name, i.parent, i.doc); err != nil {
		f.errs = append(f.errs, err)
	}
}

// learn finds the field that a kind's id comes from: its ids begin as the
// kind's do.
func (f *filled) learn(row ec2.Row) {
	sources := ec2.SourcesOf(row)
	if row.Prefix == "" || len(sources) == 0 {
		return
	}
	for _, i := range f.items[sources[0].Name] {
		for _, o := range ec2.ObjectsOf(row, i.doc, here, i.parent) {
			texts(reflect.ValueOf(i.doc), "", "", func(path, of string, v reflect.Value) {
				field := path[strings.LastIndexByte(path, '.')+1:]
				if v.String() != o.ID || !strings.HasSuffix(field, "Id") {
					return
				}
				for _, name := range []string{field, of + "." + field} {
					if f.fill.prefixes[name] == "" {
						f.fill.prefixes[name] = row.Prefix
					}
				}
			})
		}
	}
}

// read reads everything, in pages of this size, 0 for the largest.
func (f *filled) read(size int, types []string) (providers.Inventory, map[string]int) {
	srv := ec2test.NewServer(f.world)
	defer srv.Close()
	srv.PageSize(size)
	inv := f.reader(srv).Inventory(bg, types, []string{region})
	pages := map[string]int{}
	for _, r := range srv.Requests() {
		pages[r.Service+":"+r.Action] = max(pages[r.Service+":"+r.Action], r.Page)
	}
	return inv, pages
}

func (f *filled) reader(srv *ec2test.Server) *ec2.Reader {
	return ec2.NewReader(f.rows, session(srv, f.rows), nil)
}

func (f *filled) types() []string {
	var out []string
	for _, r := range f.rows {
		out = append(out, r.Type)
	}
	return out
}

// objects are the kind's objects in the undisturbed world, at least one.
func (f *filled) objects(t *testing.T, typ string) []providers.Object {
	t.Helper()
	out := only(f.whole(), typ)
	if len(out) == 0 {
		c := coverage(t, f.whole(), typ)
		if !slices.Contains(ec2test.Actions(), strings.TrimPrefix(c.Action, "ec2:")) {
			t.Fatalf("the stand-in does not serve %s yet: %s", c.Action, makeStandIn)
		}
		t.Fatalf("the filled world has no %s: %+v", typ, c)
	}
	return out
}

// alone is a new world with the documents of one row's listings, each changed.
func (f *filled) alone(t *testing.T, row ec2.Row, change func(s ec2.Source, doc any) any) *ec2test.World {
	t.Helper()
	w := ec2test.NewWorld(account, region)
	sources := ec2.SourcesOf(row)
	for n := len(sources) - 1; n >= 0; n-- {
		for _, i := range f.items[sources[n].Name] {
			if err := w.Answer(here, sources[n].Name, i.parent, change(sources[n], i.doc)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

// copied is a document that can be changed without changing the first one.
func copied(t *testing.T, doc any) reflect.Value {
	t.Helper()
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.New(reflect.TypeOf(doc))
	if err := json.Unmarshal(raw, v.Interface()); err != nil {
		t.Fatal(err)
	}
	return v.Elem()
}

func TestTheFilledWorldHoldsEveryListing(t *testing.T) {
	for _, err := range everything().errs {
		t.Error(err)
	}
}

package ec2

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"

	"reconcile/providers"
)

// Reader reads the objects of one account.
type Reader struct {
	rows      []Row
	cfg       aws.Config
	caller    providers.Caller
	onRequest func(providers.Progress)
	owners    Owners
}

// Owners chooses the owners that are asked for their objects, for a kind whose
// listing takes one owner a call. Nobody needs the members of a subnet that is
// neither in the state nor in what the run did.
type Owners interface {
	// Named is what is known before anything is read.
	Named(typ string) providers.Asking
	// Told is what the run's own record adds once it has been read, which it may
	// wait for; seen reports whether an identity has been read by then.
	Told(ctx context.Context, typ string, seen func(id string) bool) providers.Asking
}

// For returns a reader that asks the chosen owners only; without it all are.
func (r *Reader) For(owners Owners) *Reader {
	narrow := *r
	narrow.owners = owners
	return &narrow
}

// NewReader returns a reader of the session's account. onRead may be nil.
func NewReader(rows []Row, session Session, onRead func(providers.Progress)) *Reader {
	if onRead == nil {
		onRead = func(providers.Progress) {}
	}
	return &Reader{rows: rows, cfg: session.Config, caller: session.Caller, onRequest: onRead}
}

// maxConcurrent is how many reads are under way at once; the pacing middleware
// decides how fast they go.
const maxConcurrent = 16

// read is one listing in one region, of one parent if it has one.
type read struct {
	listing *listing
	region  string
	parent  string
}

type result struct {
	items []any
	err   error
}

// Inventory lists the kinds in the regions: one paginated call a listing and
// region, one a chosen parent where the API allows no more. A failure becomes a
// coverage, never an error: what was read is kept, and nothing is called absent.
func (r *Reader) Inventory(ctx context.Context, types, regions []string) providers.Inventory {
	rows := r.wanted(types)
	var roots, children []*listing
	for _, row := range rows {
		switch l := row.source; {
		case l == nil:
		case l.parent != nil:
			children = append(children, l)
			roots = append(roots, l.parent)
		default:
			roots = append(roots, l)
		}
	}
	roots, children = distinct(roots), distinct(children)

	var todo []read
	for _, region := range regions {
		for _, l := range roots {
			todo = append(todo, read{listing: l, region: region})
		}
	}
	got := r.readAll(ctx, todo, nil)

	got = r.readAll(ctx, members(children, regions, got, r.named(rows)), got)
	if r.owners != nil {
		got = r.readAll(ctx, members(children, regions, got, r.told(ctx, rows, got)), got)
	}

	var inv providers.Inventory
	for _, row := range rows {
		for _, region := range regions {
			objects, cov := r.collect(row, region, got)
			inv.Objects = append(inv.Objects, objects...)
			inv.Coverage = append(inv.Coverage, cov)
		}
	}
	inv.Sort()
	fillJoins(rows, inv)
	inv.Objects = slices.DeleteFunc(inv.Objects, func(o providers.Object) bool { return !slices.Contains(types, o.Type) })
	inv.Coverage = slices.DeleteFunc(inv.Coverage, func(c providers.Coverage) bool { return !slices.Contains(types, c.Type) })
	return inv
}

// wanted are the rows of the types, and those that their joins have read.
func (r *Reader) wanted(types []string) []Row {
	var out []Row
	for _, row := range r.rows {
		needed := slices.ContainsFunc(r.rows, func(by Row) bool {
			return slices.Contains(types, by.Type) && slices.ContainsFunc(by.joins, func(j join) bool { return j.reads && j.typ == row.Type })
		})
		if needed || slices.Contains(types, row.Type) {
			out = append(out, row)
		}
	}
	return out
}

// fillJoins fills what only another listing tells, where that one was read.
func fillJoins(rows []Row, inv providers.Inventory) {
	for _, row := range rows {
		for _, j := range row.joins {
			found := map[string][]any{}
			for _, o := range inv.Objects {
				if o.Type == j.typ && o.Life != providers.Gone {
					found[o.Attrs.Text(j.refers)] = append(found[o.Attrs.Text(j.refers)], j.from(o.Attrs))
				}
			}
			for _, o := range inv.Objects {
				if o.Type != row.Type {
					continue
				}
				switch v := found[o.Attrs.Text("id")]; {
				case j.list && inv.Status(j.typ, o.Place) == providers.Read:
					o.Attrs[j.attr] = v
				case !j.list && len(v) > 0:
					o.Attrs[j.attr] = v[len(v)-1]
				}
			}
		}
	}
}

// from is what a join takes of one object.
func (j join) from(a providers.Attrs) any {
	if j.take != "" {
		return a[j.take]
	}
	block := map[string]any{}
	for _, name := range j.fields {
		block[name] = a[name]
	}
	return block
}

func distinct(in []*listing) []*listing {
	var out []*listing
	for _, l := range in {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// readAll does the reads concurrently, on top of those already there.
func (r *Reader) readAll(ctx context.Context, todo []read, got map[read]result) map[read]result {
	out := maps.Clone(got)
	if out == nil {
		out = map[read]result{}
	}
	already := len(out)
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(maxConcurrent)
	for _, one := range todo {
		group.Go(func() error {
			items, err := r.read(ctx, one, query{parent: one.parent, filter: one.listing.fixed})
			mu.Lock()
			defer mu.Unlock()
			out[one] = result{items, err}
			r.onRequest(providers.Progress{What: one.listing.name(), Region: one.region, Items: len(items), Done: len(out), Total: already + len(todo)})
			return nil
		})
	}
	_ = group.Wait() // no read returns an error: each has its own result
	return out
}

func (r *Reader) read(ctx context.Context, one read, q query) ([]any, error) {
	var items []any
	err := one.listing.pages(ctx, r.clients(one.region), q, func(page []any) error {
		items = append(items, page...)
		return ctx.Err()
	})
	return items, err
}

// collect makes one row's objects and coverage in one region of what was read.
func (r *Reader) collect(row Row, region string, got map[read]result) ([]providers.Object, providers.Coverage) {
	at := place{Place: providers.Place{Account: r.caller.Account, Region: region}, partition: r.caller.Partition}
	cov := providers.Coverage{Type: row.Type, Place: at.Place, Status: providers.Read}
	if row.source == nil {
		cov.Status, cov.Error = providers.NotSupported, row.Unread
		return nil, cov
	}
	cov.Action = row.source.name()
	fail := func(l *listing, err error) {
		if err != nil && cov.Status == providers.Read {
			cov.Status, cov.Error, cov.Action = status(err), short(l.name(), err), l.name()
		}
	}
	var objects []providers.Object
	add := func(res result, parent string) {
		at.parent = parent
		for _, item := range res.items {
			objects = append(objects, row.objects(item, at)...)
		}
	}
	if p := row.source.parent; p != nil {
		parents := got[read{listing: p, region: region}]
		fail(p, parents.err)
		for _, item := range parents.items {
			if id := row.source.parentID(item); id != "" {
				res, asked := got[read{listing: row.source, region: region, parent: id}]
				if !asked {
					continue
				}
				// A table that went between the two calls has no members left.
				if !slices.Contains(row.NotFound, code(res.err)) {
					fail(row.source, res.err)
				}
				add(res, id)
			}
		}
	} else {
		res := got[read{listing: row.source, region: region}]
		fail(row.source, res.err)
		add(res, "")
	}
	cov.Objects = len(objects)
	return objects, cov
}

// maxFilterValues is EC2's limit of values in one filter.
const maxFilterValues = 200

// Look reads the objects of one kind once more by id: those that attrs
// describe. It costs one call for 200 ids, or one an id or parent where the API
// allows no more. It returns what is
// there now; the error says that the question could not be answered.
func (r *Reader) Look(ctx context.Context, typ string, at providers.Place, attrs []providers.Attrs) ([]providers.Object, error) {
	i := slices.IndexFunc(r.rows, func(row Row) bool { return row.Type == typ })
	if i < 0 {
		return nil, errors.New("reconcile does not know " + typ)
	}
	row := r.rows[i]
	if row.source == nil {
		return nil, errors.New(row.Unread)
	}
	var values []string
	for _, a := range attrs {
		v := row.look.value.Expand(a.Text)
		if v == "" { // asking for nothing would read as "it is not there"
			return nil, fmt.Errorf("the attributes of %s do not tell what to look it up by", typ)
		}
		values = append(values, v)
	}
	values = slices.Compact(slices.Sorted(slices.Values(values)))

	var out []providers.Object
	where := place{Place: at, partition: r.caller.Partition}
	ask := func(q query) error {
		items, err := r.read(ctx, read{listing: row.source, region: at.Region}, q)
		if slices.Contains(row.NotFound, code(err)) {
			return nil
		}
		where.parent = q.parent
		for _, item := range items {
			out = append(out, row.objects(item, where)...)
		}
		if err != nil {
			return errors.New(short(row.source.name(), err))
		}
		return nil
	}
	var questions []query
	switch {
	case row.source.parent != nil:
		for _, parent := range values {
			questions = append(questions, query{parent: parent, filter: row.source.fixed})
		}
	case row.look.ids != "":
		for _, id := range values {
			questions = append(questions, query{ids: []string{id}, filter: row.source.fixed})
		}
	case row.look.filter == "":
		questions = append(questions, query{filter: row.source.fixed})
	default:
		for chunk := range slices.Chunk(values, maxFilterValues) {
			filter := map[string][]string{row.look.filter: chunk}
			maps.Copy(filter, row.source.fixed)
			questions = append(questions, query{filter: filter})
		}
	}
	for _, q := range questions {
		if err := ask(q); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b providers.Object) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

package ec2

import (
	"context"
	"errors"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ram"
)

// query narrows a listing.
type query struct {
	parent string              // the one parent that a parent's listing is about
	filter map[string][]string // filter name to values, for the look by id
	ids    []string            // the look by id where the call takes no such filter
}

// filters returns the query's EC2 filters, nil if there are none.
func (q query) filters() []types.Filter {
	var out []types.Filter
	for name, values := range q.filter {
		out = append(out, types.Filter{Name: new(name), Values: values})
	}
	return out
}

// pageSize is the size of a listing's pages, nil where ids are asked for: for
// some calls EC2 refuses the two together.
func (q query) pageSize(n int32) *int32 {
	if len(q.ids) > 0 {
		return nil
	}
	return &n
}

// clients are one region's clients. A listing takes the one that can make its call.
type clients []any

func (r *Reader) clients(region string) clients {
	return clients{
		sdk.NewFromConfig(r.cfg, func(o *sdk.Options) { o.Region = region }),
		ram.NewFromConfig(r.cfg, func(o *ram.Options) { o.Region = region }),
		directconnect.NewFromConfig(r.cfg, func(o *directconnect.Options) { o.Region = region }),
	}
}

// able returns the client that has the methods of C. One service's client has
// them, because the types of their arguments are its own.
func able[C any](from clients) C {
	var c C
	for _, client := range from {
		if is, ok := client.(C); ok {
			return is
		}
	}
	return c
}

// listing is one paginated read of one region. Several kinds may share it: a
// route table's page also holds its routes and associations.
type listing struct {
	service string       // "ec2": the prefix of its IAM action, and the AWS CLI's name
	action  string       // "DescribeVpcs"
	item    reflect.Type // of what a page holds
	// fixed filters are part of every call of the listing.
	fixed map[string][]string
	// parent is the listing whose items this one is asked about, one call
	// each; parentID tells which of its items, "" to leave one out.
	parent   *listing
	parentID func(item any) string
	// parentMember is the request member that names the parent, idsMember the one
	// that names ids where there is no filter for them.
	parentMember, idsMember string
	// filterOption is the AWS CLI's spelling of its filters, "filters" but for two.
	filterOption string
	pages        func(ctx context.Context, c clients, q query, page func(items []any) error) error
}

// name is the listing as IAM spells it, "ec2:DescribeVpcs".
func (l *listing) name() string { return l.service + ":" + l.action }

// pager is what every paginator of the SDK is.
type pager[O, Opt any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Opt)) (O, error)
}

// errUnusual is a call that needs paged.
var errUnusual = errors.New("the call does not have the members of most: Filters, MaxResults, its parent's, one list of its items")

// usual makes a listing of a paginator that is like most: its request has
// Filters, MaxResults and the members that perParent and byIDs name, and its
// pages hold one list of T:
//
//	usual[types.Vpc](sdk.NewDescribeVpcsPaginator)
func usual[T, C, I, F any, P pager[O, Opt], O, Opt any](open func(C, *I, ...F) P) *listing {
	var l *listing
	l = of[O, T](func(ctx context.Context, c clients, q query, page func([]any) error) error {
		in := new(I)
		if !set(in, "Filters", q.filters()) || !set(in, "MaxResults", q.pageSize(1000)) ||
			l.parent != nil && !set(in, l.parentMember, &q.parent) || l.idsMember != "" && !set(in, l.idsMember, q.ids) {
			return errUnusual
		}
		return turn(ctx, open(able[C](c), in), theList[O, T], page)
	})
	return l
}

// set gives a member of a request its value, and reports whether there is such a
// member.
func set(request any, member string, value any) bool {
	m := reflect.ValueOf(request).Elem().FieldByName(member)
	if !m.IsValid() || m.Type() != reflect.TypeOf(value) {
		return false
	}
	m.Set(reflect.ValueOf(value))
	return true
}

// theList is the one list of T in an answer.
func theList[O, T any](answer O) (items []T, err error) {
	err = errUnusual
	for m, v := range reflect.ValueOf(answer).Elem().Fields() {
		if m.Type != reflect.TypeFor[[]T]() || !m.IsExported() {
			continue
		}
		if err == nil {
			return nil, errUnusual
		}
		items, _ = v.Interface().([]T)
		err = nil
	}
	return items, err
}

// paged makes a listing of any paginator of the SDK:
//
//	paged(sdk.NewDescribeVpcsPaginator,
//		func(q query) *sdk.DescribeVpcsInput { … },
//		func(o *sdk.DescribeVpcsOutput) []types.Vpc { return o.Vpcs })
func paged[C, I, F any, P pager[O, Opt], O, Opt, T any](open func(C, *I, ...F) P, input func(query) *I, items func(O) []T) *listing {
	return checked(open, input, func(o O) ([]T, error) { return items(o), nil })
}

// checked is paged for pages that may say that there is more than AWS returns:
// what such a page holds is kept, and the listing is not complete.
func checked[C, I, F any, P pager[O, Opt], O, Opt, T any](open func(C, *I, ...F) P, input func(query) *I, items func(O) ([]T, error)) *listing {
	return of[O, T](func(ctx context.Context, c clients, q query, page func([]any) error) error {
		return turn(ctx, open(able[C](c), input(q)), items, page)
	})
}

// turn turns the pages of a call.
func turn[O, Opt, T any](ctx context.Context, pages pager[O, Opt], items func(O) ([]T, error), page func([]any) error) error {
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		got, incomplete := items(out)
		if err := page(boxed(got)); err != nil {
			return err
		}
		if incomplete != nil {
			return incomplete
		}
	}
	return nil
}

// once makes a listing of a call that answers everything at once:
//
//	once((*sdk.Client).DescribeAddresses, func(q query) *sdk.DescribeAddressesInput { … }, …)
func once[C, I, O, Opt, T any](call func(C, context.Context, *I, ...func(*Opt)) (O, error), input func(query) *I, items func(O) []T) *listing {
	return of[O, T](func(ctx context.Context, c clients, q query, page func([]any) error) error {
		out, err := call(able[C](c), ctx, input(q))
		if err != nil {
			return err
		}
		return page(boxed(items(out)))
	})
}

// turned is once for calls that page by a token and have no paginator: token
// returns the request's member and the answer's.
func turned[C, I, O, Opt, T any](call func(C, context.Context, *I, ...func(*Opt)) (O, error), input func(query) *I, token func(*I, O) (to **string, next *string), items func(O) []T) *listing {
	return of[O, T](func(ctx context.Context, c clients, q query, page func([]any) error) error {
		for in := input(q); ; {
			out, err := call(able[C](c), ctx, in)
			if err != nil {
				return err
			}
			if err := page(boxed(items(out))); err != nil {
				return err
			}
			to, next := token(in, out)
			if text(next) == "" {
				return nil
			}
			*to = next
		}
	})
}

// of names a listing after its output: *ec2.DescribeVpcsOutput tells service and action.
func of[O, T any](pages func(context.Context, clients, query, func([]any) error) error) *listing {
	out := reflect.TypeFor[O]().Elem()
	return &listing{service: path.Base(out.PkgPath()), action: strings.TrimSuffix(out.Name(), "Output"), item: reflect.TypeFor[T](),
		filterOption: "filters", pages: pages}
}

func boxed[T any](in []T) []any {
	out := make([]any, len(in))
	for i := range in {
		out[i] = in[i]
	}
	return out
}

// perParent makes the listing one that is asked once for each item of parent.
func (l *listing) perParent(parent *listing, member string, id func(item any) string) *listing {
	l.parent, l.parentMember, l.parentID = parent, member, id
	return l
}

// byIDs makes a usual listing one that can be asked for ids.
func (l *listing) byIDs(member string) *listing {
	l.idsMember = member
	return l
}

// filtered adds filters that every call of the listing carries.
func (l *listing) filtered(fixed map[string][]string) *listing {
	l.fixed = fixed
	return l
}

// filterAs says how the AWS CLI spells the listing's filters.
func (l *listing) filterAs(option string) *listing {
	l.filterOption = option
	return l
}

// chain is the listing and those of its parents, itself first.
func (l *listing) chain() []*listing {
	var out []*listing
	for ; l != nil; l = l.parent {
		out = append(out, l)
	}
	return slices.Clip(out)
}

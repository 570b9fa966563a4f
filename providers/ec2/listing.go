package ec2

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// query narrows a listing.
type query struct {
	parent string              // the one parent that a parent's listing is about
	filter map[string][]string // filter name to values, for the look by id
}

// filters returns the query's EC2 filters, nil if there are none.
func (q query) filters() []types.Filter {
	var out []types.Filter
	for name, values := range q.filter {
		out = append(out, types.Filter{Name: new(name), Values: values})
	}
	return out
}

// listing is one paginated read of one region. Several kinds may share it: a
// route table's page also holds its routes and associations.
type listing struct {
	action string // "DescribeVpcs"
	// fixed filters are part of every call of the listing.
	fixed map[string][]string
	// parent is the listing whose items this one is asked about, one call
	// each; parentID tells which of its items, "" to leave one out.
	parent   *listing
	parentID func(item any) string
	// parentMember is the request member that names the parent.
	parentMember string
	pages        func(ctx context.Context, c *sdk.Client, q query, page func(items []any) error) error
}

// pager is what every paginator of the SDK is.
type pager[O any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*sdk.Options)) (O, error)
}

// paged makes a listing of any paginator. items may return an error beside what
// a page holds: the page is kept, and the listing is not complete.
func paged[O, T any](action string, open func(*sdk.Client, query) pager[O], items func(O) ([]T, error)) *listing {
	return &listing{action: action, pages: func(ctx context.Context, c *sdk.Client, q query, page func([]any) error) error {
		for p := open(c, q); p.HasMorePages(); {
			out, err := p.NextPage(ctx)
			if err != nil {
				return err
			}
			got, incomplete := items(out)
			boxed := make([]any, len(got))
			for i := range got {
				boxed[i] = got[i]
			}
			if err := page(boxed); err != nil {
				return err
			}
			if incomplete != nil {
				return incomplete
			}
		}
		return nil
	}}
}

// perParent makes the listing one that is asked once for each item of parent.
func (l *listing) perParent(parent *listing, member string, id func(item any) string) *listing {
	l.parent, l.parentMember, l.parentID = parent, member, id
	return l
}

// filtered adds filters that every call of the listing carries.
func (l *listing) filtered(fixed map[string][]string) *listing {
	l.fixed = fixed
	return l
}

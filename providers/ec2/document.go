package ec2

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"

	"reconcile/internal/jsontext"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Document is an IAM policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement is one statement of a policy.
type Statement struct {
	Sid      string
	Effect   string
	Action   []string
	Resource []string
}

// JSON writes the policy as IAM takes it.
func (d Document) JSON(w io.Writer) error {
	if err := jsontext.Write(w, d); err != nil {
		return fmt.Errorf("writing the policy: %w", err)
	}
	return nil
}

// HCL writes the policy as a data source of the AWS provider.
func (d Document) HCL(w io.Writer, name string) error {
	f := hclwrite.NewEmptyFile()
	body := f.Body().AppendNewBlock("data", []string{"aws_iam_policy_document", name}).Body()
	for i, s := range d.Statement {
		if i > 0 {
			body.AppendNewline()
		}
		b := body.AppendNewBlock("statement", nil).Body()
		b.SetAttributeValue("sid", cty.StringVal(s.Sid))
		b.SetAttributeValue("effect", cty.StringVal(s.Effect))
		b.SetAttributeRaw("actions", lines(s.Action))
		b.SetAttributeRaw("resources", lines(s.Resource))
	}
	if _, err := w.Write(hclwrite.Format(f.Bytes())); err != nil {
		return fmt.Errorf("writing the policy: %w", err)
	}
	return nil
}

// lines is a list of strings with an element a line, so that a change of one
// reads as one.
func lines(list []string) hclwrite.Tokens {
	newline := &hclwrite.Token{Type: '\n', Bytes: []byte("\n")}
	var elements []hclwrite.Tokens
	for _, s := range list {
		elements = append(elements, hclwrite.TokensForValue(cty.StringVal(s)))
	}
	if len(elements) < 2 {
		return hclwrite.TokensForTuple(elements)
	}
	out := hclwrite.Tokens{{Type: '[', Bytes: []byte("[")}, newline}
	for _, e := range elements {
		out = append(append(out, e...), &hclwrite.Token{Type: ',', Bytes: []byte(",")}, newline)
	}
	return append(out, &hclwrite.Token{Type: ']', Bytes: []byte("]")})
}

// Listed is one call of a row's listing, as a person may want to know it.
type Listed struct {
	Action   string // "ec2:DescribeVpcs"
	Pages    bool   // it answers in pages
	PageSize int    // what a page is asked for; 0 leaves it to AWS
	Parent   string // the request member that names the one parent, "" for none
}

// Listings are the calls that list a row's objects: the row's own first, then
// those of its parents. Nothing is sent: the requests are looked at and refused.
func (r Row) Listings() []Listed {
	var out []Listed
	for _, l := range r.source.chain() {
		one := Listed{Action: l.name(), Parent: l.parentMember}
		if in := l.request(); in.IsValid() {
			one.Pages = in.FieldByName("NextToken").IsValid()
			if size := in.FieldByName("MaxResults"); size.IsValid() && size.Kind() == reflect.Pointer && !size.IsNil() {
				one.PageSize = int(size.Elem().Int())
			}
		}
		out = append(out, one)
	}
	return out
}

// errLooked ends a call that was made only to see its request.
var errLooked = errors.New("the request was looked at")

// request is the first request of a listing.
func (l *listing) request() reflect.Value {
	var seen reflect.Value
	look := func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("ReconcileLook",
			func(_ context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				seen = reflect.Indirect(reflect.ValueOf(in.Parameters))
				return middleware.InitializeOutput{}, middleware.Metadata{}, errLooked
			}), middleware.Before)
	}
	nobody := &Reader{cfg: aws.Config{Region: "us-east-1", APIOptions: []func(*middleware.Stack) error{look}}}
	_ = l.pages(context.Background(), nobody.clients("us-east-1"), query{parent: "parent", filter: l.fixed}, func([]any) error { return nil }) // always errLooked
	return seen
}

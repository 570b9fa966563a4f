package ec2

import (
	"context"
	"fmt"

	awsmw "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/smithy-go/middleware"
)

// RefusedError says that an operation was refused before it was sent.
type RefusedError struct{ Service, Operation string }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s:%s is not on the list of reads that reconcile may send", e.Service, e.Operation)
}

// ReadOnly returns a stack option that refuses every operation that is not in
// allowed ("EC2:DescribeVpcs", service id as the SDK spells it) before a
// request is built. It is an allow-list on purpose: a new call is refused until
// somebody has looked at it.
func ReadOnly(allowed []string) func(*middleware.Stack) error {
	ok := make(map[string]bool, len(allowed))
	for _, a := range allowed {
		ok[a] = true
	}
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("ReconcileReadOnly",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				service, op := awsmw.GetServiceID(ctx), awsmw.GetOperationName(ctx)
				if !ok[service+":"+op] {
					return middleware.InitializeOutput{}, middleware.Metadata{}, &RefusedError{service, op}
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.After)
	}
}

// AllowList is every operation that the readers of live objects may send: what
// the rows list, and the fixed reads of identity and trail. The state and its
// lock have a list of their own, see StateReads, and so have other sources of
// CloudTrail's records.
func AllowList(rows []Row) []string {
	out := []string{
		"STS:GetCallerIdentity",
		lookups[0], lookups[1],
	}
	seen := map[string]bool{}
	for _, r := range rows {
		for _, l := range r.source.chain() {
			if !seen[l.name()] {
				seen[l.name()] = true
				out = append(out, serviceIDs[l.service]+":"+l.action)
			}
		}
	}
	return out
}

// serviceIDs are the SDK's names of the services that listings ask.
var serviceIDs = map[string]string{"ec2": sdk.ServiceID, "ram": ram.ServiceID, "directconnect": directconnect.ServiceID}

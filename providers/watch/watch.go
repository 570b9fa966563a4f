// Package watch tells of each call to AWS while it is made: which, where, how
// long the answer took, what came of it. Nothing of what is asked or answered
// is told but an error's code.
package watch

import (
	"context"
	"errors"
	"time"

	awsmw "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// Call is one attempt of one operation.
type Call struct {
	Service, Operation, Region string
	Took                       time.Duration // from sending it to the answer's end of headers
	Code                       string        // of the error that AWS answered, "" for none
	Failed                     bool
}

// Func is told of calls, from several goroutines.
type Func func(Call)

type contextKey struct{}

// With puts a watcher into a context, for whoever opens credentials below it.
func With(ctx context.Context, f Func) context.Context {
	return context.WithValue(ctx, contextKey{}, f)
}

// From returns the context's watcher, nil if there is none.
func From(ctx context.Context) Func {
	f, _ := ctx.Value(contextKey{}).(Func)
	return f
}

// Options are the stack options of a watcher; none for nil.
func (f Func) Options() []func(*middleware.Stack) error {
	if f == nil {
		return nil
	}
	return []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("ReconcileWatch",
			func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
				begun := time.Now()
				out, meta, err := next.HandleDeserialize(ctx, in)
				c := Call{Service: awsmw.GetServiceID(ctx), Operation: awsmw.GetOperationName(ctx), Region: awsmw.GetRegion(ctx), Took: time.Since(begun), Failed: err != nil}
				if api, ok := errors.AsType[smithy.APIError](err); ok {
					c.Code = api.ErrorCode()
				}
				f(c)
				return out, meta, err
			}), middleware.Before)
	}}
}

package ec2

import (
	"context"
	"sync"

	awsmw "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"
)

// Pace returns a stack option that keeps each service in each region under its
// rate. It sits behind the retryer, so retries are paced too.
//
// EC2 refills 20 describe calls a second an account and region, shared with
// everybody else in the account; CloudTrail allows 2 LookupEvents a second
// (service quotas pages of both services).
func Pace() func(*middleware.Stack) error {
	var mu sync.Mutex
	limits := map[string]*rate.Limiter{}
	limit := func(service, region string) *rate.Limiter {
		mu.Lock()
		defer mu.Unlock()
		key := service + "/" + region
		if limits[key] == nil {
			switch service {
			case "CloudTrail":
				limits[key] = rate.NewLimiter(1.8, 1)
			default:
				limits[key] = rate.NewLimiter(20, 50)
			}
		}
		return limits[key]
	}
	return func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("ReconcilePace",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				if err := limit(awsmw.GetServiceID(ctx), awsmw.GetRegion(ctx)).Wait(ctx); err != nil {
					return middleware.FinalizeOutput{}, middleware.Metadata{}, err
				}
				return next.HandleFinalize(ctx, in)
			}), "Retry", middleware.After)
	}
}

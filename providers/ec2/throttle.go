package ec2

import (
	"context"
	"slices"
	"sync"

	awsmw "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"
)

// adapted is the next rate: a throttled call slows all that follow it, down to
// a quarter of the base, and each call that passes brings some of it back.
func adapted(now, base rate.Limit, throttled bool) rate.Limit {
	if throttled {
		return max(base/4, now*0.7)
	}
	return min(base, now*1.1)
}

// Pace returns a stack option that keeps each service in each region under its
// rate, and lower for as long as AWS throttles. It sits behind the retryer, so retries are paced too.
//
// EC2 refills 20 describe calls a second an account and region, shared with
// everybody else in the account; CloudTrail allows 2 LookupEvents a second
// (service quotas pages of both services).
func Pace() func(*middleware.Stack) error {
	var mu sync.Mutex
	limits, bases := map[string]*rate.Limiter{}, map[*rate.Limiter]rate.Limit{}
	limit := func(service, region string) *rate.Limiter {
		mu.Lock()
		defer mu.Unlock()
		key := service + "/" + region
		if limits[key] == nil {
			switch service {
			case "CloudTrail":
				limits[key] = rate.NewLimiter(1.8, 1)
			case "S3", "SQS":
				limits[key] = rate.NewLimiter(500, 100)
			default:
				limits[key] = rate.NewLimiter(20, 50)
			}
			bases[limits[key]] = limits[key].Limit()
		}
		return limits[key]
	}
	return func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("ReconcilePace",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				l := limit(awsmw.GetServiceID(ctx), awsmw.GetRegion(ctx))
				if err := l.Wait(ctx); err != nil {
					return middleware.FinalizeOutput{}, middleware.Metadata{}, err
				}
				out, meta, err := next.HandleFinalize(ctx, in)
				mu.Lock()
				defer mu.Unlock()
				l.SetLimit(adapted(l.Limit(), bases[l], slices.Contains(throttledCodes, code(err))))
				return out, meta, err
			}), "Retry", middleware.After)
	}
}

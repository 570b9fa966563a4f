package cloudtrail

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"reconcile/providers"
)

// lakeFeed is an event data store of CloudTrail Lake. It gives back the records
// as they were, so nothing has to be put together.
type lakeFeed struct {
	client *sdk.Client
	store  string // the id: what stands behind FROM
	index  Index
}

// Lake returns the source that asks an event data store, by id or ARN.
func Lake(cfg aws.Config, store string, x Index, progress func(done, total, items int)) *Bulk {
	cfg = cfg.Copy()
	if a, err := arn.Parse(store); err == nil {
		cfg.Region = a.Region
		store = store[strings.LastIndexByte(store, '/')+1:]
	}
	return &Bulk{index: x, progress: progress, feed: &lakeFeed{sdk.NewFromConfig(cfg), store, x}}
}

func (f *lakeFeed) name() string { return "CloudTrail Lake, event data store " + f.store }

func (f *lakeFeed) promises() promises { return promises{again: true, all: true} }

func (f *lakeFeed) statement(p Part, anyOne bool) string {
	c := columns{time: "eventTime", region: "awsRegion", account: "recipientAccountId", name: "eventName", source: "eventSource", readOnly: "readOnly",
		arn: "userIdentity.arn", issuer: "userIdentity.sessionContext.sessionIssuer.arn", key: "userIdentity.accessKeyId", request: "requestID", assumed: "element_at(requestParameters, 'roleArn')"}
	conditions := c.where(p, f.index, time.DateTime)
	limit := ""
	if anyOne {
		conditions, limit = conditions[:4:4], "\nLIMIT 1"
	}
	return "SELECT eventJson\nFROM " + f.store + "\nWHERE " + strings.Join(conditions, "\n  AND ") + limit
}

func (f *lakeFeed) read(ctx context.Context, p Part, to *sink) {
	s := to.sieve()
	_, err := f.query(ctx, f.statement(p, false), to, func(record string) { s.raw([]byte(record)) })
	if err != nil {
		to.problem("%s: %s", f.name(), refused(err, "the caller's policy lacks cloudtrail:StartQuery, DescribeQuery or GetQueryResults on it"))
	}
}

func (f *lakeFeed) absent(ctx context.Context, at providers.Place, p Part) string {
	p.Places = map[string][]string{at.Account: {at.Region}}
	rows, err := f.query(ctx, f.statement(p, true), &sink{}, func(string) {})
	if err == nil && rows > 0 {
		return ""
	}
	return noneOf(f, at)
}

func (f *lakeFeed) query(ctx context.Context, statement string, to *sink, tell func(string)) (int, error) {
	started, err := f.client.StartQuery(ctx, &sdk.StartQueryInput{QueryStatement: &statement})
	if err != nil {
		return 0, err
	}
	id := started.QueryId
	err = to.await(ctx, func() (bool, error) {
		out, err := f.client.DescribeQuery(ctx, &sdk.DescribeQueryInput{QueryId: id})
		if err != nil {
			return false, err
		}
		switch out.QueryStatus {
		case types.QueryStatusFinished:
			if s := out.QueryStatistics; s != nil && s.BytesScanned != nil {
				to.note("%s: the query %s scanned %s", f.name(), aws.ToString(id), megabytes(*s.BytesScanned))
			}
			return true, nil
		case types.QueryStatusFailed, types.QueryStatusCancelled, types.QueryStatusTimedOut:
			return true, fmt.Errorf("the query %s ended as %s: %s", aws.ToString(id), out.QueryStatus, oneLine(aws.ToString(out.ErrorMessage)))
		}
		return false, nil
	}, func(ctx context.Context) error {
		_, err := f.client.CancelQuery(ctx, &sdk.CancelQueryInput{QueryId: id})
		return err
	})
	if err != nil {
		return 0, err
	}
	pages := sdk.NewGetQueryResultsPaginator(f.client, &sdk.GetQueryResultsInput{QueryId: id, MaxQueryResults: new(int32(1000))})
	return answer(ctx, to, pages, func(page *sdk.GetQueryResultsOutput) int {
		for _, row := range page.QueryResultRows {
			for _, column := range row {
				for name, value := range column {
					if strings.EqualFold(name, "eventJson") {
						tell(value)
					}
				}
			}
		}
		return len(page.QueryResultRows)
	})
}

package cloudtrail

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"reconcile/providers"
)

// Athena says which table holds a trail, and how a query may be made.
type Athena struct {
	Database, Table   string
	Workgroup, Output string // "" for the account's own defaults
}

type athenaFeed struct {
	Athena
	client *athena.Client
	index  Index
}

// Table returns the source that asks Athena.
func Table(cfg aws.Config, a Athena, x Index, progress func(done, total, items int)) *Bulk {
	return &Bulk{index: x, progress: progress, feed: &athenaFeed{Athena: a, client: athena.NewFromConfig(cfg), index: x}}
}

func (f *athenaFeed) name() string { return "CloudTrail in Athena's " + f.Database + "." + f.Table }

func (f *athenaFeed) promises() promises { return promises{again: true, all: true} }

const catalog = "AwsDataCatalog"

func (f *athenaFeed) read(ctx context.Context, p Part, to *sink) {
	statement, notes, err := f.statement(ctx, p, false)
	if err != nil {
		to.problem("%s: %s", f.name(), refused(err, "the caller's policy lacks athena:GetTableMetadata"))
		return
	}
	for _, n := range notes {
		to.note("%s: %s", f.name(), n)
	}
	s := to.sieve()
	rows, err := f.query(ctx, statement, to, func(row []types.Datum) {
		record, err := fromRow(row)
		if err != nil {
			s.lost++
			return
		}
		s.raw(record)
	})
	if err != nil {
		to.problem("%s: %s", f.name(), refused(err, "the caller's policy lacks athena:StartQueryExecution, GetQueryExecution or GetQueryResults"))
	}
	if rows == 0 {
		to.note("%s: the query found no record", f.name())
	}
}

// absent asks for any one record of a place since the window began.
func (f *athenaFeed) absent(ctx context.Context, at providers.Place, p Part) string {
	p.Places = map[string][]string{at.Account: {at.Region}}
	statement, _, err := f.statement(ctx, p, true)
	rows := 0
	if err == nil {
		rows, err = f.query(ctx, statement, &sink{}, func([]types.Datum) {})
	}
	if err == nil && rows > 0 {
		return ""
	}
	return noneOf(f, at)
}

// statement is the query for a table as its metadata describe it: what it does
// not have is asked for as NULL, and of its partitions only those of the part
// are read.
func (f *athenaFeed) statement(ctx context.Context, p Part, anyOne bool) (string, []string, error) {
	out, err := f.client.GetTableMetadata(ctx, &athena.GetTableMetadataInput{CatalogName: new(catalog), DatabaseName: &f.Database, TableName: &f.Table, WorkGroup: maybe(f.Workgroup)})
	if err != nil {
		return "", nil, err
	}
	return f.sql(out.TableMetadata, p, anyOne)
}

func maybe(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// query runs a statement and hands on its rows.
func (f *athenaFeed) query(ctx context.Context, statement string, to *sink, tell func([]types.Datum)) (int, error) {
	in := &athena.StartQueryExecutionInput{QueryString: &statement, WorkGroup: maybe(f.Workgroup),
		QueryExecutionContext: &types.QueryExecutionContext{Database: &f.Database, Catalog: new(catalog)}}
	if f.Output != "" {
		in.ResultConfiguration = &types.ResultConfiguration{OutputLocation: &f.Output}
	}
	started, err := f.client.StartQueryExecution(ctx, in)
	if err != nil {
		return 0, err
	}
	id := started.QueryExecutionId
	err = to.await(ctx, func() (bool, error) {
		out, err := f.client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: id})
		if err != nil || out.QueryExecution.Status == nil {
			return false, err
		}
		switch state := out.QueryExecution.Status; state.State {
		case types.QueryExecutionStateSucceeded:
			if s := out.QueryExecution.Statistics; s != nil && s.DataScannedInBytes != nil {
				to.note("%s: the query %s scanned %s", f.name(), aws.ToString(id), megabytes(*s.DataScannedInBytes))
			}
			return true, nil
		case types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return true, fmt.Errorf("the query %s %s: %s", aws.ToString(id), strings.ToLower(string(state.State)), oneLine(aws.ToString(state.StateChangeReason)))
		}
		return false, nil
	}, func(ctx context.Context) error {
		_, err := f.client.StopQueryExecution(ctx, &athena.StopQueryExecutionInput{QueryExecutionId: id})
		return err
	})
	if err != nil {
		return 0, err
	}
	first := true
	pages := athena.NewGetQueryResultsPaginator(f.client, &athena.GetQueryResultsInput{QueryExecutionId: id, MaxResults: new(int32(1000))})
	return answer(ctx, to, pages, func(page *athena.GetQueryResultsOutput) int {
		rows := page.ResultSet.Rows
		if first && len(rows) > 0 {
			rows = rows[1:] // the names of the columns
		}
		first = false
		for _, row := range rows {
			tell(row.Data)
		}
		return len(rows)
	})
}

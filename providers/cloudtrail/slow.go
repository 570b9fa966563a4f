package cloudtrail

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// perSecond is how many pages of event history a region gives at best.
const perSecond = 1.8

// tooLong is a reading that is worth another source.
const tooLong = 2 * time.Minute

// Advise calls back, once, where reading would take over two minutes: with the
// estimate and the flag that would be quicker. It may be called from any
// goroutine.
func (l *Lookup) Advise(tell func(advice string)) *Lookup {
	l.advise = tell
	return l
}

// Reach calls back after each page, before onPage, with the time that the
// reading of the region has got back to.
func (l *Lookup) Reach(tell func(region string, back time.Time)) *Lookup {
	l.reach = tell
	return l
}

// left estimates how long the rest of a reading takes: as if the whole window
// were as dense as the first page of it.
func (s *stream) left(since, until time.Time) time.Duration {
	if !s.more() || !s.oldest.After(since) || len(s.result.Records) == 0 { // a page may be empty
		return 0
	}
	covered := max(until.Sub(s.oldest), time.Second)
	pages := float64(s.oldest.Sub(since)) / float64(covered) * float64(s.result.Pages)
	return time.Duration(pages / perSecond * float64(time.Second))
}

// slow notes that a region's reading takes long, and what would not. The first
// region's note is told at once.
func (l *Lookup) slow(ctx context.Context, s *stream, q Query) {
	left := s.left(q.Since, q.Until)
	if left <= tooLong || l.advise == nil {
		return
	}
	takes := left.Round(time.Minute).String()
	takes = strings.TrimSuffix(takes, "0s")
	more := []string{"a trail's own files are quicker, if there is one: --trail s3://BUCKET[/PREFIX]"}
	if buckets := l.buckets(ctx, s.client); len(buckets) > 0 {
		more = []string{"the trail's own files are quicker: --trail " + strings.Join(buckets, " or --trail ")}
	}
	if q.Who.session() == "" {
		more = append(more, "so is naming the run: --session NAME or ACCESS-KEY-ID")
	}
	advice := fmt.Sprintf("CloudTrail's event history in %s takes about %s to read; %s", s.region, takes, strings.Join(more, "; "))
	s.result.Notes = append(s.result.Notes, advice)
	l.told.Do(func() { l.advise(advice) })
}

// buckets are those that the account's trails write to, none where that is not
// to be known.
func (l *Lookup) buckets(ctx context.Context, client *sdk.Client) []string {
	out, err := client.DescribeTrails(ctx, &sdk.DescribeTrailsInput{})
	if err != nil {
		return nil
	}
	var found []string
	for _, t := range out.TrailList {
		if b := aws.ToString(t.S3BucketName); b != "" {
			source := "s3://" + b
			if p := aws.ToString(t.S3KeyPrefix); p != "" {
				source += "/" + p
			}
			found = append(found, source)
		}
	}
	return unique(found)
}

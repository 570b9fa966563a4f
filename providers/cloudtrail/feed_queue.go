package cloudtrail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmw "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"reconcile/providers"
	"reconcile/providers/cloudtrail/records"
)

// queueFeed is an SQS queue that an EventBridge rule feeds. It is read and not
// emptied: every message stays for whoever else waits for it. SQS gives no way
// to see all of a queue, so what was read is never held to be all.
//
// Messages are not hidden from others while they are read, unless SQS shows
// the same ones again and again before as many have come as it says there are:
// then each is hidden for seconds, which is the only way to the ones behind.
type queueFeed struct {
	client *sqs.Client
	url    string
}

// Queue returns the source that looks through a queue.
func Queue(cfg aws.Config, queue string, x Index, progress func(done, total, items int)) *Bulk {
	cfg = cfg.Copy()
	if u, err := url.Parse(queue); err == nil {
		if m := queueHost.FindStringSubmatch(u.Hostname()); m != nil {
			cfg.Region = m[1]
		}
	}
	return &Bulk{index: x, progress: progress, feed: &queueFeed{sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.APIOptions = append(o.APIOptions, hideNothing) }), queue}}
}

// hideNothing puts "VisibilityTimeout":0 into a request for messages that has
// none. The SDK leaves out what is zero, and SQS would take the queue's own
// time, for which nobody else sees the messages.
func hideNothing(stack *middleware.Stack) error {
	return stack.Build.Add(middleware.BuildMiddlewareFunc("ReconcileHideNothing",
		func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
			r, ok := in.Request.(*smithyhttp.Request)
			if awsmw.GetOperationName(ctx) != "ReceiveMessage" {
				return next.HandleBuild(ctx, in)
			}
			if !ok || r.GetStream() == nil {
				return middleware.BuildOutput{}, middleware.Metadata{}, errors.New("a request for messages without a body")
			}
			body := map[string]any{}
			if err := json.NewDecoder(r.GetStream()).Decode(&body); err != nil {
				return middleware.BuildOutput{}, middleware.Metadata{}, fmt.Errorf("reading a request for messages: %w", err)
			}
			if _, given := body["VisibilityTimeout"]; !given {
				body["VisibilityTimeout"] = 0
			}
			whole, err := json.Marshal(body)
			if err != nil {
				return middleware.BuildOutput{}, middleware.Metadata{}, fmt.Errorf("writing a request for messages: %w", err)
			}
			if in.Request, err = r.SetStream(bytes.NewReader(whole)); err != nil {
				return middleware.BuildOutput{}, middleware.Metadata{}, fmt.Errorf("writing a request for messages: %w", err)
			}
			return next.HandleBuild(ctx, in)
		}), middleware.Before)
}

var queueHost = regexp.MustCompile(`^sqs\.([a-z0-9-]+)\.amazonaws\.`)

func (f *queueFeed) name() string { return "EventBridge's queue " + f.url }

func (f *queueFeed) promises() promises { return promises{again: true} }

func (f *queueFeed) absent(context.Context, providers.Place, Part) string { return "" }

const (
	// A standard queue answers from some of its servers at a time, so the same
	// messages come again before all have come.
	mostReceives = 3000
	// fruitless answers in a row, each without a message that is new, end it.
	fruitless = 25
)

func (f *queueFeed) read(ctx context.Context, _ Part, to *sink) {
	about, err := f.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &f.url,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy, types.QueueAttributeNameApproximateNumberOfMessages}})
	if err != nil {
		to.problem("%s: %s", f.name(), refused(err, "the caller's policy lacks sqs:GetQueueAttributes"))
		return
	}
	// Each reading of a message counts as a failed delivery.
	if about.Attributes["RedrivePolicy"] != "" {
		to.problem("%s is not read: it has a redrive policy, and messages that are read often would be moved to its dead-letter queue", f.name())
		return
	}
	told, _ := strconv.Atoi(about.Attributes["ApproximateNumberOfMessages"]) // 0 where it is not told
	q := queueReading{feed: f, to: to, sieve: to.sieve(), seen: map[string]bool{}}
	err = q.receive(ctx, 0)
	if err == nil && len(q.seen) < told {
		err = q.receive(ctx, q.enough(told))
	}
	if err != nil {
		to.problem("%s: %s", f.name(), refused(err, "the caller's policy lacks sqs:ReceiveMessage"))
		return
	}
	to.problem("%s is read as far as SQS shows it (%d messages of about %d): whether that is all that happened is not known", f.name(), len(q.seen), told)
}

// queueReading is one reading of a queue.
type queueReading struct {
	feed  *queueFeed
	to    *sink
	sieve *sieve
	seen  map[string]bool // by message id
	took  time.Duration   // the slowest answer
}

// enough is for how many seconds messages must be hidden for the rest of them
// to come, ten at a time.
func (q *queueReading) enough(told int) int32 {
	answers := (told-len(q.seen))/10 + fruitless
	return int32(min(time.Minute, 5*time.Second+time.Duration(answers)*q.took) / time.Second)
}

// receive reads until nothing new comes. hide is for how many seconds nobody
// else sees what is read.
func (q *queueReading) receive(ctx context.Context, hide int32) error {
	idle := 0
	for range mostReceives {
		begun := time.Now()
		out, err := q.feed.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.feed.url, MaxNumberOfMessages: 10, VisibilityTimeout: hide, WaitTimeSeconds: 1})
		if err != nil {
			return err
		}
		q.took = max(q.took, time.Since(begun))
		fresh := 0
		for _, m := range out.Messages {
			id := aws.ToString(m.MessageId)
			if q.seen[id] {
				continue
			}
			q.seen[id] = true
			fresh++
			q.feed.message(q.sieve, aws.ToString(m.Body))
		}
		q.to.tick(fresh)
		if idle++; fresh > 0 {
			idle = 0
		}
		if idle >= fruitless || (len(out.Messages) == 0 && idle >= 3) {
			break
		}
	}
	return nil
}

// message shows the record in a message: EventBridge's own, or one that SNS
// wrapped.
func (f *queueFeed) message(s *sieve, body string) {
	var wrapped struct{ Type, Message string }
	if json.Unmarshal([]byte(body), &wrapped) == nil && wrapped.Type == "Notification" {
		body = wrapped.Message
	}
	got, err := records.Scan(strings.NewReader(body), s.record)
	if err != nil || got.Lost > 0 {
		s.lost += max(1, got.Lost)
	}
}

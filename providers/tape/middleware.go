package tape

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmw "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"
)

const id = "ReconcileTape"

// doing is one operation under way. It travels in the context, and the
// transport finds it there.
type doing struct {
	service, operation string
	answer             *Answer // to give, or what was got last
}

type doingKey struct{}

// Attach puts the tape in front of every client that is made from cfg. as says
// whose credentials cfg holds. Attached again, the later name counts.
func (t *Tape) Attach(cfg *aws.Config, as string) {
	if t == nil {
		return
	}
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), t.option(as))
	if _, done := cfg.HTTPClient.(transport); !done {
		cfg.HTTPClient = transport{t, cfg.HTTPClient}
	}
}

func (t *Tape) option(as string) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		mw := middleware.InitializeMiddlewareFunc(id, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			call := Call{As: as, Service: awsmw.GetServiceID(ctx), Operation: awsmw.GetOperationName(ctx), Region: awsmw.GetRegion(ctx)}
			var err error
			if call.Input, err = canonical(in.Parameters); err != nil {
				return middleware.InitializeOutput{}, middleware.Metadata{}, err
			}
			now := &doing{service: call.Service, operation: call.Operation}
			if t.replays {
				a, err := t.answer(call)
				if err == nil {
					err = unchain(a.Error)
				}
				if err != nil {
					return middleware.InitializeOutput{}, middleware.Metadata{}, err
				}
				now.answer = &a
			}
			out, meta, err := next.HandleInitialize(context.WithValue(ctx, doingKey{}, now), in)
			switch {
			case t.replays || ctx.Err() != nil:
			case now.answer != nil:
				t.keep(call, *now.answer)
			case err != nil:
				t.keep(call, Answer{Error: chain(err)})
			}
			return out, meta, err
		})
		if _, there := stack.Initialize.Get(id); there {
			_, err := stack.Initialize.Swap(id, mw)
			return err
		}
		// Behind the guard: what it refuses was never asked.
		return stack.Initialize.Add(mw, middleware.After)
	}
}

// transport keeps or gives the responses of operations that are under way.
type transport struct {
	tape *Tape
	next aws.HTTPClient // nil: the SDK's own
}

func (t transport) Do(r *http.Request) (*http.Response, error) {
	now, _ := r.Context().Value(doingKey{}).(*doing)
	// Credentials are fetched within an operation, by calls of their own.
	if now != nil && (awsmw.GetServiceID(r.Context()) != now.service || awsmw.GetOperationName(r.Context()) != now.operation) {
		now = nil
	}
	if t.tape.replays {
		if now == nil {
			return nil, offline{}
		}
		return now.answer.response(r), nil
	}
	next := t.next
	if next == nil {
		next = awshttp.NewBuildableClient()
	}
	got, err := next.Do(r)
	if now == nil {
		return got, err
	}
	now.answer = nil
	if err != nil {
		return got, err
	}
	a := &Answer{Status: got.StatusCode, Header: kept(got.Header)}
	body, err := io.ReadAll(got.Body)
	if closeErr := got.Body.Close(); err == nil {
		err = closeErr
	}
	a.Body, a.Cut = body, err != nil
	now.answer = a
	got.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		got.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
	}
	return got, nil
}

type offline struct{}

func (offline) Error() string { return "a replay asks nobody" }

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// kept are the headers that an answer is read by. Checksums are left out: what
// is left out of a body would break them.
func kept(h http.Header) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Range", "Last-Modified", "Etag", "X-Amz-Version-Id", "X-Amz-Bucket-Region",
		"X-Amzn-Errortype", "X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amzn-Query-Error", "X-Amz-Delete-Marker"} {
		if v := h.Get(name); v != "" {
			out[name] = v
		}
	}
	// The answer to HEAD has a length and no body.
	if v := h.Get("Content-Length"); v != "" {
		out["Content-Length"] = v
	}
	return out
}

func (a *Answer) response(r *http.Request) *http.Response {
	out := &http.Response{StatusCode: a.Status, Status: http.StatusText(a.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Request: r, ContentLength: int64(len(a.Body))}
	for name, v := range a.Header {
		if name == "Content-Length" && !strings.EqualFold(r.Method, http.MethodHead) {
			continue
		}
		out.Header.Set(name, v)
	}
	out.Body = io.NopCloser(bytes.NewReader(a.Body))
	if a.Cut {
		out.Body = io.NopCloser(io.MultiReader(bytes.NewReader(a.Body), broken{io.ErrUnexpectedEOF}))
	}
	return out
}

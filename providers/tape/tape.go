// Package tape keeps the answers that AWS gave to a reading, and gives them
// again to another one without a network: what was asked, of whom, and what
// came back, call by call.
//
// A call is known by the service, the operation, the region, whose credentials
// asked and the operation's input, never by a host or a header: no credential
// and no signature is ever on a tape. Calls may come in any order and from
// several goroutines; the same call asked again gets the answers in the order
// in which they were given.
package tape

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"reconcile/internal/jsontext"
)

// Call is one operation that was asked, and its answers in order.
type Call struct {
	As        string          `json:"as"` // whose credentials: "own", "profile NAME", "role ARN"
	Service   string          `json:"service"`
	Operation string          `json:"operation"`
	Region    string          `json:"region"`
	Input     json.RawMessage `json:"input"`
	Answers   []Answer        `json:"answers"`
}

// Name is how a person knows a call.
func (c Call) Name() string {
	return fmt.Sprintf("%s:%s in %s, as %s, with %s", c.Service, c.Operation, cmp.Or(c.Region, "no region"), c.As, shortened(string(c.Input)))
}

func shortened(s string) string {
	const most = 300
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func (c Call) key() string {
	return c.As + "\x00" + c.Service + "\x00" + c.Operation + "\x00" + c.Region + "\x00" + string(c.Input)
}

// Answer is what came of an operation in the end: the last attempt's response,
// or an error without one.
type Answer struct {
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   []byte            `json:"body,omitempty"`
	Cut    bool              `json:"cut,omitempty"` // the body ended too early
	// Error is the chain of causes, outermost first, where there was no response.
	Error []string `json:"error,omitempty"`
}

// Opened is what became of opening one set of credentials.
type Opened struct {
	Region string   `json:"region"`
	Error  []string `json:"error,omitempty"`
}

// Tape records, or else replays.
type Tape struct {
	replays bool

	mu     sync.Mutex
	calls  map[string]*Call
	opened map[string]Opened
	next   map[string]int // answers given, while replaying
	missed []string
	size   int
}

// Record returns an empty tape that records.
func Record() *Tape {
	return &Tape{calls: map[string]*Call{}, opened: map[string]Opened{}}
}

// Replay returns a tape that answers from what another one recorded.
func Replay(calls []Call, opened map[string]Opened) *Tape {
	t := Record()
	t.replays, t.next = true, map[string]int{}
	for _, c := range calls {
		var input bytes.Buffer
		if json.Compact(&input, c.Input) == nil {
			c.Input = input.Bytes()
		}
		t.calls[c.key()] = &c
	}
	maps.Copy(t.opened, opened)
	return t
}

// Replays reports whether the tape answers. A nil tape does not.
func (t *Tape) Replays() bool { return t != nil && t.replays }

// Calls returns what was recorded, in an order of its own.
func (t *Tape) Calls() []Call {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Call, 0, len(t.calls))
	for _, c := range t.calls {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Call) int { return cmp.Compare(a.key(), b.key()) })
	return out
}

// Openings returns which credentials were opened, by whose they are.
func (t *Tape) Openings() map[string]Opened {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.opened)
}

// Size is how many bytes the answers take.
func (t *Tape) Size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.size
}

// Missed names the calls that a replay asked for and that are not on the tape.
func (t *Tape) Missed() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(t.missed)))
}

// Unasked names the recorded calls that a replay did not ask for.
func (t *Tape) Unasked() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for key, c := range t.calls {
		if t.next[key] < len(c.Answers) {
			out = append(out, c.Name())
		}
	}
	slices.Sort(out)
	return out
}

func (t *Tape) keep(c Call, a Answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.calls[c.key()]
	if at == nil {
		at = &c
		t.calls[c.key()] = at
	}
	at.Answers = append(at.Answers, a)
	t.size += len(a.Body) + len(c.Input)
}

func (t *Tape) answer(c Call) (Answer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := c.key()
	at := t.calls[key]
	switch n := t.next[key]; {
	case at == nil:
		t.missed = append(t.missed, c.Name())
		return Answer{}, fmt.Errorf("the recording has no answer to %s", c.Name())
	case n >= len(at.Answers):
		t.missed = append(t.missed, fmt.Sprintf("%s (asked more often than the %d times that were recorded)", c.Name(), n))
		return Answer{}, fmt.Errorf("the recording has no further answer to %s", c.Name())
	default:
		t.next[key] = n + 1
		return at.Answers[n], nil
	}
}

// Open settles the region of one set of credentials: what was found where the
// tape records, what was found then where it replays.
func (t *Tape) Open(as, region string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opened[as] = Opened{region, chain(err)}
}

// Reopen returns what Open was told.
func (t *Tape) Reopen(as string) (region string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, ok := t.opened[as]
	if !ok {
		t.missed = append(t.missed, "the credentials "+as)
		return "", fmt.Errorf("the recording has nothing of the credentials %s", as)
	}
	return o.Region, unchain(o.Error)
}

type contextKey struct{}

// With puts a tape into a context, for whoever opens credentials below it.
func With(ctx context.Context, t *Tape) context.Context {
	return context.WithValue(ctx, contextKey{}, t)
}

// From returns the context's tape, nil if there is none.
func From(ctx context.Context) *Tape {
	t, _ := ctx.Value(contextKey{}).(*Tape)
	return t
}

// chain is an error and its causes as texts.
func chain(err error) []string {
	var out []string
	for ; err != nil; err = unwrap(err) {
		out = append(out, err.Error())
	}
	return out
}

func unwrap(err error) error {
	if one, ok := err.(interface{ Unwrap() error }); ok {
		return one.Unwrap()
	}
	return nil
}

// recorded is an error of a chain.
type recorded struct{ texts []string }

func (r recorded) Error() string { return r.texts[0] }
func (r recorded) Unwrap() error { return unchain(r.texts[1:]) }

func unchain(texts []string) error {
	if len(texts) == 0 {
		return nil
	}
	return recorded{texts}
}

// canonical is an operation's input as JSON: without what is absent, and with
// the elements of lists sorted, since some are made from maps.
func canonical(input any) (json.RawMessage, error) {
	data, err := json.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("the input cannot be kept: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("the input cannot be kept: %w", err)
	}
	v = tidy(v)
	if v == nil {
		return json.RawMessage("{}"), nil
	}
	out, err := jsontext.Line(v)
	if err != nil {
		return nil, fmt.Errorf("the input cannot be kept: %w", err)
	}
	return out, nil
}

func tidy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, sub := range v {
			sub = tidy(sub)
			// A token that makes a request unique would make it another one.
			if sub == nil || name == "ClientRequestToken" || name == "ClientToken" {
				delete(v, name)
				continue
			}
			v[name] = sub
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = tidy(v[i])
		}
		if len(v) == 0 {
			return nil
		}
		slices.SortStableFunc(v, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
	case string, bool, json.Number:
	}
	return v
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

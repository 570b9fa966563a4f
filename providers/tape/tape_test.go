package tape

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func asked(op, input string) Call {
	return Call{As: "own", Service: "EC2", Operation: op, Region: "r", Input: []byte(input)}
}

// TestAnswersComeInTheirOrderWhateverTheOrderOfCalls: two goroutines may ask in
// another order than when it was recorded.
func TestAnswersComeInTheirOrderWhateverTheOrderOfCalls(t *testing.T) {
	rec := Record()
	for i := range 3 {
		rec.keep(asked("A", "{}"), Answer{Body: fmt.Append(nil, "a", i)})
		rec.keep(asked("B", "{}"), Answer{Body: fmt.Append(nil, "b", i)})
	}
	again := Replay(rec.Calls(), nil)
	for _, op := range []string{"B", "A", "A", "B", "B", "A"} {
		if _, err := again.answer(asked(op, "{}")); err != nil {
			t.Fatal(err)
		}
	}
	if left := again.Unasked(); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
	if _, err := again.answer(asked("A", "{}")); err == nil || len(again.Missed()) != 1 || !strings.Contains(again.Missed()[0], "more often than the 3 times") {
		t.Errorf("a fourth time: %v, %q", err, again.Missed())
	}
	if _, err := again.answer(asked("A", `{"x":1}`)); err == nil || len(again.Missed()) != 2 {
		t.Errorf("another input: %v, %q", err, again.Missed())
	}
}

func TestTheSameInputIsTheSameCall(t *testing.T) {
	type filter struct {
		Name   *string
		Values []string
	}
	type input struct {
		Filters            []filter
		ClientRequestToken *string
		Next               *string
		None               []string
	}
	text := func(s string) *string { return &s }
	a, err := canonical(&input{Filters: []filter{{text("b"), []string{"2", "1"}}, {text("a"), []string{"x"}}}, ClientRequestToken: text("random1")})
	if err != nil {
		t.Fatal(err)
	}
	b, err := canonical(&input{Filters: []filter{{text("a"), []string{"x"}}, {text("b"), []string{"1", "2"}}}, ClientRequestToken: text("random2")})
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) || string(a) != `{"Filters":[{"Name":"a","Values":["x"]},{"Name":"b","Values":["1","2"]}]}` {
		t.Errorf("%s and %s", a, b)
	}
	c, err := canonical(&input{Next: text("token")})
	if err != nil || string(c) == string(a) {
		t.Errorf("another page is the same call: %s, %v", c, err)
	}
}

// TestAnErrorKeepsItsCauses: what is shown of an error is often its innermost.
func TestAnErrorKeepsItsCauses(t *testing.T) {
	inner := errors.New("connection refused")
	got := unchain(chain(fmt.Errorf("sending: %w", fmt.Errorf("dial: %w", inner))))
	var all []string
	for err := got; err != nil; err = errors.Unwrap(err) {
		all = append(all, err.Error())
	}
	if strings.Join(all, "|") != "sending: dial: connection refused|dial: connection refused|connection refused" {
		t.Errorf("%q", all)
	}
	if unchain(nil) != nil {
		t.Error("no error becomes one")
	}
}

// TestATapeTakesCallsFromManyGoroutines: under -race.
func TestATapeTakesCallsFromManyGoroutines(t *testing.T) {
	rec := Record()
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			rec.keep(asked("A", fmt.Sprintf(`{"n":%d}`, i%10)), Answer{Body: []byte("x")})
			rec.Open("own", "r", nil)
		})
	}
	group.Wait()
	if calls := rec.Calls(); len(calls) != 10 {
		t.Errorf("%d calls", len(calls))
	}
}

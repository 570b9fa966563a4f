package jsontext

import (
	"bytes"
	"errors"
	"testing"
)

var value = map[string]any{"a": "<&>", "b": []int{1}}

func TestNothingIsEscapedForHTML(t *testing.T) {
	if got, err := Line(value); err != nil || string(got) != `{"a":"<&>","b":[1]}` {
		t.Errorf("%s, %v", got, err)
	}
	want := "{\n  \"a\": \"<&>\",\n  \"b\": [\n    1\n  ]\n}\n"
	if got, err := Indented(value); err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	var b bytes.Buffer
	if err := Write(&b, value); err != nil || b.String() != want {
		t.Errorf("%s, %v", b.String(), err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestAValueThatCannotBeWrittenIsAnErrorAndLeavesNothing(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, map[string]any{"a": 1, "b": func() {}}); err == nil || b.Len() > 0 {
		t.Errorf("%q, %v", b.String(), err)
	}
	if err := Write(full{}, value); err == nil {
		t.Error("a writer's error is lost")
	}
}

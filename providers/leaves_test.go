package providers

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestEveryTextOfAValueIsFoundHoweverDeep(t *testing.T) {
	var v any
	if err := json.Unmarshal([]byte(`{"a":["x",{"b":"y","c":""},[["z"]]],"d":1,"e":null,"f":true}`), &v); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(Texts(v)); !slices.Equal(got, []string{"x", "y", "z"}) {
		t.Errorf("texts %q", got)
	}
	n := 0
	for range Leaves(v) {
		n++
	}
	if n != 7 {
		t.Errorf("%d leaves, want 7", n)
	}
}

func TestAWalkEndsWhereItsReaderStops(t *testing.T) {
	n := 0
	for range Leaves(map[string]any{"a": []any{"x", "y"}, "b": []any{map[string]any{"c": "z"}}}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d", n)
	}
}

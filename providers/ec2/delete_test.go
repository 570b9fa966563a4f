package ec2_test

import (
	"reflect"
	"strings"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

// TestEveryDeletionThatIsToldIsACallOfAWS holds the command that a leftover is
// told with against the SDK: the call exists, and its argument holds one id, or
// a list of them.
func TestEveryDeletionThatIsToldIsACallOfAWS(t *testing.T) {
	f := everything()
	told := 0
	for _, row := range ec2.Rows() {
		if row.Unread != "" {
			continue
		}
		argv := row.DeleteArgv(f.objects(t, row.Type)[0].Attrs)
		if argv == nil {
			continue
		}
		told++
		var e providers.Event
		for _, e = range row.Events {
			if e.Role == providers.Deleted && dashed(e.Name) == argv[1] {
				break
			}
		}
		input, _, ok := call(argv[0] + ":" + e.Name)
		if !ok || len(argv) != 4 {
			t.Errorf("%s: %q is no call", row.Type, argv)
			continue
		}
		found := false
		for i := range input.NumField() {
			field := input.Field(i)
			if "--"+dashed(field.Name) == argv[2] {
				found = field.Type == reflect.TypeFor[*string]() || field.Type == reflect.TypeFor[[]string]()
			}
		}
		if !found {
			t.Errorf("%s: %q: the call has no such argument", row.Type, argv)
		}
	}
	if told < 60 {
		t.Errorf("only %d kinds can be told with their deletion", told)
	}
}

func dashed(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

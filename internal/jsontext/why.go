package jsontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Why is an error of package json in words for who wrote the text: no type of
// this program and no character of the text is in it.
func Why(err error) error {
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return errors.New("JSON does not allow this character here")
	}
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		what, _, _ := strings.Cut(typ.Value, " ") // "number 1.5"
		switch what {
		case "array", "object":
			what = "an " + what
		default:
			what = "a " + what
		}
		if typ.Field == "" {
			return fmt.Errorf("it is %s", what)
		}
		return fmt.Errorf("%s is %s", typ.Field, what)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

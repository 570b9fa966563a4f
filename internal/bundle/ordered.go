package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"reconcile/internal/jsontext"
)

// object is a JSON object that keeps its order.
type object struct {
	keys   []string
	values []any // string, json.Number, bool, nil, *object, []any
}

func (o *object) get(key string) any {
	if o == nil {
		return nil
	}
	for i, k := range o.keys {
		if k == key {
			return o.values[i]
		}
	}
	return nil
}

// each replaces every value by what f makes of it.
func (o *object) each(f func(key string, v any) any) {
	if o == nil {
		return
	}
	for i, k := range o.keys {
		o.values[i] = f(k, o.values[i])
	}
}

// only drops every other key.
func (o *object) only(keys ...string) {
	if o == nil {
		return
	}
	var out object
	for i, k := range o.keys {
		for _, want := range keys {
			if k == want {
				out.keys, out.values = append(out.keys, k), append(out.values, o.values[i])
			}
		}
	}
	*o = out
}

// parse reads one JSON document and keeps the order of its keys.
func parse(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := value(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	return v, nil
}

const deepest = 500

func value(dec *json.Decoder, depth int) (any, error) {
	if depth > deepest {
		return nil, errors.New("nested too deeply")
	}
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch d, _ := t.(json.Delim); d {
	case '{':
		o := &object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := value(dec, depth+1)
			if err != nil {
				return nil, err
			}
			o.keys, o.values = append(o.keys, fmt.Sprint(key)), append(o.values, v)
		}
		_, err := dec.Token()
		return o, err
	case '[':
		list := []any{}
		for dec.More() {
			v, err := value(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	}
	return t, nil
}

// MarshalJSON writes the keys in their order.
func (o *object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := jsontext.Line(k)
		if err != nil {
			return nil, err
		}
		v, err := jsontext.Line(o.values[i])
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// spelled is JSON as Terraform indents it, or on one line.
func spelled(v any, indent bool) ([]byte, error) {
	data, err := jsontext.Line(v)
	if err != nil || !indent {
		return data, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, data, "", "  ")
	b.WriteByte('\n')
	return b.Bytes(), err
}

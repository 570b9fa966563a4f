package statefile

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// rawInstance is one instance of version 4, and of OpenTofu's.
type rawInstance struct {
	IndexKey       any               `json:"index_key"`
	Status         string            `json:"status"`
	Deposed        string            `json:"deposed"`
	Attributes     json.RawMessage   `json:"attributes"`
	AttributesFlat map[string]string `json:"attributes_flat"`
	Sensitive      json.RawMessage   `json:"sensitive_attributes"`
	Provider       string            `json:"provider"` // OpenTofu: a provider with for_each
}

// rawResource reads one resource of version 4. Its instances may stand before
// the names that make their addresses.
func (d *document) rawResource() error {
	var module, mode, typ, name, provider string
	header := map[string]*string{
		"module": &module, "mode": &mode, "type": &typ, "name": &name, "provider": &provider,
	}
	first := len(d.instances)
	own := map[int]Provider{}
	err := d.object(func(key string) error {
		if field := header[key]; field != nil {
			return d.decode(field, key)
		}
		if key != "instances" {
			return d.skip()
		}
		return d.array("instances", func() error {
			i, raw, err := d.rawInstance()
			if err != nil {
				return err
			}
			if raw.Provider != "" {
				p, ok := parseProvider(raw.Provider)
				if !ok {
					return d.malformed("the provider of an instance is not in Terraform's form")
				}
				own[len(d.instances)] = p
			}
			d.instances = append(d.instances, i)
			return nil
		})
	})
	if err != nil {
		return err
	}
	r, err := d.resource(module, mode, typ, name)
	if err != nil {
		return err
	}
	if provider != "" {
		p, ok := parseProvider(provider)
		if !ok {
			return d.malformed("the provider of a resource is not in Terraform's form")
		}
		r.Provider = p
	}
	for n := first; n < len(d.instances); n++ {
		i := &d.instances[n]
		i.Module, i.Mode, i.Type, i.Name = r.Module, r.Mode, r.Type, r.Name
		i.Provider = r.Provider
		if p, ok := own[n]; ok {
			i.Provider = p
		}
		i.Address = FormatAddress(i.Module, i.Mode, i.Type, i.Name, i.Key)
	}
	d.pass(first)
	return nil
}

// pass hands the instances from the first on over, where nobody keeps them.
func (d *document) pass(first int) {
	if d.each == nil {
		return
	}
	for _, i := range d.instances[first:] {
		d.each(i)
	}
	d.instances = d.instances[:first]
}

func (d *document) rawInstance() (Instance, *rawInstance, error) {
	raw := &rawInstance{Attributes: d.attrs[:0]}
	if err := d.decode(raw, "an instance"); err != nil {
		return Instance{}, nil, err
	}
	d.attrs = raw.Attributes
	key, ok := instanceKey(raw.IndexKey)
	if !ok {
		return Instance{}, nil, d.malformed("index_key is neither a string nor a whole number")
	}
	attrs, err := d.attributes(raw.Attributes)
	if err != nil {
		return Instance{}, nil, err
	}
	if attrs == nil && raw.AttributesFlat != nil {
		if attrs, err = json.Marshal(unflatten(raw.AttributesFlat)); err != nil {
			return Instance{}, nil, d.malformed("attributes_flat cannot be read")
		}
	}
	i := Instance{Key: key, Tainted: raw.Status == "tainted", Deposed: raw.Deposed, Attributes: attrs}
	names, all := rawSensitive(raw.Sensitive)
	i.sensitive, i.allSensitive = d.shared(names), all
	return i, raw, nil
}

// resource checks the names that addresses are made of.
func (d *document) resource(module, mode, typ, name string) (Instance, error) {
	if mode != Managed && mode != Data {
		return Instance{}, d.malformed("the mode of a resource is neither managed nor data")
	}
	if !validName(typ) || reserved(typ) || !validName(name) {
		return Instance{}, d.malformed("the type or the name of a resource is not a Terraform name")
	}
	module, err := parseModule(module)
	if err != nil {
		return Instance{}, d.malformed("the module of a resource is not in Terraform's form")
	}
	return Instance{Module: module, Mode: mode, Type: typ, Name: name}, nil
}

// attributes keeps a JSON object, without its white space, and drops null.
func (d *document) attributes(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	if raw[0] != '{' {
		return nil, d.malformed("the attributes of an instance are not an object")
	}
	d.compacted.Reset()
	if err := json.Compact(&d.compacted, raw); err != nil {
		return nil, fmt.Errorf("compacting attributes: %w", err)
	}
	return bytes.Clone(d.compacted.Bytes()), nil
}

// shared replaces strings that occur again and again by one copy.
func (d *document) shared(in []string) []string {
	if len(in) == 0 {
		return nil
	}
	out := make([]string, len(in))
	for n, s := range in {
		one, ok := d.intern[s]
		if !ok {
			one = s
			d.intern[s] = s
		}
		out[n] = one
	}
	return out
}

// instanceKey returns nil, a whole number or a string; false for all else.
func instanceKey(v any) (any, bool) {
	switch v := v.(type) {
	case nil, string:
		return v, true
	case float64:
		return v, v >= 0 && v <= maxIndex && v == float64(uint64(v))
	}
	return nil, false
}

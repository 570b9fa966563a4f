package statefile

import (
	"encoding/json"

	tfjson "github.com/hashicorp/terraform-json"
)

// showResource is one resource instance of `terraform show -json`, its values
// kept as text.
type showResource struct {
	tfjson.StateResource
	AttributeValues json.RawMessage `json:"values"`
}

// maxModuleDepth bounds the recursion on hostile input.
const maxModuleDepth = 200

func (d *document) showValues() error {
	return d.object(func(key string) error {
		if key != "root_module" {
			return d.skip()
		}
		return d.showModule(0)
	})
}

// showModule reads one module. The resources stand before the module's own
// address, so they are kept aside until it is known.
func (d *document) showModule(depth int) error {
	if depth > maxModuleDepth {
		return d.malformed("modules are nested too deeply")
	}
	var address string
	var own []Instance
	err := d.object(func(key string) error {
		switch key {
		case "address":
			return d.decode(&address, key)
		case "resources":
			return d.array(key, func() error {
				i, err := d.showResource()
				own = append(own, i)
				return err
			})
		case "child_modules":
			return d.array(key, func() error { return d.showModule(depth + 1) })
		}
		return d.skip()
	})
	if err != nil {
		return err
	}
	module, err := parseModule(address)
	if err != nil {
		return d.malformed("the address of a module is not in Terraform's form")
	}
	for n := range own {
		i := &own[n]
		i.Module = module
		i.Address = FormatAddress(module, i.Mode, i.Type, i.Name, i.Key)
	}
	d.instances = append(d.instances, own...)
	return nil
}

func (d *document) showResource() (Instance, error) {
	raw := showResource{AttributeValues: d.attrs[:0]}
	if err := d.decode(&raw, "a resource"); err != nil {
		return Instance{}, err
	}
	d.attrs = raw.AttributeValues
	i, err := d.resource("", string(raw.Mode), raw.Type, raw.Name)
	if err != nil {
		return Instance{}, err
	}
	key, ok := instanceKey(raw.Index)
	if !ok {
		return Instance{}, d.malformed("index is neither a string nor a whole number")
	}
	i.Key = key
	// The format names no alias and no module of the provider.
	i.Provider = Provider{Source: raw.ProviderName}
	i.Tainted, i.Deposed = raw.Tainted, raw.DeposedKey
	if i.Attributes, err = d.attributes(raw.AttributeValues); err != nil {
		return Instance{}, err
	}
	names, all := showSensitive(raw.SensitiveValues)
	i.sensitive, i.allSensitive = d.shared(names), all
	return i, nil
}

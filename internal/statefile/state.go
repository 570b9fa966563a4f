package statefile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"reconcile/providers"
)

// Format is the form that a state was given in.
type Format string

// The formats. None is a state that does not exist yet: what `terraform state
// pull` prints for one (version 4, serial 0, no lineage, no resources), and
// what NoState returns.
const (
	Raw      Format = "raw"
	ShowJSON Format = "show-json"
	None     Format = "none"
)

// State is one state as it was read.
type State struct {
	Source           string // where it was read: an absolute path, what Read calls it, "none"
	Format           Format
	Version          int // 4; 0 for ShowJSON, which does not tell
	TerraformVersion string
	Serial           uint64 // 0 for ShowJSON
	Lineage          string // "" for ShowJSON
	SHA256           string // hex, of every byte that was read
	Bytes            int64
	Instances        []Instance // managed and data, sorted by address, then deposed key
}

// NoState is the state of a configuration that was never applied, for a caller
// who knows that there is none.
func NoState() *State {
	return &State{Source: "none", Format: None, Version: 4, SHA256: emptySHA256}
}

const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Managed counts the objects of resources, deposed ones included.
func (s *State) Managed() int {
	n := 0
	for _, i := range s.Instances {
		if i.Mode == Managed {
			n++
		}
	}
	return n
}

// The two modes of a resource.
const (
	Managed = "managed"
	Data    = "data"
)

// Instance is one object that the state holds: the current object of a
// resource instance, or one that was deposed.
type Instance struct {
	Address string // as Terraform prints it
	Module  string // `module.a["k"]`, "" in the root
	Mode    string // Managed or Data
	Type    string
	Name    string
	Key     any // nil, float64 or string

	Provider   Provider
	Tainted    bool
	Deposed    string          // deposed key, "" for the current object
	Attributes json.RawMessage // a JSON object, or nil

	sensitive    []string // top-level attributes
	allSensitive bool
}

// Attrs decodes the attributes, numbers as json.Number. An instance without
// attributes has none, which is not an error.
func (i Instance) Attrs() (providers.Attrs, error) {
	out := providers.Attrs{}
	if len(i.Attributes) == 0 {
		return out, nil
	}
	dec := json.NewDecoder(bytes.NewReader(i.Attributes))
	dec.UseNumber()
	if err := dec.Decode(&out); err != nil || out == nil {
		// The decoder's own text may quote a value.
		return nil, fmt.Errorf("the attributes of %s are not a JSON object", i.Address)
	}
	return out, nil
}

// IsSensitive reports whether a top-level attribute, or anything in it, must
// not be shown: because the state marks it, or because its name says so.
// Terraform before 1.10 marks only what the configuration marks, and not what
// the provider's schema does, so marks alone are not enough.
func (i Instance) IsSensitive(attr string) bool {
	return i.allSensitive || slices.Contains(i.sensitive, attr) || secretName(attr)
}

func secretName(attr string) bool {
	return slices.ContainsFunc([]string{
		"password", "secret", "private_key", "preshared_key", "auth_key",
		"token", "user_data", "customer_gateway_configuration",
	}, func(part string) bool { return strings.Contains(attr, part) })
}

package wanted

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"reconcile/internal/hint"
)

// The parts of a plan's JSON that are used. terraform-json has the same shapes,
// but decodes everything twice and loses the references inside single nested
// blocks.
type planJSON struct {
	FormatVersion    string                             `json:"format_version"`
	TerraformVersion string                             `json:"terraform_version"`
	Variables        map[string]struct{ Value any }     `json:"variables"`
	Changes          []changeJSON                       `json:"resource_changes"`
	Deferred         []json.RawMessage                  `json:"deferred_changes"`
	Complete         *bool                              `json:"complete"`
	Errored          bool                               `json:"errored"`
	PriorState       *struct{ Values *stateValuesJSON } `json:"prior_state"`
	Configuration    *configurationJSON                 `json:"configuration"`
}

type changeJSON struct {
	Address         string `json:"address"`
	PreviousAddress string `json:"previous_address"`
	ModuleAddress   string `json:"module_address"`
	Mode            string `json:"mode"`
	Type            string `json:"type"`
	Name            string `json:"name"`
	Index           any    `json:"index"`
	ProviderName    string `json:"provider_name"`
	Deposed         string `json:"deposed"`
	Change          struct {
		Actions []string `json:"actions"`
		Before  *struct {
			ID any `json:"id"`
		} `json:"before"`
		After          map[string]any `json:"after"`
		AfterUnknown   any            `json:"after_unknown"`
		AfterSensitive any            `json:"after_sensitive"`
	} `json:"change"`
}

type stateValuesJSON struct {
	RootModule stateModuleJSON `json:"root_module"`
}

type stateModuleJSON struct {
	Address   string `json:"address"`
	Resources []struct {
		Address string          `json:"address"`
		Mode    string          `json:"mode"`
		Type    string          `json:"type"`
		Name    string          `json:"name"`
		Index   any             `json:"index"`
		Values  json.RawMessage `json:"values"`
	} `json:"resources"`
	Children []stateModuleJSON `json:"child_modules"`
}

type configurationJSON struct {
	Providers map[string]providerJSON `json:"provider_config"`
	Root      moduleJSON              `json:"root_module"`
}

type providerJSON struct {
	FullName    string         `json:"full_name"`
	Alias       string         `json:"alias"`
	Module      string         `json:"module_address"`
	Expressions map[string]any `json:"expressions"`
}

type moduleJSON struct {
	Outputs   map[string]outputJSON `json:"outputs"`
	Resources []resourceJSON        `json:"resources"`
	Calls     map[string]callJSON   `json:"module_calls"`
}

type outputJSON struct {
	Expression any      `json:"expression"`
	DependsOn  []string `json:"depends_on"`
}

type resourceJSON struct {
	Mode         string         `json:"mode"`
	Type         string         `json:"type"`
	Name         string         `json:"name"`
	ProviderKey  string         `json:"provider_config_key"`
	Expressions  map[string]any `json:"expressions"`
	Count        any            `json:"count_expression"`
	ForEach      any            `json:"for_each_expression"`
	Provisioners any            `json:"provisioners"`
	DependsOn    []string       `json:"depends_on"`
}

type callJSON struct {
	Expressions map[string]any `json:"expressions"`
	Count       any            `json:"count_expression"`
	ForEach     any            `json:"for_each_expression"`
	Module      moduleJSON     `json:"module"`
	DependsOn   []string       `json:"depends_on"`
}

const howToWrite = "write it with: terraform show -json tfplan > plan.json"

// decodePlan reads a plan's JSON, and says of anything else what it is.
func decodePlan(r io.Reader, name string) (*planJSON, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading the plan %s: %w", name, err)
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	switch trimmed := bytes.TrimSpace(b); {
	case len(trimmed) == 0:
		return nil, hint.Errorf(howToWrite, "the plan %s is empty", name)
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return nil, hint.Errorf(howToWrite, "%s is a binary plan file, not its JSON", name)
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return nil, hint.Errorf("write it with: terraform show -json tfplan | Out-File -Encoding utf8 plan.json", "the plan %s is UTF-16 text, as PowerShell's > writes it", name)
	case trimmed[0] == '[':
		return nil, hint.Errorf(howToWrite, "%s is JSON but not a plan", name)
	case trimmed[0] != '{':
		return nil, hint.Errorf(howToWrite, "the plan %s is not JSON", name)
	}

	var kind struct {
		FormatVersion string          `json:"format_version"`
		Level         string          `json:"@level"`
		Lineage       string          `json:"lineage"`
		Values        json.RawMessage `json:"values"`
		Changes       json.RawMessage `json:"resource_changes"`
		Planned       json.RawMessage `json:"planned_values"`
		Configuration json.RawMessage `json:"configuration"`
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&kind); err != nil {
		return nil, notJSON(name, b, err)
	}
	isPlan := kind.Changes != nil || kind.Planned != nil || kind.Configuration != nil
	major, _, _ := strings.Cut(kind.FormatVersion, ".")
	switch {
	case kind.Level != "":
		return nil, hint.Errorf("save the plan with -out=tfplan and "+howToWrite, "%s is the log of terraform plan -json, not a plan", name)
	case kind.Lineage != "" || (!isPlan && kind.Values != nil):
		return nil, hint.Errorf("give it as --state, and for the plan "+howToWrite, "%s is a state, not a plan", name)
	case !isPlan && kind.FormatVersion == "":
		return nil, hint.Errorf(howToWrite, "%s is JSON but not a plan", name)
	case major != "1":
		return nil, hint.Errorf(howToWrite+" with the Terraform that is in use now", "the plan %s has format_version %q, and reconcile reads 1.x (Terraform 1.1.1 and later)", name, kind.FormatVersion)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, hint.Errorf(howToWrite, "the plan %s goes on after its end", name)
	}

	p := &planJSON{}
	dec = json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(p); err != nil {
		return nil, notJSON(name, b, err)
	}
	return p, nil
}

func notJSON(name string, b []byte, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return hint.Errorf(howToWrite, "the plan %s is cut off after %d bytes", name, len(b))
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(b[:min(int(syntax.Offset), len(b))], []byte("\n"))
		return hint.Errorf(howToWrite, "the plan %s is not JSON: line %d holds a character that it does not allow there", name, line)
	}
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return hint.Errorf(howToWrite, "the plan %s is not one that Terraform wrote: %s holds a %s", name, typ.Field, typ.Value)
	}
	return hint.Errorf(howToWrite, "reading the plan %s: %w", name, err)
}

// references lists what an expression of the plan's configuration refers to,
// nested blocks included, without the prefixes that Terraform adds to each.
func references(expr any) []string {
	var out []string
	switch e := expr.(type) {
	case []any:
		for _, v := range e {
			out = append(out, references(v)...)
		}
	case map[string]any:
		for name, v := range e {
			list, isList := v.([]any)
			switch {
			case name == "constant_value":
			case name == "references" && isList:
				out = append(out, longest(list)...)
			default:
				out = append(out, references(v)...)
			}
		}
	}
	return out
}

// longest drops what is only the beginning of the reference before it:
// ["a.b.id", "a.b"] is one reference.
func longest(list []any) []string {
	var out []string
	for _, v := range list {
		ref, ok := v.(string)
		if !ok {
			continue
		}
		if n := len(out); n > 0 && (strings.HasPrefix(out[n-1], ref+".") || strings.HasPrefix(out[n-1], ref+"[")) {
			continue
		}
		out = append(out, ref)
	}
	return out
}

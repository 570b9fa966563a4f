package wanted

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"reconcile/internal/hint"
	"reconcile/internal/tfdir"
)

// ErrInput is the error of a -var or -var-file that cannot be taken.
var ErrInput = errors.New("a variable that was given cannot be taken")

// inputError keeps the message and the hint of what is wrong with an input.
type inputError struct{ error }

func (e inputError) Unwrap() []error { return []error{e.error, ErrInput} }

// variables gives the root's variables their values, in Terraform's order: the
// later wins. No value is ever put into a message.
func (pr *reading) variables(c Config, root *module) error {
	values, from := pr.world.variables, map[string]bool{}
	for name, decl := range root.variables {
		if text := c.getenv("TF_VAR_" + name); text != "" {
			v, err := decl.parse("TF_VAR_"+name, text)
			if err != nil {
				return err
			}
			values[name] = v
			from["TF_VAR_"+name] = true
		}
	}
	files := []string{"terraform.tfvars", "terraform.tfvars.json"}
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return fmt.Errorf("reading the configuration's folder: %w", err)
	}
	for _, e := range entries { // sorted by name, as Terraform reads them
		if n := e.Name(); strings.HasSuffix(n, ".auto.tfvars") || strings.HasSuffix(n, ".auto.tfvars.json") {
			files = append(files, n)
		}
	}
	for _, name := range files {
		found, err := variableFile(values, filepath.Join(c.Dir, name), name, true)
		if err != nil {
			return err
		}
		if found {
			from[name] = true
		}
	}
	for _, in := range c.Inputs {
		if in.File != "" {
			if _, err := variableFile(values, in.File, in.File, false); err != nil {
				return inputError{err}
			}
			from["--var-file "+filepath.Base(in.File)] = true
			continue
		}
		decl := root.variables[in.Name]
		if decl == nil {
			return inputError{hint.Errorf("look at its name in the configuration", "--var %s: the configuration has no variable of this name", in.Name)}
		}
		v, err := decl.parse("--var "+in.Name, in.Value)
		if err != nil {
			return inputError{err}
		}
		values[in.Name] = v
		from["--var "+in.Name] = true
	}
	pr.tellVariables(root, from)
	return nil
}

// tellVariables says where the values come from: a variable file that was
// forgotten makes other addresses.
func (pr *reading) tellVariables(root *module, from map[string]bool) {
	if len(root.variables) == 0 {
		return
	}
	var plain []string
	for name := range root.variables {
		if _, given := pr.world.variables[name]; !given {
			plain = append(plain, name)
		}
	}
	slices.Sort(plain)
	text := "no file, flag or environment"
	if len(from) > 0 {
		text = strings.Join(slices.Sorted(maps.Keys(from)), ", ")
	}
	if len(plain) > 0 {
		text += "; at their defaults are " + listed3(plain)
	}
	pr.note("variables have their values from %s", text)
}

// variableFile reads a .tfvars or .tfvars.json file.
func variableFile(into map[string]cty.Value, path, name string, mayLack bool) (found bool, err error) {
	src, err := os.ReadFile(path)
	if mayLack && errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, hint.File(path, "the variable file", "--var-file takes a path from here, not from --dir", err)
	}
	f, diags := tfdir.Parse(src, name)
	if diags.HasErrors() {
		return false, fmt.Errorf("reading the variables: %s", firstError(diags))
	}
	attrs, diags := f.Body.JustAttributes()
	if diags.HasErrors() {
		return false, fmt.Errorf("reading the variables: %s", firstError(diags))
	}
	for name, a := range attrs {
		v, diags := a.Expr.Value(nil)
		if diags.HasErrors() {
			return false, fmt.Errorf("reading the variables: %s", firstError(diags))
		}
		into[name] = v
	}
	return true, nil
}

// parse reads a value from a flag or the environment: text for a plain type,
// an expression for any other.
func (v *variable) parse(where, text string) (cty.Value, error) {
	if v.literal {
		return cty.StringVal(text), nil
	}
	e, diags := hclsyntax.ParseExpression([]byte(text), where, hcl.InitialPos)
	if !diags.HasErrors() {
		var out cty.Value
		if out, diags = e.Value(nil); !diags.HasErrors() {
			return out, nil
		}
	}
	return cty.NilVal, hint.Errorf("write it as in a .tfvars file", "%s is no expression of Terraform's language", where)
}

// attributeNames are all names that any expression of the configuration steps
// through.
func attributeNames(root *module) []string {
	var out []string
	add := func(e *expression) {
		if e != nil {
			out = append(out, e.attributes...)
		}
	}
	var blocks func(list []*nested)
	blocks = func(list []*nested) {
		for _, n := range list {
			add(n.forEach)
			for _, e := range n.attrs {
				add(e)
			}
			blocks(n.blocks)
		}
	}
	var walk func(m *module)
	walk = func(m *module) {
		for _, e := range m.locals {
			add(e)
		}
		for _, o := range m.outputs {
			add(o.value)
		}
		for _, r := range m.resources {
			add(r.count)
			add(r.forEach)
			for _, e := range r.attrs {
				add(e)
			}
			blocks(r.blocks)
		}
		for _, p := range m.providers {
			for _, e := range p.attrs {
				add(e)
			}
			for _, b := range p.blocks {
				for _, e := range b {
					add(e)
				}
			}
		}
		for _, c := range m.calls {
			add(c.count)
			add(c.forEach)
			for _, e := range c.args {
				add(e)
			}
			if c.module != nil {
				walk(c.module)
			}
		}
	}
	walk(root)
	return slices.Compact(slices.Sorted(slices.Values(out)))
}
